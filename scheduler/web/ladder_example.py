"""What a site's reminders mean for two visits: a live example beside the fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.planning.due_times import due
from scheduler.planning.ladder import Ladder
from scheduler.planning.opening import instant
from scheduler.planning.preparation import PrepSet, PrepTimes, clock_times
from scheduler.planning.reminders import Occasion, escalations, reminders
from scheduler.planning.visit import Part, VisitShape
from scheduler.planning.words.clock import clock, day_of
from scheduler.planning.words.reminder import about

STARTS = (time(9), time(14))
SHAPE = VisitShape(parts=(Part(name="infusion", minutes=90),), arrive_early_minutes=15)
PREP = PrepSet(fasting_solids_minutes=240, limit_fluids_minutes=120, driver="required")
"""Four hours without food, two without drinks, somebody drives."""
AHEAD = timedelta(days=14)
AFTER = ("R6", "R8", "R9")
"""Rungs with a wall time of the visit's that something else sets off."""


@dataclass(frozen=True)
class Line:
    """One message or call, when it happens."""

    at: datetime
    when: str
    what: str
    call: bool = False


@dataclass(frozen=True)
class Example:
    """A first visit at this hour, and everything that happens around it, in order."""

    visit: str
    stop: str
    lines: tuple[Line, ...]


def examples(ladder: Ladder, zone: ZoneInfo, today: date) -> tuple[Example, ...]:
    """For a first visit on the Wednesday after next, in the morning and in the afternoon."""
    wednesday = today + timedelta(days=2 - today.weekday()) + AHEAD
    return tuple(_example(ladder, zone, wednesday, at) for at in STARTS)


def _example(ladder: Ladder, zone: ZoneInfo, on: date, at: time) -> Example:
    times = clock_times(PREP, SHAPE, instant(zone, on, at), zone)
    booked_at = times.starts_at - AHEAD
    asked = Occasion(times=times, booked_at=booked_at, number=1)
    lines = [
        _line(one.due_at, times, about(one.rule) + (", the next way" if one.second else ""))
        for one in reminders(ladder, asked)
    ]
    lines += [
        _line(one.at, times, _unanswered(ladder, one.rule_id), call=True)
        for one in escalations(ladder, asked)
    ]
    for rule in ladder.rules:
        if rule.id in AFTER and (due_at := due(rule, times, ladder.window)) is not None:
            lines.append(_line(due_at, times, about(rule)))
    return Example(
        visit=f"{day_of(times.starts_at, zone)}, {clock(times.starts_at, zone)}",
        stop=clock(times.food_stop_at or times.starts_at, zone),
        lines=tuple(sorted(lines, key=lambda line: line.at)),
    )


def _unanswered(ladder: Ladder, rule_id: str) -> str:
    rule = ladder.rule(rule_id)
    return f"no answer about {about(rule) if rule else rule_id}: a person calls"


def _line(at: datetime, times: PrepTimes, what: str, *, call: bool = False) -> Line:
    when = f"{day_of(at, times.zone)}, {clock(at, times.zone)}"
    return Line(at=at, when=when, what=what, call=call)
