"""The clinic of the acceptance stories: New York, three chairs, Mon-Fri 8 to 17, Sat 9 to 13."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.planning.day_facts import ChairFacts, DayFacts, Held
from scheduler.planning.daybook import Day
from scheduler.planning.opening import (
    CoverSpan,
    OpeningSpan,
    cover_spans,
    instant,
    open_spans,
)
from scheduler.planning.visit import Part, VisitShape

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
HOURS = [
    *(OpeningSpan(day, time(8), time(17)) for day in range(5)),
    OpeningSpan(5, time(9), time(13)),
]
COVER = [CoverSpan(row.weekday, row.opens, row.closes, 2) for row in HOURS]
MOOD = VisitShape(
    parts=(
        Part(name="checkin", minutes=10, chair=False),
        Part(name="prep", minutes=15, nurse=((15, 100),)),
        Part(name="infusion", minutes=40, nurse=((10, 100), (0, 50))),
        Part(name="recovery", minutes=30, nurse=((0, 33),)),
        Part(name="discharge", minutes=5, nurse=((5, 100),)),
        Part(name="turnaround", minutes=15),
    ),
    sedating=True,
)
"""Mood std of domain C: 10 minutes of check-in, 105 minutes of chair."""
TALK = VisitShape(parts=(Part(name="prep", minutes=30),))
"""Half an hour of chair, no nurse."""


def at(on: date, hour: int, minute: int = 0) -> datetime:
    """Site wall time as an instant."""
    return instant(NEW_YORK, on, time(hour, minute))


def held(on: date, hour: int, minute: int = 0, chair: int = 1, shape: VisitShape = MOOD) -> Held:
    return Held(chair_id=chair, starts_at=at(on, hour, minute), shape=shape)


def facts(on: date, visits: Iterable[Held] = (), chairs: int = 3, nurses: int = 2) -> DayFacts:
    hours = open_spans(NEW_YORK, on, HOURS)
    cover = [replace(row, nurses=nurses) for row in COVER]
    return DayFacts(
        on=on,
        zone=NEW_YORK,
        chairs=tuple(
            ChairFacts(chair_id=number, name=f"Chair {number}", open=hours)
            for number in range(1, chairs + 1)
        ),
        cover=cover_spans(NEW_YORK, on, cover),
        providers=tuple((span, 1) for span in hours),
        patients_per_provider=99,
        held=tuple(visits),
        hours=hours,
        shortest_chair_minutes=30,
    )


def calendar(
    first_on: date, days: int, visits: Iterable[Held] = (), **clinic: int
) -> dict[date, Day]:
    by_date: dict[date, list[Held]] = {}
    for visit in visits:
        by_date.setdefault(visit.starts_at.astimezone(NEW_YORK).date(), []).append(visit)
    dates = [first_on + DAY * n for n in range(days)]
    return {on: Day.build(facts(on, by_date.get(on, ()), **clinic)) for on in dates}
