"""The cheapest dates of a series, exactly: a bound for every first day, then dynamic programming.

Visits of one series never share a day, so the best place within each day is chosen first and the
days are chosen by its price. Days are whole numbers from the earliest day; prices are scaled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from scheduler.planning.searching.course import NEVER, Course, Dates, Effort, Prices
from scheduler.planning.searching.date_bound import Rest
from scheduler.planning.searching.date_layers import Exact

WEEK_MASK = 0b1111111
FIRST_CHUNK = 7
WIDE_GAP = 14
"""Gaps that may be so many days over the target are first looked for near the target."""


class DateSearch:
    """One course with its prices; the effort is shared with other searches."""

    def __init__(self, course: Course, prices: Prices, effort: Effort) -> None:
        self.course, self.prices, self.effort = course, prices, effort
        self.usable, self.price = prices.usable, prices.price
        gaps = range(course.least_gap, course.most_gap + 1)
        self.gap_prices = [course.gap_price * abs(gap - course.target) for gap in gaps]
        self.counts_weeks = course.per_week is not None and (
            bool(course.after or course.before) or -(-7 // course.least_gap) > course.per_week
        )

    def best(self, ceiling: int = NEVER) -> Dates | None:
        """The cheapest dates that cost less than the ceiling."""
        course, found = self.course, None
        if course.count < 1 or (course.has_gaps and course.least_gap > course.most_gap):
            return None
        if (course.count - 1) * course.least_gap > course.span_limit:
            return None
        if course.most_gap > course.target + WIDE_GAP:
            found = self._narrow().best(ceiling)
            ceiling = found.cost if found else ceiling
        first, last = self._first_days()
        size = FIRST_CHUNK
        while first <= last and self._least_from(first) < ceiling and self.effort.lasts:
            firsts = range(first, min(first + size, last + 1))
            found = self._best_of(firsts, ceiling) or found
            ceiling = found.cost if found else ceiling
            first, size = first + size, size * 2
        return found

    def _narrow(self) -> DateSearch:
        """The same search with gaps near the target: its answer bounds the wide one."""
        target = max(self.course.target, self.course.least_gap)
        return DateSearch(replace(self.course, most_gap=target + 7), self.prices, self.effort)

    def _first_days(self) -> tuple[int, int]:
        """The earliest and the latest day that the first new visit may have."""
        course = self.course
        first, last = 0, course.horizon - (course.count - 1) * course.least_gap
        if course.after:
            first = max(first, course.after[-1] + course.least_gap)
            last = min(last, course.after[-1] + course.most_gap)
            last = min(last, course.after[0] + course.span_limit)
        if course.before:
            last = min(last, course.before[0] - course.count * course.least_gap)
            first = max(first, course.before[0] - course.count * course.most_gap)
            if not course.after:
                first = max(first, course.before[-1] - course.most_days)
        return first, last

    def _least_from(self, first: int) -> int:
        """No series that begins on this day or later costs less."""
        course = self.course
        later = course.least_gap * (course.count * (course.count - 1) // 2)
        return course.early_price * first + course.day_price * (course.count * first + later)

    def limit(self, first: int) -> int:
        """The last day of a series that begins on `first`."""
        course = self.course
        begun = course.after[0] if course.after else first
        limit = min(course.horizon, begun + course.span_limit)
        return min(limit, first + (course.count - 1) * course.most_gap)

    def last_under(self, first: int, ceiling: int) -> int:
        """No series that begins on `first` or later and costs less than the ceiling ends later."""
        course = self.course
        if ceiling >= NEVER or not course.day_price:
            return course.horizon
        spare = max(ceiling - self._least_from(first), 0) // course.day_price
        return first + (course.count - 1) * course.least_gap + spare

    # -- a bound without weeks and span for each first day, then the exact answer where it may win

    def _best_of(self, firsts: range, ceiling: int) -> Dates | None:
        rest = Rest(self, firsts, ceiling)
        found = None
        for bound, first in sorted((rest.total(first), first) for first in firsts):
            if bound >= ceiling:
                break
            chain = rest.chain(first)
            if self._is_legal(chain):
                one: Dates | None = Dates(bound, chain)
            else:
                one = Exact(self, rest, first, ceiling).best()
            if one:
                found, ceiling = one, one.cost
            if not self.effort.lasts:
                break
        return found

    def _is_legal(self, days: Sequence[int]) -> bool:
        """Weeks and span; gaps are right by the way the days were found."""
        if days[-1] > self.limit(days[0]):
            return False
        if not self.counts_weeks:
            return True
        mask, last = self.week_before(days[0]), days[0]
        for before, day in pairwise((days[0], *days)):
            mask, last = self.next_week(mask, day - before), day
            if not self.week_allows(mask):
                return False
        return self.end_allows(last, mask)

    # -- the 7 days that end with a visit, as bits: bit j is a visit j days before

    def week_before(self, first: int) -> int:
        """The week of the first new visit."""
        return 1 | sum(1 << (first - day) for day in self.course.after if 0 < first - day < 7)

    def next_week(self, mask: int, gap: int) -> int:
        return (mask << gap | 1) & WEEK_MASK if gap else mask

    def week_allows(self, mask: int) -> bool:
        return self.course.per_week is None or mask.bit_count() <= self.course.per_week

    def end_allows(self, last: int, mask: int) -> bool:
        """The fixed visits that follow leave the weeks that reach back to a new visit within
        limits."""
        day = last
        for fixed in self.course.before:
            if fixed - last > 6:
                break
            mask, day = self.next_week(mask, fixed - day), fixed
            if not self.week_allows(mask):
                return False
        return True

    def first_price(self, first: int) -> int:
        """What the first new visit costs by its day alone, gap to the visit before included."""
        price = self.course.early_price * first
        if self.course.after:
            price += self.gap_prices[first - self.course.after[-1] - self.course.least_gap]
        return price

    def end_price(self, last: int) -> int:
        """The gap from the last new visit to the fixed one that follows."""
        if not self.course.before:
            return 0
        place = self.course.before[0] - last - self.course.least_gap
        return self.gap_prices[place] if 0 <= place < len(self.gap_prices) else NEVER
