"""What is asked of the dates of a series, as whole numbers: days from the earliest one, scaled
prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

NEVER = 1 << 100
"""The price of what is not allowed."""


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


@dataclass(frozen=True, kw_only=True)
class Course:
    """What is asked of the dates. `after` and `before` are fixed days around the new ones.

    Day offsets may be negative for `after`. `horizon` is the last day that may be used; `most_gap`
    and `most_days` are already finite.
    """

    count: int
    horizon: int
    least_gap: int
    most_gap: int
    target: int
    most_days: int
    per_week: int | None = None
    after: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    early_price: int = 0
    day_price: int = 0
    gap_price: int = 0

    @property
    def span_limit(self) -> int:
        """Between two fixed visits the new ones cannot make the series longer than it is."""
        return NEVER if self.after and self.before else self.most_days

    @property
    def has_gaps(self) -> bool:
        """A single visit has no distance to keep to anything."""
        return self.count + len(self.after) + len(self.before) > 1


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
