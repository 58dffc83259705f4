"""The cheapest dates from one first day, weeks and span kept: dynamic programming, visit by
visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler.planning.searching.course import Dates

if TYPE_CHECKING:
    from scheduler.planning.searching.date_bound import Rest
    from scheduler.planning.searching.date_search import DateSearch

State = tuple[int, int]
"""A day and the week that ends with it."""


class Exact:
    """The cheapest days from one first day, weeks and span kept: states are (day, its week)."""

    def __init__(self, search: DateSearch, rest: Rest, first: int, ceiling: int) -> None:
        self.search, self.rest, self.first, self.ceiling = search, rest, first, ceiling
        self.limit = min(search.limit(first), rest.end)
        self.layers: list[dict[State, tuple[int, State | None]]] = []

    def best(self) -> Dates | None:
        search = self.search
        mask = search.week_before(self.first) if search.counts_weeks else 0
        if search.counts_weeks and not search.week_allows(mask):
            return None
        found = self._straight((self.first, mask))
        if found:
            self.ceiling = found.cost
        self.layers = [{(self.first, mask): (search.first_price(self.first), None)}]
        for number in range(1, search.course.count):
            layer = self._next_layer(number)
            if not layer:
                return found
            self.layers.append(layer)
        return self._cheapest_end() or found

    def _straight(self, state: State) -> Dates | None:
        """Always the follower that promises most, never back: often the answer, at worst a
        bound."""
        search, days = self.search, [state[0]]
        cost = search.first_price(self.first)
        for number in range(1, search.course.count):
            here = cost + self._price(number - 1, state[0])
            followers = self._followers(number, state, here)
            if not followers:
                return None
            _, state, cost = min(
                (spent + self.rest.from_(number, then[0]), then, spent) for then, spent in followers
            )
            days.append(state[0])
        cost += self._price(search.course.count - 1, state[0]) + search.end_price(state[0])
        if search.counts_weeks and not search.end_allows(*state):
            return None
        return Dates(cost, tuple(days)) if cost < self.ceiling else None

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
