"""Some dates of a series, quickly: what is left to offer where the exact search must stop early."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.planning.searching.course import NEVER, Dates
from scheduler.planning.searching.date_bound import Place
from scheduler.planning.searching.date_search import DateSearch

State = tuple[Place, int, int]
"""A visit's place, the week that ends with it, and the price up to it."""


class FirstFit:
    """Each visit where it is cheapest by itself; one step back where the series is stuck."""

    def __init__(self, search: DateSearch) -> None:
        self.search, self.course = search, search.course

    def dates(self) -> Dates | None:
        """Legal dates, not the cheapest; None if there are none or the effort runs out."""
        if not self.course.is_possible:
            return None
        open_ways, days = [self._firsts()], list[int]()
        while open_ways and self.search.effort.lasts:
            state = next(open_ways[-1], None)
            if state is None:
                open_ways.pop()
                days = days[: max(len(open_ways) - 1, 0)]
                continue
            days = [*days[: len(open_ways) - 1], state[0][0]]
            if len(days) == self.course.count:
                if self._may_end(days, state[1]):
                    return Dates(state[2], tuple(days))
                continue
            open_ways.append(self._followers(len(days), state, self.search.limit(days[0])))
        return None

    def _firsts(self) -> Iterator[State]:
        first, last = self.course.first_days()
        for day in range(first, last + 1):
            self.search.effort.spend()
            price = self.search.visit_price(0, day)
            week = self.search.week_before(day) if self.course.counts_weeks else 0
            if price < NEVER and (not week or self.search.week_allows(week)):
                yield self.search.begin(day), week, price + self.search.first_price(day)

    def _followers(self, number: int, state: State, limit: int) -> Iterator[State]:
        """By the price of the gap and of the delay; what the place costs is looked at in turn."""
        search, (place, mask, spent) = self.search, state
        start, prices = search.gaps(number, place)
        late = self.course.day_price
        days = range(start, min(start + len(prices), limit + 1))
        for day in sorted(days, key=lambda one: prices[one - start] + late * one):
            search.effort.spend()
            week = search.next_week(mask, day - place[0]) if self.course.counts_weeks else 0
            if self.course.counts_weeks and not search.week_allows(week):
                continue
            price = search.visit_price(number, day)
            if price < NEVER:
                cost = spent + prices[day - start] + price
                yield search.advance(number, day, place), week, cost

    def _may_end(self, days: list[int], week: int) -> bool:
        return not self.course.counts_weeks or self.search.end_allows(days[-1], week)
