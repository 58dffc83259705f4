"""The cheapest dates of a series, exactly: a bound for every first day, then dynamic programming.

Visits of one series never share a day, so the best place within each day is chosen first and the
days are chosen by its price. Days are whole numbers from the earliest day; prices are scaled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import add

NEVER = 1 << 100
"""The price of what is not allowed."""
WEEK_MASK = 0b1111111
FIRST_CHUNK = 7


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


@dataclass(frozen=True)
class Dates:
    """Days of the new visits and what they cost, scaled."""

    cost: int
    days: tuple[int, ...]


class DateSearch:
    """`price(i, day)`: the scaled price of visit i (from 0) on that day, NEVER where it cannot be."""

    def __init__(
        self, course: Course, price: Callable[[int, int], int], effort: Effort
    ) -> None:
        self.course = course
        self.price = price
        self.effort = effort
        gaps = range(course.least_gap, course.most_gap + 1)
        self.gap_prices = [course.gap_price * abs(gap - course.target) for gap in gaps]
        self.counts_weeks = course.per_week is not None and (
            bool(course.after or course.before) or -(-7 // course.least_gap) > course.per_week
        )

    def best(self, ceiling: int = NEVER) -> Dates | None:
        """The cheapest dates that cost less than the ceiling."""
        course, found = self.course, None
        if course.count < 1 or course.least_gap > course.most_gap:
            return None
        first, last = self._first_days()
        size = FIRST_CHUNK
        while first <= last and self._least_from(first) < ceiling and self.effort.lasts:
            found = self._best_of(range(first, min(first + size, last + 1)), ceiling) or found
            ceiling = found.cost if found else ceiling
            first, size = first + size, size * 2
        return found

    def _first_days(self) -> tuple[int, int]:
        """The earliest and the latest day that the first new visit may have."""
        course = self.course
        first, last = 0, course.horizon - (course.count - 1) * course.least_gap
        if course.after:
            first = max(first, course.after[-1] + course.least_gap)
            last = min(last, course.after[-1] + course.most_gap)
            last = min(last, course.after[0] + course.most_days)
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

    def _limit(self, first: int) -> int:
        """The last day of a series that begins on `first`."""
        course = self.course
        begun = course.after[0] if course.after else first
        limit = min(course.horizon, begun + course.most_days)
        return min(limit, first + (course.count - 1) * course.most_gap)

    # -- a bound without weeks and span for each first day, then the exact answer where it may win

    def _best_of(self, firsts: range, ceiling: int) -> Dates | None:
        rest = Rest(self, firsts)
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
        if days[-1] > self._limit(days[0]):
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
        """The fixed visits that follow leave the weeks that reach back to a new visit within limits."""
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


class Rest:
    """For each visit and day the least price from there to the end, weeks and span left aside."""

    def __init__(self, search: DateSearch, firsts: range) -> None:
        self.search, self.origin = search, firsts[0]
        course = search.course
        self.end = max(search._limit(first) for first in firsts)
        self.rows: list[list[int]] = []
        follow: list[int] | None = None
        for number in range(course.count - 1, -1, -1):
            earliest = firsts[0] + number * course.least_gap
            latest = firsts[-1] + number * course.most_gap
            follow = self._row(number, range(earliest, min(latest, self.end) + 1), follow)
            self.rows.append(follow)
        self.rows.reverse()

    def _row(self, number: int, days: range, follow: list[int] | None) -> list[int]:
        search, row = self.search, [NEVER] * (self.end - self.origin + 1)
        for day in days:
            least = search.end_price(day) if follow is None else self._least_after(day, follow)
            if least < NEVER:
                price = search.price(number, day)
                if price < NEVER:
                    row[day - self.origin] = price + search.course.day_price * day + least
        return row

    def _least_after(self, day: int, follow: list[int]) -> int:
        prices, place = self.search.gap_prices, day - self.origin + self.search.course.least_gap
        self.search.effort.spend()
        return min(map(add, prices, follow[place : place + len(prices)]), default=NEVER)

    def total(self, first: int) -> int:
        """A bound for a series that begins on `first`; exact where weeks and span do not bind."""
        least = self.rows[0][first - self.origin]
        return least + self.search.first_price(first) if least < NEVER else NEVER

    def from_(self, number: int, day: int) -> int:
        return self.rows[number][day - self.origin]

    def chain(self, first: int) -> tuple[int, ...]:
        """The days that reach the bound; earlier days win ties."""
        days, prices = [first], self.search.gap_prices
        for follow in self.rows[1:]:
            place = days[-1] - self.origin + self.search.course.least_gap
            sums = list(map(add, prices, follow[place : place + len(prices)]))
            days.append(days[-1] + self.search.course.least_gap + sums.index(min(sums)))
        return tuple(days)


State = tuple[int, int]
"""A day and the week that ends with it."""


class Exact:
    """The cheapest days from one first day, weeks and span kept: states are (day, its week)."""

    def __init__(self, search: DateSearch, rest: Rest, first: int, ceiling: int) -> None:
        self.search, self.rest, self.first, self.ceiling = search, rest, first, ceiling
        self.limit = search._limit(first)
        self.layers: list[dict[State, tuple[int, State | None]]] = []

    def best(self) -> Dates | None:
        search = self.search
        mask = search.week_before(self.first) if search.counts_weeks else 0
        if search.counts_weeks and not search.week_allows(mask):
            return None
        start = search.first_price(self.first)
        self.layers = [{(self.first, mask): (start, None)}]
        for number in range(1, search.course.count):
            layer = self._next_layer(number)
            if not layer:
                return None
            self.layers.append(layer)
        return self._cheapest_end()

    def _next_layer(self, number: int) -> dict[State, tuple[int, State | None]]:
        layer: dict[State, tuple[int, State | None]] = {}
        for state, (spent, _) in self.layers[-1].items():
            here = spent + self._price(number - 1, state[0])
            for follower, cost in self._followers(number, state, here):
                known = layer.get(follower)
                if known is None or cost < known[0]:
                    layer[follower] = (cost, state)
        return layer

    def _followers(self, number: int, state: State, here: int) -> list[tuple[State, int]]:
        search, (day, mask) = self.search, state
        found = []
        for gap, gap_price in enumerate(search.gap_prices, search.course.least_gap):
            then = day + gap
            if then > self.limit or not search.effort.lasts:
                break
            search.effort.spend()
            cost = here + gap_price
            if cost + self.rest.from_(number, then) >= self.ceiling:
                continue
            week = search.next_week(mask, gap) if search.counts_weeks else 0
            if not search.counts_weeks or search.week_allows(week):
                found.append(((then, week), cost))
        return found

    def _price(self, number: int, day: int) -> int:
        return self.search.price(number, day) + self.search.course.day_price * day

    def _cheapest_end(self) -> Dates | None:
        search, last = self.search, len(self.layers) - 1
        ends = [
            (cost + self._price(last, day) + search.end_price(day), (day, mask))
            for (day, mask), (cost, _) in self.layers[-1].items()
            if not search.counts_weeks or search.end_allows(day, mask)
        ]
        if not ends or min(ends)[0] >= self.ceiling:
            return None
        cost, state = min(ends)
        days: list[int] = []
        back: State | None = state
        for layer in reversed(self.layers):
            if back is None:
                break
            days.append(back[0])
            back = layer[back][1]
        return Dates(cost, tuple(reversed(days)))
