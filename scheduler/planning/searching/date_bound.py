"""For each visit and day the least price from there to the end of a series: a bound for the
search."""

from __future__ import annotations

from bisect import bisect_left
from operator import add
from typing import TYPE_CHECKING, Protocol

from scheduler.planning.searching.course import NEVER

if TYPE_CHECKING:
    from scheduler.planning.searching.date_search import DateSearch

Place = tuple[int, tuple[int, ...]]
"""A visit's day, and the days before it that later visits count from."""


class Bound(Protocol):
    """The least price from a visit's day to the end, weeks and span left aside."""

    end: int

    def total(self, first: int) -> int:
        """For a series that begins on `first`; exact where weeks and span do not bind."""
        ...

    def from_(self, number: int, place: Place) -> int: ...

    def chain(self, first: int) -> tuple[int, ...]:
        """The days that reach the bound; earlier days win ties."""
        ...


class ChainBound:
    """Where each visit counts from the one before: rows of prices by day, for a few first days."""

    def __init__(self, search: DateSearch, firsts: range, ceiling: int) -> None:
        self.search, self.origin = search, firsts[0]
        course = search.course
        end = search.limit(firsts[-1])
        self.end = min(end, search.last_under(firsts[0], ceiling))
        longest = max((step.reach.longest for step in course.steps), default=0)
        self.size = max(self.end, firsts[-1]) - self.origin + 1 + longest
        self.usable = [day for day in range(self.origin, self.end + 1) if search.usable(day)]
        self.rows: list[list[int]] = []
        follow: list[int] | None = None
        for number in range(course.count - 1, -1, -1):
            earliest = firsts[0] + course.soonest[number]
            latest = min(firsts[-1] + course.latest[number], self.end)
            follow = self._row(number, range(earliest, latest + 1), follow)
            self.rows.append(follow)
        self.rows.reverse()

    def _row(self, number: int, days: range, follow: list[int] | None) -> list[int]:
        """Of the days from the origin on; only `days` may be used."""
        search, row, origin = self.search, [NEVER] * self.size, self.origin
        first, last = bisect_left(self.usable, days.start), bisect_left(self.usable, days.stop)
        usable = self.usable[first:last]
        if not usable or not search.effort.lasts:
            return row
        least = [0] * len(days) if follow is None else self._least_after(number + 1, days, follow)
        price, day_price, spot = search.price, search.course.day_price, search.course.spots
        fixed = spot.get(number)
        search.effort.spend(len(usable))
        for day in usable:
            rest = least[day - days[0]]
            if fixed is not None:
                rest += fixed[day]
            if rest < NEVER:
                row[day - origin] = price(number, day) + day_price * day + rest
        return row

    def _least_after(self, number: int, days: range, follow: list[int]) -> list[int]:
        """For each day: the least of the row that follows, the gap to it priced."""
        reach = self.search.course.steps[number - 1].reach
        # a wide gap from the first of the days would end after everything
        prices = reach.prices[: max(self.end - days[0] - reach.least, 0) + 1]
        self.search.effort.spend(len(days) * len(prices) // 16)
        if reach.months:
            return [self._least(number, day, follow) for day in days]
        place, size = days[0] - self.origin + reach.least, len(days)
        shifted = [
            [least + gap_price for least in follow[start : start + size]]
            for start, gap_price in enumerate(prices, place)
        ]
        return shifted[0] if len(shifted) == 1 else list(map(min, *shifted))

    def _least(self, number: int, day: int, follow: list[int]) -> int:
        start, prices = self.search.gaps(number, (day, ()))
        after = follow[start - self.origin : start - self.origin + len(prices)]
        return min(map(add, prices, after), default=NEVER)

    def total(self, first: int) -> int:
        least = self.rows[0][first - self.origin]
        return least + self.search.first_price(first) if least < NEVER else NEVER

    def from_(self, number: int, place: Place) -> int:
        return self.rows[number][place[0] - self.origin]

    def chain(self, first: int) -> tuple[int, ...]:
        days = [first]
        for number, follow in enumerate(self.rows[1:], 1):
            start, prices = self.search.gaps(number, (days[-1], ()))
            sums = list(map(add, prices, follow[start - self.origin :][: len(prices)]))
            days.append(start + sums.index(min(sums)))
        return tuple(days)


class AnchoredBound:
    """Where visits count from the first one or from the start of their run: values of places, found
    for one first day after the other and kept."""

    def __init__(self, search: DateSearch) -> None:
        count = search.course.count
        self.search, self.end = search, search.course.last_day
        self.known: list[dict[Place, int]] = [{} for _ in range(count)]
        self.prices: list[dict[int, int]] = [{} for _ in range(count)]
        self.followers: list[dict[Place, list[tuple[Place, int]]]] = [{} for _ in range(count)]

    def total(self, first: int) -> int:
        place = self.search.begin(first)
        if place not in self.known[0]:
            self._explore(place)
        least = self.known[0].get(place, NEVER)
        return least + self.search.first_price(first) if least < NEVER else NEVER

    def from_(self, number: int, place: Place) -> int:
        return self.known[number].get(place, NEVER)

    def chain(self, first: int) -> tuple[int, ...]:
        places = [self.search.begin(first)]
        for number in range(1, self.search.course.count):
            places.append(self._cheapest(number, places[-1])[1])
        return tuple(day for day, _ in places)

    def _explore(self, first: Place) -> None:
        """All places that can follow, forwards; then their values, from the last visit back."""
        search, layers = self.search, [{first}]
        for number in range(1, search.course.count):
            unknown = (place for place in layers[-1] if place not in self.known[number - 1])
            layers.append({then for place in unknown for then, _ in self._following(number, place)})
        for number in range(search.course.count - 1, -1, -1):
            known, last = self.known[number], number == search.course.count - 1
            for place in layers[number] - known.keys() if search.effort.lasts else ():
                least = 0 if last else self._cheapest(number + 1, place)[0]
                known[place] = min(self._price(number, place[0]) + least, NEVER)

    def _cheapest(self, number: int, place: Place) -> tuple[int, Place]:
        """The least price from the next visit on, and where that is."""
        known = self.known[number]
        return min(
            (
                (known.get(then, NEVER) + price, then)
                for then, price in self._following(number, place)
            ),
            default=(NEVER, place),
        )

    def _following(self, number: int, place: Place) -> list[tuple[Place, int]]:
        """Where the visit may be after `place`, each with the price of its distance."""
        found = self.followers[number].get(place)
        if found is None:
            start, prices = self.search.gaps(number, place)
            self.search.effort.spend(2 + len(prices))
            if not self.search.effort.lasts:
                return []
            found = self.followers[number][place] = [
                (self.search.advance(number, day, place), price)
                for day, price in enumerate(prices, start)
                if day <= self.end and self._price(number, day) < NEVER
            ]
        return found

    def _price(self, number: int, day: int) -> int:
        known = self.prices[number]
        if day not in known:
            known[day] = self.search.visit_price(number, day)
        return known[day]
