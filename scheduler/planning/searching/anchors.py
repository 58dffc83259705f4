"""Wishes that are not spelled out: one time of day, one chair, whichever comes cheapest (SO3, SO5).

The exact least over all anchors by branch and bound: a plan whose visits may each use any time of a
range, or any chair, costs no more than one that keeps to a single one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import time
from heapq import heappop, heappush
from itertools import count
from statistics import median_low
from typing import TYPE_CHECKING

from scheduler.planning.searching.offers import Aim
from scheduler.planning.slots.grid import MINUTES_A_DAY

if TYPE_CHECKING:
    from scheduler.planning.searching.search import Choice, Search

ANCHOR_MINUTES = 15
QUARTERS = 24 * 60 // ANCHOR_MINUTES


@dataclass(frozen=True)
class Region:
    """Anchors that are tried at once: quarters of an hour [first, last], chairs by id.

    None: there is nothing to anchor.
    """

    quarters: tuple[int, int] | None
    chairs: frozenset[int] | None

    @property
    def is_point(self) -> bool:
        spread = self.quarters is not None and self.quarters[0] < self.quarters[1]
        return not spread and (self.chairs is None or len(self.chairs) <= 1)


class Anchors:
    """The anchors that one request leaves open."""

    def __init__(self, search: Search) -> None:
        self.search, self.request = search, search.request
        wishes, many = self.request.wishes, len(self.request.shapes) > 1
        self.draws = many and wishes.start is None
        self.same_time = self.draws and wishes.same_time
        self.same_chair = many and wishes.chair_id is None and wishes.same_chair

    def cheapest(self) -> Choice | None:
        """The least cost over all anchors; where no time is asked for, starts are drawn together as
        far as that costs nothing."""
        whole = Region(
            self._quarters() if self.same_time else None,
            self._chairs() if self.same_chair else None,
        )
        found = self.search.choose(self._aim(whole))
        if found is None:
            return None
        best = found if whole.is_point else self._least(whole, found)
        if self.draws and not self.same_time:
            return self._nicest(best, self._times(best.aim, self._quarters(), price=0))
        return best

    def _least(self, whole: Region, bound: Choice) -> Choice:
        """Best first: a region's own best plan is a bound for every anchor in it."""
        best, turn = self._on_the_same_dates(whole, bound), count()
        waiting = [(bound.cost, next(turn), whole, bound)]
        while waiting and waiting[0][0] < best.cost and self.search.effort.lasts:
            _, _, region, choice = heappop(waiting)
            for part in _split(region, choice):
                found = self.search.choose(self._aim(part), best.cost)
                if found and part.is_point:
                    best = found
                elif found:
                    heappush(waiting, (found.cost, next(turn), part, found))
        return best

    def _aim(self, region: Region) -> Aim:
        aim = Aim.of(self.request)
        if region.quarters is not None:
            first, last = (_wall(quarter) for quarter in region.quarters)
            aim = replace(aim, wall=first, until=None if first == last else last)
        # any chair of a region is as good as another: only a single one is a wish
        single = region.chairs is not None and len(region.chairs) == 1
        return replace(aim, chairs=region.chairs) if single else aim

    # -- a good answer soon: the same dates with the best single anchor

    def _on_the_same_dates(self, whole: Region, choice: Choice) -> Choice:
        if whole.quarters is not None:
            price = self.request.weights.time
            choice = self._nicest(choice, self._times(choice.aim, whole.quarters, price))
        if whole.chairs is not None:
            aim = choice.aim
            chairs = (replace(aim, chairs=frozenset({one})) for one in sorted(whole.chairs))
            choice = self._nicest(choice, chairs)
        return choice

    def _times(self, aim: Aim, quarters: tuple[int, int], price: int) -> Iterator[Aim]:
        """The same aim at each time."""
        for quarter in range(quarters[0], quarters[1] + 1):
            yield replace(aim, wall=_wall(quarter), until=None, price=price)

    def _nicest(self, choice: Choice, aims: Iterable[Aim]) -> Choice:
        """The first of the aims that makes the dates of the choice cheapest."""
        reach = self.search.book.reach(self.request)
        days = [self.search.first + day for day in choice.dates.days]
        asked = [reach.starts(*one) for one in zip(self.search.shapes, days, strict=True)]
        starts = [one for one in asked if one is not None]
        dates_cost = choice.cost - sum(placed.price for placed in choice.places)
        best: Choice | None = None
        for aim in aims:
            cost, places = dates_cost, []
            self.search.effort.spend(self._aim_steps(aim, len(starts)))
            if best and not self.search.effort.lasts:
                break
            for offers, possible in starts:
                placed = offers.best(aim, possible)
                if placed is None or (best and cost + placed.price >= best.cost):
                    break
                cost += placed.price
                places.append(placed)
            else:
                best = replace(choice, cost=cost, places=tuple(places), aim=aim)
        return best or choice

    def _aim_steps(self, aim: Aim, visits: int) -> int:
        """With a wished chair the planes of all chairs are gone through again."""
        return visits * (3 + (self.search.book.most_chairs // 10 if aim.chairs else 0))

    # -- what can be an anchor

    def _quarters(self) -> tuple[int, int]:
        """The first and the last quarter hour at which a visit can start: others cost more."""
        grids = [day.grid for day in self.search.book.days.values() if day.grid.slots]
        if not grids:
            return 0, QUARTERS - 1
        shift = 60 * any(grid.last_minute != MINUTES_A_DAY for grid in grids)
        first = min(grid.first for grid in grids) - shift
        last = max(grid.minute(grid.slots) for grid in grids) + shift
        return max(first // ANCHOR_MINUTES, 0), min(last // ANCHOR_MINUTES, QUARTERS - 1)

    def _chairs(self) -> frozenset[int]:
        kind, found, before = self.request.chair_kind, set(), None
        for day in self.search.book.days.values():
            if day.places.keys() != before:
                before = day.places.keys()
                chairs = day.facts.chairs
                found |= {one.chair_id for one in chairs if kind in (None, one.kind)}
        return frozenset(found)


def _split(region: Region, choice: Choice) -> Iterator[Region]:
    """Smaller regions that cover it; the anchor that the choice is nearest to comes alone."""
    if region.quarters is not None and region.quarters[0] < region.quarters[1]:
        first, last = region.quarters
        middle = min(max(_usual_quarter(choice), first), last)
        for part in ((middle, middle), (first, middle - 1), (middle + 1, last)):
            if part[0] <= part[1]:
                yield replace(region, quarters=part)
        return
    used = Counter(placed.chair_id for placed in choice.places)
    for chair in sorted(region.chairs or (), key=lambda one: (-used[one], one)):
        yield replace(region, chairs=frozenset({chair}))


def _usual_quarter(choice: Choice) -> int:
    minutes = [placed.day.grid.minute(placed.slot) for placed in choice.places]
    return median_low(minutes) // ANCHOR_MINUTES


def _wall(quarter: int) -> time:
    minute = quarter * ANCHOR_MINUTES
    return time(minute // 60, minute % 60)
