"""The cheapest dates of a series, exactly: a bound for every first day, then dynamic programming.

Visits of one series never share a day, so the best place within each day is chosen first and the
days are chosen by its price. Days are whole numbers from the earliest day; prices are scaled.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from scheduler.planning.searching.course import NEVER, Course, Dates, Effort, Prices
from scheduler.planning.searching.date_bound import AnchoredBound, Bound, ChainBound, Place
from scheduler.planning.searching.date_layers import Exact

WEEK_MASK = 0b1111111
FIRST_CHUNK = 7


class DateSearch:
    """One course with its prices; the effort is shared with other searches."""

    def __init__(self, course: Course, prices: Prices, effort: Effort) -> None:
        self.course, self.prices, self.effort = course, prices, effort
        self.usable, self.price = prices.usable, prices.price
        self.anchored: AnchoredBound | None = None

    def best(self, ceiling: int = NEVER) -> Dates | None:
        """The cheapest dates that cost less than the ceiling."""
        course, found = self.course, None
        if not course.is_possible:
            return None
        if course.narrow:
            found = DateSearch(course.narrow, self.prices, self.effort).best(ceiling)
            ceiling = found.cost if found else ceiling
        first, last = course.first_days()
        size = FIRST_CHUNK if course.is_chain else 1
        while first <= last and self._least_from(first) < ceiling and self.effort.lasts:
            firsts = range(first, min(first + size, last + 1))
            found = self._best_of(firsts, ceiling) or found
            ceiling = found.cost if found else ceiling
            first, size = first + size, size * 2 if course.is_chain else size
        return found

    def _least_from(self, first: int) -> int:
        """No series that begins on this day or later costs less."""
        course = self.course
        later = course.count * first + sum(course.soonest)
        return course.early_price * first + course.day_price * later

    def limit(self, first: int) -> int:
        """The last day of a series that begins on `first`."""
        course = self.course
        begun = course.after[0] if course.after else first
        return min(course.last_day, begun + course.span_limit, first + course.latest[-1])

    def last_under(self, first: int, ceiling: int) -> int:
        """No series that begins on `first` or later and costs less than the ceiling ends later."""
        course = self.course
        if ceiling >= NEVER or not course.day_price:
            return course.horizon
        spare = max(ceiling - self._least_from(first), 0) // course.day_price
        return first + course.soonest[-1] + spare

    # -- a bound without weeks and span for each first day, then the exact answer where it may win

    def _best_of(self, firsts: range, ceiling: int) -> Dates | None:
        rest = self._bound(firsts, ceiling)
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

    def _bound(self, firsts: range, ceiling: int) -> Bound:
        if self.course.is_chain:
            return ChainBound(self, firsts, ceiling)
        self.anchored = self.anchored or AnchoredBound(self)
        return self.anchored

    def _is_legal(self, days: Sequence[int]) -> bool:
        """Weeks and span; gaps are right by the way the days were found."""
        if days[-1] > self.limit(days[0]):
            return False
        if not self.course.counts_weeks:
            return True
        mask, last = self.week_before(days[0]), days[0]
        for before, day in pairwise((days[0], *days)):
            mask, last = self.next_week(mask, day - before), day
            if not self.week_allows(mask):
                return False
        return self.end_allows(last, mask)

    # -- places: a visit's day, and the days before it that later visits count from

    def begin(self, first: int) -> Place:
        return first, (first,) * len(self.course.keeps[0])

    def advance(self, number: int, day: int, place: Place) -> Place:
        """The place of visit `number` on this day after the place of the visit before it."""
        carried = self.course.carried[number]
        return day, tuple([day if one is None else place[1][one] for one in carried])

    def gaps(self, number: int, place: Place) -> tuple[int, list[int]]:
        """The first day that visit `number` may have after `place`; prices of it and the next."""
        step, (before, anchors) = self.course.steps[number - 1], place
        of = before
        if step.of != number - 1:
            of = anchors[self.course.keeps[number - 1].index(step.of)]
        start, prices = step.reach.from_(of), step.reach.prices
        return (start, prices) if start > before else (before + 1, prices[before + 1 - start :])

    # -- prices

    def visit_price(self, number: int, day: int) -> int:
        """Of one visit on a day: its place, the delay, its distances to fixed days."""
        spot = self.course.spots.get(number)
        if not self.usable(day) or (spot and spot[day] >= NEVER):
            return NEVER
        price = self.price(number, day) + self.course.day_price * day
        return price + spot[day] if spot else price

    def first_price(self, first: int) -> int:
        """What the first new visit costs for being the first."""
        return self.course.early_price * first

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
