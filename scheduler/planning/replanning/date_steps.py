"""The spacing of a series, asked one visit after the other: gap, 7 days, span (domain H5-H7)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from scheduler.planning.schedules import Gap
from scheduler.planning.spacing import Anchored, Spacing, gap_from, off_target

WEEK = 7
MOVED = -1


class Stood(NamedTuple):
    """A visit in a plan: its date's ordinal, its number, and the place in the series (from 0) of
    one that stands where it stood before, MOVED of another."""

    day: int
    number: int
    place: int

    @property
    def stays(self) -> bool:
        return self.place != MOVED

    def is_next_of(self, before: Stood) -> bool:
        """Both stay, and followed each other before."""
        return before.stays and self.place == before.place + 1


Path = tuple[Stood, ...]
Limits = tuple[int, int | None]
"""The first and the last ordinal that a gap allows, None: no last one."""


class DateSteps:
    """What the next visit may do after those before it.

    What only visits that stay break is not held against a plan: it was booked so, with somebody's
    word for it.
    """

    def __init__(self, spacing: Spacing) -> None:
        self.spacing = spacing
        self.referred = {one.of for one in spacing.anchored if one.of is not None}

    def window(self, days: Sequence[int], before: int, numbers: tuple[int, int]) -> tuple[int, int]:
        """The slice of the sorted `days` on which visit `numbers[1]` may follow visit `numbers[0]`
        on `before`; what it counts from beside that visit is not looked at."""
        anchor = self.spacing.anchor_of.get(numbers[1])
        if anchor is None:
            first, last = _limits(self.spacing.gap, self.spacing.months, before)
        elif anchor.of is None or anchor.of == numbers[0]:
            since = before if anchor.on is None else anchor.on.toordinal()
            first, last = _limits(anchor.gap, anchor.months, since)
        else:
            first, last = before + 1, None
        start = bisect_left(days, max(first, before + 1))
        return start, len(days) if last is None else max(start, bisect_right(days, last))

    def allows(self, path: Path, following: Stood) -> bool:
        anchor = self.spacing.anchor_of.get(following.number)
        if anchor is not None and not self._anchor_allows(path, following, anchor):
            return False
        if not path:
            return True
        return (
            self._gap_allows(path[-1], following, anchored=anchor is not None)
            and self._week_allows(path, following)
            and self._span_allows(path[0], following)
        )

    def memory(self, path: Path) -> tuple[object, ...]:
        """All that later visits can tell of the earlier ones."""
        last = path[-1].day
        recent = tuple(stood for stood in path if last - stood.day < WEEK - 1)
        referred = tuple(stood for stood in path if stood.number in self.referred)
        first = path[0] if self.spacing.max_days is not None else None
        return len(path), path[-1], recent, referred, first

    def off_target(self, path: Path, following: Stood) -> int:
        """Days off the gap that an added visit aims at."""
        numbered = [(one.number, date.fromordinal(one.day)) for one in (*path, following)]
        return off_target(numbered, self.spacing, (following.number,))

    def _anchor_allows(self, path: Path, following: Stood, anchor: Anchored) -> bool:
        """Counted from the visit or the date that it refers to; without it nothing is counted."""
        since = next((stood for stood in path if stood.number == anchor.of), None)
        day = anchor.on.toordinal() if anchor.on else since.day if since else None
        as_before = following.stays and (since is None or since.stays)
        if day is None or as_before:
            return True
        first, last = _limits(anchor.gap, anchor.months, day)
        return first <= following.day and (last is None or following.day <= last)

    def _gap_allows(self, before: Stood, following: Stood, *, anchored: bool) -> bool:
        if following.is_next_of(before):
            return True
        if anchored:
            return following.day > before.day
        first, last = _limits(self.spacing.gap, self.spacing.months, before.day)
        return first <= following.day and (last is None or following.day <= last)

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


def _limits(gap: Gap, months: int, since: int) -> Limits:
    if months:
        gap = gap_from(gap, months, date.fromordinal(since))
    last = None if gap.hard_max is None else since + gap.hard_max
    return since + max(1, gap.hard_min), last
