"""The cheapest dates for the visits of a series, in a given order: an exact best-first search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush
from typing import NamedTuple

from scheduler.planning.replanning.date_steps import MOVED, DateSteps, Path, Stood
from scheduler.planning.replanning.nearest import NearestSpots, Spot, Wish
from scheduler.planning.replanning.standing import StandingVisit
from scheduler.planning.searching.course import NEVER, Effort
from scheduler.planning.spacing import Spacing

Price = tuple[int, int, int]
"""Compared in this order: price of the moves, days off the target gap (of added visits), minutes
off the time of day."""
FREE: Price = (0, 0, 0)
EDGE_STEPS = 3
"""What one more date in the search costs in steps of an Effort."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One visit in the order that is tried. `visit` is None for an added one, else `place` is
    where it stood in the series, from 0.

    `pinned` is where it must stand; with `may_stay` it may stand where it stood, whatever the day
    is like now; `must_stay` lets it do nothing else. Elsewhere it goes on `from_on` or later.
    """

    visit: StandingVisit | None
    wish: Wish
    number: int
    place: int = MOVED
    may_stay: bool = True
    must_stay: bool = False
    pinned: Spot | None = None
    pinned_on: date | None = None
    from_on: date | None = None

    @property
    def own_day(self) -> int | None:
        return None if self.visit is None else self.visit.on.toordinal()


class Found(NamedTuple):
    """The dates of the items in order, and what they cost."""

    price: Price
    path: Path


Node = tuple[int, Price, int, Price, Path]
"""First come lower bounds of the whole price, then plans that are further on."""


class LeastChange:
    """One order of visits. Days hold none of the series' own visits, and two visits of a series
    never share a day, so the place on a day and the choice of days separate exactly (planner)."""

    def __init__(
        self, items: Sequence[Item], spacing: Spacing, spots: NearestSpots, effort: Effort
    ) -> None:
        self.items, self.spots, self.effort = items, spots, effort
        self.spacing, self.steps = spacing, DateSteps(spacing)
        self.days = [self._days(item) for item in items]
        self.bounds = self._bounds()

    def best(self, ceiling: Price | None = None) -> Found | None:
        """The least price, below `ceiling`; of equal ones the earlier dates. None if there is
        none."""
        return self._search(ceiling, hurried=False)

    def any(self) -> Found | None:
        """Some legal dates, soon: for when the exact search had to stop early."""
        return self._search(None, hurried=True)

    # -- dates that each visit may have, and a lower bound of its price there

    def _days(self, item: Item) -> dict[int, int]:
        """Date -> least price of the move, in order of dates; starts are not looked at yet."""
        own, found = item.own_day, {}
        if item.pinned_on is not None:
            day = item.pinned_on.toordinal()
            return {day: self._move_price(item, day)}
        if item.must_stay and own is not None:
            return {own: 0}
        for on in self.spots.dates(item.wish.shape):
            if item.from_on is None or on >= item.from_on:
                day = on.toordinal()
                found[day] = self._move_price(item, day)
        if item.may_stay and own is not None:
            found[own] = 0
        return dict(sorted(found.items()))

    def _move_price(self, item: Item, day: int) -> int:
        if item.visit is None:
            return 0
        return item.visit.price * (1 + abs(day - item.visit.on.toordinal()))

    def _stays(self, item: Item, day: int) -> bool:
        return item.pinned_on is None and item.may_stay and day == item.own_day

    def _bounds(self) -> list[list[int]]:
        """For each item and each of its dates: the least price of all items after it, gaps to the
        next one alone considered."""
        bounds: list[list[int]] = [[0] * len(self.days[-1])] if self.days else []
        for place in range(len(self.items) - 2, -1, -1):
            later = self.days[place + 1]
            days = list(later)
            prices = [p + b for p, b in zip(later.values(), bounds[0], strict=True)]
            bounds.insert(0, [self._bound(place, day, days, prices) for day in self.days[place]])
        return bounds

    def _bound(self, place: int, day: int, days: list[int], prices: list[int]) -> int:
        first, until = self.steps.window(days, day, self._numbers(place))
        least = min(prices[first:until], default=NEVER)
        following = self.items[place + 1]
        if self._stays(self.items[place], day) and self._may_follow(place):
            own = following.own_day
            if own in self.days[place + 1]:
                least = min(least, prices[days.index(own)])
        return least

    def _numbers(self, place: int) -> tuple[int, int]:
        return self.items[place].number, self.items[place + 1].number

    def _window(self, days: Sequence[int], path: Path) -> tuple[int, int]:
        if not path:
            return 0, len(days)
        return self.steps.window(days, path[-1].day, self._numbers(len(path) - 1))

    def _may_follow(self, place: int) -> bool:
        """The next item may stay right behind this one, as before: no gap is asked of them."""
        item, following = self.items[place], self.items[place + 1]
        return following.may_stay and following.place == item.place + 1

    # -- the search

    def _search(self, ceiling: Price | None, *, hurried: bool) -> Found | None:
        if not self.items:
            return Found(FREE, ())
        heap: list[Node] = []
        self._push_all(heap, Found(FREE, ()), ceiling, hurried)
        seen: set[tuple[object, ...]] = set()
        while heap and self.effort.lasts:
            reached = Found(*heappop(heap)[3:])
            memory = self.steps.memory(reached.path)
            if memory in seen:
                continue
            seen.add(memory)
            if len(reached.path) == len(self.items):
                return reached
            self._push_all(heap, reached, ceiling, hurried)
        return None

    def _push_all(
        self, heap: list[Node], reached: Found, ceiling: Price | None, hurried: bool
    ) -> None:
        price, path = reached
        for stood, own, bound in self._next(path):
            self.effort.spend(EDGE_STEPS)
            total = (price[0] + own[0], price[1] + own[1], price[2] + own[2])
            least = (total[0] + bound, total[1], total[2])
            if ceiling is None or least < ceiling:
                hurry = -len(path) if hurried else 0
                heappush(heap, (hurry, least, -len(path), total, (*path, stood)))

    def _next(self, path: Path) -> Iterator[tuple[Stood, Price, int]]:
        """Every place that the next visit may have, its price and the bound of those after it."""
        place = len(path)
        item, priced = self.items[place], self.days[place]
        days = list(priced)
        first, until = self._window(days, path)
        nearby = set(range(first, until))
        follows = path and path[-1].stays and self._may_follow(place - 1)
        if follows and item.own_day in priced:
            nearby.add(days.index(item.own_day))
        for at in sorted(nearby):
            stays = self._stays(item, days[at])
            stood = Stood(days[at], item.number, item.place if stays else MOVED)
            bound = self.bounds[place][at]
            if bound >= NEVER or not self.steps.allows(path, stood):
                continue
            own = self._price(item, stood, path)
            if own is not None:
                yield stood, own, bound

    def _price(self, item: Item, stood: Stood, path: Path) -> Price | None:
        if stood.stays:
            return FREE
        moved = self._move_price(item, stood.day)
        if item.pinned is not None:
            return moved, 0, item.pinned.minutes
        minutes = self.spots.minutes(item.wish, date.fromordinal(stood.day))
        if minutes is None:
            return None
        off = 0
        if item.visit is None and path:
            off = self.steps.off_target(path, stood)
        return moved, off, minutes
