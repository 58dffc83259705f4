"""The cheapest dates from one first day, weeks and span kept: dynamic programming, visit by
visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.planning.searching.course import Dates

if TYPE_CHECKING:
    from scheduler.planning.searching.date_bound import Bound, Place
    from scheduler.planning.searching.date_search import DateSearch

State = tuple["Place", int]
"""A visit's place and the week that ends with its day."""
Layer = dict[State, tuple[int, State | None]]


class Exact:
    """The cheapest days from one first day, weeks and span kept: states are (place, its week)."""

    def __init__(self, search: DateSearch, rest: Bound, first: int, ceiling: int) -> None:
        self.search, self.rest, self.first, self.ceiling = search, rest, first, ceiling
        self.limit = min(search.limit(first), rest.end)
        self.counts_weeks = search.course.counts_weeks
        self.layers: list[Layer] = []

    def best(self) -> Dates | None:
        search = self.search
        mask = search.week_before(self.first) if self.counts_weeks else 0
        if self.counts_weeks and not search.week_allows(mask):
            return None
        start = (search.begin(self.first), mask)
        found = self._straight(start)
        if found:
            self.ceiling = found.cost
        self.layers = [{start: (search.first_price(self.first), None)}]
        for number in range(1, search.course.count):
            layer = self._next_layer(number)
            if not layer:
                return found
            self.layers.append(layer)
        return self._cheapest_end() or found

    def _straight(self, state: State) -> Dates | None:
        """Always the follower that promises most, never back: often the answer, at worst a
        bound."""
        search, days = self.search, [self.first]
        cost = search.first_price(self.first)
        for number in range(1, search.course.count):
            here = cost + search.visit_price(number - 1, days[-1])
            followers = self._followers(number, state, here)
            if not followers:
                return None
            _, state, cost = min(
                (spent + self.rest.from_(number, then[0]), then, spent) for then, spent in followers
            )
            days.append(state[0][0])
        cost += search.visit_price(search.course.count - 1, days[-1])
        if self.counts_weeks and not search.end_allows(days[-1], state[1]):
            return None
        return Dates(cost, tuple(days)) if cost < self.ceiling else None

    def _next_layer(self, number: int) -> Layer:
        layer: Layer = {}
        for state, (spent, _) in self.layers[-1].items():
            here = spent + self.search.visit_price(number - 1, state[0][0])
            for follower, cost in self._followers(number, state, here):
                known = layer.get(follower)
                if known is None or cost < known[0]:
                    layer[follower] = (cost, state)
        return layer

    def _followers(self, number: int, state: State, here: int) -> list[tuple[State, int]]:
        search, (place, mask) = self.search, state
        start, prices = search.gaps(number, place)
        found = []
        for then, gap_price in enumerate(prices, start):
            if then > self.limit or not search.effort.lasts:
                break
            search.effort.spend()
            follower, cost = search.advance(number, then, place), here + gap_price
            if cost + self.rest.from_(number, follower) >= self.ceiling:
                continue
            week = search.next_week(mask, then - place[0]) if self.counts_weeks else 0
            if not self.counts_weeks or search.week_allows(week):
                found.append(((follower, week), cost))
        return found

    def _cheapest_end(self) -> Dates | None:
        search, last = self.search, len(self.layers) - 1
        ends = [
            (cost + search.visit_price(last, place[0]), (place, mask))
            for (place, mask), (cost, _) in self.layers[-1].items()
            if not self.counts_weeks or search.end_allows(place[0], mask)
        ]
        if not ends or min(ends)[0] >= self.ceiling:
            return None
        cost, state = min(ends)
        days: list[int] = []
        back: State | None = state
        for layer in reversed(self.layers):
            if back is None:
                break
            days.append(back[0][0])
            back = layer[back][1]
        return Dates(cost, tuple(reversed(days)))
