"""What is asked of the dates of a series, as whole numbers: days from the earliest one, scaled
prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Protocol

from scheduler.planning.calendar_months import months_later

NEVER = 1 << 100
"""The price of what is not allowed."""
WIDE_GAP = 14
NARROW_GAP = 7


@dataclass
class Effort:
    """Steps that searches may still take together; counted, not timed, so that answers repeat.

    A step is about a microsecond. A search that runs out stops with the best found so far.
    """

    left: int = 150_000

    @property
    def lasts(self) -> bool:
        return self.left > 0

    def spend(self, steps: int = 1) -> None:
        self.left -= steps


@dataclass(frozen=True)
class GapRange:
    """Days that a visit may lie after the day it counts from: least to most, `price` for each day
    off the target. With `months` all of them are counted from so many calendar months later;
    `origin` is then the ordinal of day 0."""

    least: int
    target: int
    most: int
    price: int = 0
    months: int = 0
    origin: int = 0

    @cached_property
    def prices(self) -> list[int]:
        return [self.price * abs(gap - self.target) for gap in range(self.least, self.most + 1)]

    @property
    def shortest(self) -> int:
        return max(1, self.least + 28 * self.months)

    @property
    def longest(self) -> int:
        return self.most + 31 * self.months

    def from_(self, day: int) -> int:
        """The first day that this reaches from `day`; `prices` are its and those of the next."""
        return (
            day + self.least + (_month_days(self.origin + day, self.months) if self.months else 0)
        )

    def between(self, day: int, later: int) -> int:
        """The price of the distance from one day to a later one, NEVER outside the limits."""
        place = later - self.from_(day)
        fits = later > day and 0 <= place <= self.most - self.least
        return self.prices[place] if fits else NEVER

    @property
    def narrow(self) -> GapRange:
        """Near the target only, where much more is allowed."""
        if self.most <= self.target + WIDE_GAP:
            return self
        return replace(self, most=max(self.target, self.least) + NARROW_GAP)


@lru_cache(maxsize=4096)
def _month_days(ordinal: int, months: int) -> int:
    return months_later(date.fromordinal(ordinal), months).toordinal() - ordinal


@dataclass(frozen=True)
class Step:
    """How a new visit counts: from the new visit `of` (numbers from 0); always after the one
    before it."""

    of: int
    reach: GapRange


@dataclass(frozen=True)
class Pin:
    """A distance between new visit `number` and a fixed day: the visit counts from that day, or
    what is on that day counts from the visit (`follows`)."""

    number: int
    day: int
    reach: GapRange
    follows: bool = False

    def price(self, day: int) -> int:
        pair = (day, self.day) if self.follows else (self.day, day)
        return self.reach.between(*pair)


@dataclass(frozen=True, kw_only=True)
class Course:
    """What is asked of the dates. `after` and `before` are fixed days around the new ones.

    Day offsets may be negative for `after`. `horizon` is the last day that may be used. `steps` has
    one entry for every new visit but the first; `pins` are distances to fixed days. All reaches and
    `most_days` are finite.
    """

    count: int
    horizon: int
    steps: tuple[Step, ...]
    most_days: int
    pins: tuple[Pin, ...] = ()
    per_week: int | None = None
    after: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    early_price: int = 0
    day_price: int = 0

    @property
    def span_limit(self) -> int:
        """Between two fixed visits the new ones cannot make the series longer than it is."""
        return NEVER if self.after and self.before else self.most_days

    def free(self) -> Course:
        """Without prices: only whether dates exist."""
        return replace(
            self,
            steps=tuple(replace(one, reach=replace(one.reach, price=0)) for one in self.steps),
            pins=tuple(replace(one, reach=replace(one.reach, price=0)) for one in self.pins),
            early_price=0,
            day_price=0,
        )

    def alone(self) -> Course:
        """Without the fixed visits around the new ones."""
        return replace(self, after=(), before=(), pins=())

    @cached_property
    def narrow(self) -> Course | None:
        """With distances near their targets only; None if all of them are."""
        steps = tuple(replace(one, reach=one.reach.narrow) for one in self.steps)
        return None if steps == self.steps else replace(self, steps=steps)

    @cached_property
    def is_possible(self) -> bool:
        """Some distance could be kept at all, and the least of all fit the span."""
        reaches = [step.reach for step in self.steps] + [pin.reach for pin in self.pins]
        kept = all(reach.least <= reach.most for reach in reaches)
        return self.count > 0 and kept and self.soonest[-1] <= self.span_limit

    @property
    def last_day(self) -> int:
        """New visits come before the fixed ones that follow."""
        return min(self.horizon, self.before[0] - 1) if self.before else self.horizon

    @cached_property
    def soonest(self) -> tuple[int, ...]:
        """No visit lies fewer days after the first new one."""
        found = [0]
        for step in self.steps:
            found.append(max(found[-1] + 1, found[step.of] + step.reach.shortest))
        return tuple(found)

    @cached_property
    def latest(self) -> tuple[int, ...]:
        """No visit lies more days after the first new one."""
        found = [0]
        for step in self.steps:
            found.append(found[step.of] + step.reach.longest)
        return tuple(found)

    @cached_property
    def keeps(self) -> tuple[tuple[int, ...], ...]:
        """Once a visit is placed: the visits before it whose days are still counted from."""
        ofs = [(number, step.of) for number, step in enumerate(self.steps, 1)]
        return tuple(
            tuple(sorted({of for then, of in ofs if of <= placed < then and of != then - 1}))
            for placed in range(self.count)
        )

    @cached_property
    def carried(self) -> tuple[tuple[int | None, ...], ...]:
        """For each day of `keeps`: its place among those kept before; None: the visit's own day."""
        before = ((), *self.keeps)
        return tuple(
            tuple(None if one == number else before[number].index(one) for one in kept)
            for number, kept in enumerate(self.keeps)
        )

    @cached_property
    def is_chain(self) -> bool:
        """Each new visit counts from the one before it, or from a fixed day."""
        return not any(self.keeps)

    @cached_property
    def counts_weeks(self) -> bool:
        """Could 7 days ever hold too many visits?"""
        if self.per_week is None:
            return False
        chained = [step.reach.shortest for place, step in enumerate(self.steps) if step.of == place]
        least = min(chained, default=7) if len(chained) == len(self.steps) else 1
        return bool(self.after or self.before) or -(-7 // least) > self.per_week

    @cached_property
    def spots(self) -> dict[int, list[int]]:
        """By new visit: the price of each day from 0 to the horizon by its distances to fixed
        days."""
        found: dict[int, list[int]] = {}
        for pin in self.pins:
            prices = [pin.price(day) for day in range(self.horizon + 1)]
            known = found.get(pin.number)
            found[pin.number] = (
                prices
                if known is None
                else [min(NEVER, a + b) for a, b in zip(known, prices, strict=True)]
            )
        return found

    def first_days(self) -> tuple[int, int]:
        """The earliest and the latest day that the first new visit may have."""
        first, last = 0, self.last_day - self.soonest[-1]
        for earliest, latest in self._first_limits():
            first, last = max(first, earliest), min(last, latest)
        return first, last

    def _first_limits(self) -> Iterator[tuple[int, int]]:
        for number, prices in self.spots.items():
            days = [day for day, price in enumerate(prices) if price < NEVER] or [-1]
            yield days[0] - self.latest[number], days[-1] - self.soonest[number]
        if self.after:
            yield self.after[-1] + 1, self.after[0] + self.span_limit
        elif self.before:
            yield self.before[-1] - self.most_days, self.horizon


class Prices(Protocol):
    """What the visits cost on each day, scaled."""

    def usable(self, day: int) -> bool:
        """False where no visit can be, told without looking at the day."""
        ...

    def price(self, number: int, day: int) -> int:
        """Of visit `number` (from 0) on a usable day; NEVER where it cannot be."""
        ...


@dataclass(frozen=True)
class Dates:
    """Days of the new visits and what they cost, scaled."""

    cost: int
    days: tuple[int, ...]
