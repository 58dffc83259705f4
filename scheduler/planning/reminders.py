"""The reminder ladder: which message is due when, in the site's wall time (domain G)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from scheduler.planning import opening
from scheduler.planning.preparation import PrepTimes

DAY = timedelta(days=1)
WINDOW = (time(8), time(20))
"""Messages leave between these wall times, closed at both ends; tested on the due time."""
GRACE = timedelta(minutes=30)
"""A due message may leave this much later, whatever the hour."""
FOLD_DAYS = 3
"""R3 of a visit that comes at most this many days after another stands in that visit's R4."""
KINDS = {"R3": "r3", "R3p": "r3", "R4": "r4", "R5": "r5"}
"""The rungs that are sent before a visit; the words of r3 follow the preparation."""
_LOCAL = re.compile(r"D(-\d+)? (\d{2}):(\d{2})")


@dataclass(frozen=True, kw_only=True)
class ReminderRule:
    """One rung as data; `at`, `when`, `escalate` keep domain E's plain form: files round-trip."""

    id: str  # R0 .. R13, R3p, or a clinic's own
    at: dict[str, Any]
    when: dict[str, Any] | None = None
    channels: tuple[str, ...] = ()
    action: str = "none"
    escalate: dict[str, Any] | None = None
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """One message before one visit, aware UTC; after `useless_at` it helps nobody (trust I16)."""

    kind: str  # r3 r4 r5
    due_at: datetime
    useless_at: datetime


STANDARD_RULES = (
    ReminderRule(id="R3", at={"local": "D-3 10:00"}),
    ReminderRule(id="R4", at={"rule": "evening_rule", "else_local": "D-1 18:00"}),
    ReminderRule(
        id="R5", at={"anchor": "fast_stop", "offset_min": -60}, when={"inside": "send_window"}
    ),
)
"""The ladder of domain G, for a template that names none."""


def reminders(
    rules: Iterable[ReminderRule],
    times: PrepTimes,
    *,
    after: datetime,
    days_since_previous: int | None,
) -> list[Reminder]:
    """What is still to be sent before this visit, in order.

    `after`: what is due up to then is dropped, the confirmation that leaves then says the same.
    `days_since_previous`: calendar days from the patient's visit before this one, if there is one.
    """
    folded = days_since_previous is not None and days_since_previous <= FOLD_DAYS
    found = []
    for rule in rules:
        kind = KINDS.get(rule.id)
        if kind is None or (kind == "r3" and folded):
            continue
        due_at = due(rule, times)
        if due_at is not None and after < due_at < times.starts_at:
            useless_at = _useless(kind, due_at, times)
            found.append(Reminder(kind=kind, due_at=due_at, useless_at=useless_at))
    return sorted(found, key=lambda one: one.due_at)


def due(rule: ReminderRule, times: PrepTimes) -> datetime | None:
    """When a rung is due for this visit, aware UTC; None if its rule does not hold here.

    Raises ValueError for an `at` that is not one of domain E's forms for a visit.
    """
    if rule.at.get("rule") == "evening_rule":
        return evening(times)
    if "local" in rule.at:
        return _earlier_if_shut(_on_the_wall(rule.at["local"], times), times)
    if rule.at.get("anchor") in ("fast_stop", "start"):
        return _from_anchor(rule, times)
    raise ValueError(f"a reminder cannot be due at {rule.at}")


def evening(times: PrepTimes) -> datetime:
    """The evening rule: D-1 at 20:00 if the stop minus 60 minutes is out of the window, else 18:00.

    A fast so long that it begins on the evening before is told an hour ahead of it, or at 18:00 if
    that is earlier.
    """
    notice = _hour_before_stop(times)
    if notice is None:
        return _at(times, -1, time(18))
    if not inside_window(notice, times):
        late = _at(times, -1, WINDOW[1])
        return late if late < notice else _earlier_if_shut(notice, times)
    return min(_at(times, -1, time(18)), notice)


def inside_window(at: datetime, times: PrepTimes) -> bool:
    """Closed at both ends, on the site's wall clock."""
    return WINDOW[0] <= times.local(at).time().replace(tzinfo=None) <= WINDOW[1]


def may_leave(due_at: datetime, now: datetime, times: PrepTimes) -> bool:
    """In the window, or at most GRACE after the due time."""
    return now <= due_at + GRACE or inside_window(now, times)


def next_opening(now: datetime, times: PrepTimes) -> datetime:
    """When the window opens next, aware UTC."""
    wall = times.local(now)
    on = wall.date() if wall.time() < WINDOW[0] else wall.date() + DAY
    return opening.instant(times.zone, on, WINDOW[0])


def _hour_before_stop(times: PrepTimes) -> datetime | None:
    stop = times.first_stop_at
    return None if stop is None else stop - timedelta(minutes=60)


def _from_anchor(rule: ReminderRule, times: PrepTimes) -> datetime | None:
    """R5 is for the same day only; a stop on the day before is the evening's matter."""
    base = times.starts_at if rule.at["anchor"] == "start" else times.first_stop_at
    if base is None:
        return None
    due_at = base + timedelta(minutes=rule.at.get("offset_min", 0))
    if (rule.when or {}).get("inside") == "send_window":
        today = times.local(due_at).date() == times.on
        return due_at if today and inside_window(due_at, times) else None
    return _earlier_if_shut(due_at, times)


def _on_the_wall(text: str, times: PrepTimes) -> datetime:
    match = _LOCAL.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a day and an hour such as 'D-3 10:00'")
    return _at(times, int(match[1] or 0), time(int(match[2]), int(match[3])))


def _at(times: PrepTimes, days: int, wall: time) -> datetime:
    """A wall time `days` calendar days from the visit: never "minus 24 hours" (domain G)."""
    return opening.instant(times.zone, times.on + days * DAY, wall)


def _earlier_if_shut(at: datetime, times: PrepTimes) -> datetime:
    """The same instant, or the end of the window before it."""
    if inside_window(at, times):
        return at
    wall = times.local(at)
    on = wall.date() if wall.time() > WINDOW[1] else wall.date() - DAY
    return opening.instant(times.zone, on, WINDOW[1])


def _useless(kind: str, due_at: datetime, times: PrepTimes) -> datetime:
    """R3 gives way to R4; R5 speaks of a stop that must lie ahead; R4 helps until the arrival."""
    if kind == "r3":
        return max(evening(times), due_at + GRACE)
    if kind == "r5":
        return max(times.first_stop_at or due_at, due_at + GRACE)
    return max(times.arrives_at, due_at + GRACE)
