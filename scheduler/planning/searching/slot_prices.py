"""Optional prices that depend on a visit's start alone: crowded quarters, busy hours, closing time.

Each term is asked twice: as masks of a day's slots, for the search, and for one start, for a plan's
cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from scheduler.planning.day_facts import QUARTER_MINUTES
from scheduler.planning.daybook import Day
from scheduler.planning.interval import MINUTE
from scheduler.planning.request import Weights
from scheduler.planning.slots.plane import ones
from scheduler.planning.visit import VisitShape

LONG_MINUTES = 120
"""A visit is long when it holds its chair for so many minutes, turnaround included (SO10)."""
DEMAND_FROM, DEMAND_UNTIL = time(10), time(14)
"""The hours of most demand, site wall time, half-open (SO10)."""
SLACK_MINUTES = 30
"""A visit leaves so many minutes before closing, or it costs (SO11)."""

SlotPrice = tuple[int, int]
"""(price, the slots that cost it): a one-chair mask."""


def slot_prices(day: Day, shape: VisitShape, weights: Weights) -> list[SlotPrice]:
    """Every slot of the day by the sum of the optional prices of a start there, cheapest first."""
    found = {0: ones(0, day.grid.slots)}
    for price, mask in _terms(day, shape, weights):
        split: dict[int, int] = {}
        for known, slots in found.items():
            for total, part in ((known, slots & ~mask), (known + price, slots & mask)):
                if part:
                    split[total] = split.get(total, 0) | part
        found = split
    return sorted(found.items())


def _terms(day: Day, shape: VisitShape, weights: Weights) -> Iterator[SlotPrice]:
    if weights.stagger:
        for quarter, others in started(day).items():
            yield weights.stagger * others, _slots(day, quarter * QUARTER_MINUTES, QUARTER_MINUTES)
    if weights.prime and shape.chair_minutes >= LONG_MINUTES:
        first, until = _demand(day)
        begins = first - shape.chair_minutes + 1
        yield weights.prime, _slots(day, begins, until - begins)
    if weights.slack:
        begins = closing(day) - SLACK_MINUTES - shape.stay_minutes + 1
        yield weights.slack, _slots(day, begins, day.grid.minute(day.grid.slots) - begins)


def stagger_price(day: Day, weights: Weights, starts_at: datetime) -> int:
    """Per other visit of the site that starts in the same clock quarter (SO7)."""
    if not weights.stagger:
        return 0
    quarter = _minute(day, starts_at) // QUARTER_MINUTES
    return weights.stagger * started(day).get(quarter, 0)


def prime_price(day: Day, shape: VisitShape, weights: Weights, starts_at: datetime) -> int:
    """Once for a long visit that holds its chair in the hours of most demand (SO10)."""
    if not weights.prime or shape.chair_minutes < LONG_MINUTES:
        return 0
    first, until = _demand(day)
    minute = _minute(day, starts_at)
    return weights.prime * (minute < until and first < minute + shape.chair_minutes)


def slack_price(day: Day, shape: VisitShape, weights: Weights, starts_at: datetime) -> int:
    """Once for a visit whose patient leaves less than half an hour before closing (SO11)."""
    if not weights.slack:
        return 0
    leaves = _minute(day, starts_at) + shape.stay_minutes
    return weights.slack * (leaves > closing(day) - SLACK_MINUTES)


def started(day: Day) -> dict[int, int]:
    """Visits held by the clock quarter of their start, counted from local midnight."""
    found: dict[int, int] = {}
    for held in day.held:
        quarter = _minute(day, held.starts_at) // QUARTER_MINUTES
        found[quarter] = found.get(quarter, 0) + 1
    return found


def closing(day: Day) -> int:
    """When the site closes, in minutes since local midnight, closures aside; without hours the
    last minute of any chair."""
    ends = [span.ends_at for span in day.facts.hours]
    return max((_minute(day, at) for at in ends), default=day.grid.minute(day.grid.slots))


def _demand(day: Day) -> tuple[int, int]:
    return day.grid.wall_minute(DEMAND_FROM), day.grid.wall_minute(DEMAND_UNTIL)


def _minute(day: Day, at: datetime) -> int:
    return (at - day.grid.midnight) // MINUTE


def _slots(day: Day, minute: int, minutes: int) -> int:
    """Slots that begin in [minute, minute + minutes)."""
    grid = day.grid
    first = -((grid.first - minute) // grid.minutes)
    until = -((grid.first - minute - minutes) // grid.minutes)
    return ones(max(first, 0), min(max(until, 0), grid.slots))
