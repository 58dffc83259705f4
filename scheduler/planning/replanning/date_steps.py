"""The spacing of a series, asked one visit after the other: gap, 7 days, span (domain H5-H7)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from scheduler.planning.spacing import Spacing

WEEK = 7


class Stood(NamedTuple):
    """A visit in a plan: its date's ordinal, and whether it stands where it stood before."""

    day: int
    stays: bool


Path = tuple[Stood, ...]


class DateSteps:
    """What the next visit may do after those before it.

    What only visits that stay break is not held against a plan: it was booked so, with somebody's
    word for it.
    """

    def __init__(self, spacing: Spacing) -> None:
        self.spacing = spacing

    def window(self, days: Sequence[int], before: int) -> tuple[int, int]:
        """The slice of the sorted `days` whose gap to the visit on `before` is allowed."""
        first = bisect_left(days, before + self.spacing.least_gap)
        most = self.spacing.gap.hard_max
        return first, len(days) if most is None else bisect_right(days, before + most)

    def allows(self, path: Path, following: Stood) -> bool:
        if not path:
            return True
        return (
            self._gap_allows(path[-1], following)
            and self._week_allows(path, following)
            and self._span_allows(path[0], following)
        )

    def memory(self, path: Path) -> tuple[object, ...]:
        """All that later visits can tell of the earlier ones."""
        last = path[-1].day
        recent = tuple(stood for stood in path if last - stood.day < WEEK - 1)
        return len(path), path[-1], recent, path[0] if self.spacing.max_days is not None else None

    def _gap_allows(self, before: Stood, following: Stood) -> bool:
        if before.stays and following.stays:
            return True
        days, most = following.day - before.day, self.spacing.gap.hard_max
        return days >= self.spacing.least_gap and (most is None or days <= most)

    def _week_allows(self, path: Path, following: Stood) -> bool:
        most = self.spacing.max_per_7d
        if most is None:
            return True
        week = [stood for stood in path if following.day - stood.day < WEEK]
        stays = following.stays and all(stood.stays for stood in week)
        return stays or len(week) + 1 <= most

    def _span_allows(self, first: Stood, following: Stood) -> bool:
        most = self.spacing.max_days
        stays = first.stays and following.stays
        return most is None or stays or following.day - first.day <= most
