"""For each visit and day the least price from there to the end of a series: a bound for the
search."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import add
from typing import TYPE_CHECKING

from scheduler.planning.searching.course import NEVER

if TYPE_CHECKING:
    from scheduler.planning.searching.date_search import DateSearch


class Rest:
    """The least price from a visit's day to the end, weeks and span left aside."""

    def __init__(self, search: DateSearch, firsts: range, ceiling: int) -> None:
        self.search, self.origin = search, firsts[0]
        course = search.course
        end = search.limit(firsts[-1])
        self.end = min(end, search.last_under(firsts[0], ceiling))
        self.size = max(self.end, firsts[-1]) - self.origin + 1
        self.reach = course.least_gap + len(search.gap_prices)
        self.usable = [day for day in range(self.origin, self.end + 1) if search.usable(day)]
        self.rows: list[list[int]] = []
        follow: list[int] | None = None
        for number in range(course.count - 1, -1, -1):
            earliest = firsts[0] + number * course.least_gap
            latest = min(firsts[-1] + number * course.most_gap, self.end)
            follow = self._row(number, earliest, latest, follow)
            self.rows.append(follow)
        self.rows.reverse()

    def _row(self, number: int, first: int, last: int, follow: list[int] | None) -> list[int]:
        """Of the days from the origin on; only [first, last] may be used, both included."""
        search, row = self.search, [NEVER] * (self.size + self.reach)
        days = self.usable[bisect_left(self.usable, first) : bisect_right(self.usable, last)]
        search.effort.spend(len(days) + (last - first + 1) * len(search.gap_prices) // 16)
        if not days or not search.effort.lasts:
            return row
        price, day_price, origin = search.price, search.course.day_price, self.origin
        if follow is None:
            least = [search.end_price(day) for day in range(first, last + 1)]
        else:
            least = self._least_after(follow, first - origin, last - first + 1)
        for day in days:
            rest = least[day - first]
            if rest < NEVER:
                row[day - origin] = price(number, day) + day_price * day + rest
        return row

    def _least_after(self, follow: list[int], place: int, size: int) -> list[int]:
        """For `size` days from a place on: the least of the rows that follow, gaps priced."""
        place += self.search.course.least_gap
        shifted = [
            [least + gap_price for least in follow[start : start + size]]
            for start, gap_price in enumerate(self.search.gap_prices, place)
        ]
        return shifted[0] if len(shifted) == 1 else list(map(min, *shifted))

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
