"""Ways through care: which course of which template follows which, and after how many days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from itertools import repeat
from typing import Any


@dataclass(frozen=True)
class Step:
    """One booking: a whole phase, or a single visit of it.

    It begins `least` to `most` days after the visit before it; the first one after the patient's
    own beginning.
    """

    template: str
    phase: str
    least: int
    most: int
    single: bool = False
    count: int | None = None  # more than the template's default needs an order
    minutes: Mapping[str, int] = field(default_factory=dict)  # part -> minutes, as ordered


def _visits(
    template: str, phase: str, least: int, most: int, minutes: Mapping[str, int] | None = None
) -> Step:
    return Step(template, phase, least, most, single=True, minutes=minutes or {})


MOOD, MOOD_TWICE, PAIN = "ket-mood-3x2", "ket-mood-2x3", "ket-pain-6"
AGAIN, NASAL = "ket-reinduction", "esketamine-trd"
SLOW = {"infusion": 60, "recovery": 45}
VITAMIN, INFUSION = "nad-plus", "infliximab-0-2-6-q8"


def _mood(template: str, **ordered: Any) -> Iterator[Step]:
    """Induction, four weekly visits, then boosters as they are needed."""
    minutes = ordered.get("minutes", {})
    yield Step(template, "induction", 0, 3, **ordered)
    yield from repeat(_visits(template, "taper", 7, 8, minutes), 4)
    yield from repeat(_visits(template, "booster", 7, 8, minutes))


def _again() -> Iterator[Step]:
    """Back after months: a short course, then boosters."""
    yield Step(AGAIN, "reinduction", 0, 3, count=6, minutes=SLOW)
    yield from repeat(_visits(AGAIN, "booster", 7, 8, SLOW))


def _pain(count: int | None) -> Iterator[Step]:
    """A series, two boosters, and another series when the benefit fades."""
    while True:
        yield Step(PAIN, "induction", 14, 18, count=count)
        yield from repeat(_visits(PAIN, "booster", 14, 15), 2)


def _nasal() -> Iterator[Step]:
    yield Step(NASAL, "weeks_1_4", 0, 3)
    yield from repeat(_visits(NASAL, "weeks_5_8", 6, 8), 4)
    yield from repeat(_visits(NASAL, "from_week_9", 13, 15))


def _vitamin() -> Iterator[Step]:
    """Not sedating and long; a few days close together, then every week."""
    yield from repeat(_visits(VITAMIN, "loading", 1, 2), 5)
    yield from repeat(_visits(VITAMIN, "maintenance", 7, 7))


def _vitamin_later() -> Iterator[Step]:
    yield from repeat(_visits(VITAMIN, "maintenance", 5, 6))


def _infusion() -> Iterator[Step]:
    yield from repeat(_visits(INFUSION, "maintenance", 55, 57))


WAYS: tuple[Callable[[], Iterator[Step]], ...] = (
    lambda: _mood(MOOD, minutes=SLOW),
    _vitamin_later,
    _nasal,
    _vitamin_later,
    lambda: _mood(MOOD_TWICE, minutes=SLOW),
    _vitamin,
    lambda: _pain(None),
    _vitamin_later,
    lambda: _mood(MOOD, count=8),
    _vitamin_later,
    _again,
    _vitamin,
    lambda: _pain(8),
    _vitamin_later,
    _infusion,
    _vitamin_later,
)


EARLY_AND_NOON = (time(8), time(8, 15), time(12), time(12, 15))
BETWEEN = (time(8, 30), time(11, 15), time(12), time(13, 45))
THIRDS = (time(9), time(10, 30), time(13), time(14, 30))
LATE = (time(9, 30), time(15), time(15, 15))


def journey(place: int) -> Iterator[Step]:
    """The way of the patient at this place of the list; it never ends."""
    return WAYS[place % len(WAYS)]()


def usual_hours(step: Step) -> tuple[time, ...]:
    """Starts that leave little of a chair's day over: long visits early, short ones last."""
    if step.template in (VITAMIN, INFUSION):
        return EARLY_AND_NOON
    if step.template in (PAIN, NASAL):
        return BETWEEN
    return THIRDS if step.minutes else LATE


def spread_days(step: Step) -> int:
    """Over how many days from the demo's first one patients begin: some are there already."""
    if step.single:
        return 6
    return 24 if step.template == PAIN else 100
