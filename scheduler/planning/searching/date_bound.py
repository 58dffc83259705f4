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
        end = max(search.limit(first) for first in firsts)
        self.end = min(end, search.last_under(firsts[0], ceiling))
        self.size = max(self.end, firsts[-1]) - self.origin + 1
        usable = [day for day in range(self.origin, self.end + 1) if search.usable(day)]
        self.rows: list[list[int]] = []
        follow: list[int] | None = None
        for number in range(course.count - 1, -1, -1):
            earliest = firsts[0] + number * course.least_gap
            latest = firsts[-1] + number * course.most_gap
            days = usable[bisect_left(usable, earliest) : bisect_right(usable, latest)]
            follow = self._row(number, days, follow)
            self.rows.append(follow)
        self.rows.reverse()

    def _row(self, number: int, days: list[int], follow: list[int] | None) -> list[int]:
        search, row = self.search, [NEVER] * self.size
        gap_prices, day_price = search.gap_prices, search.course.day_price
        gaps, offset = len(gap_prices), search.course.least_gap - self.origin
        search.effort.spend(len(days) * (1 + gaps // 16))
        for day in days if search.effort.lasts else ():
            if follow is None:
                least = search.end_price(day)
            else:
                after = follow[day + offset : day + offset + gaps]
                least = min(map(add, gap_prices, after), default=NEVER)
            if least < NEVER:
                price = search.price(number, day)
                if price < NEVER:
                    row[day - self.origin] = price + day_price * day + least
        return row

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
