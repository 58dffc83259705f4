"""The best place for a visit on one day: starts by slivers, then the one nearest a wish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple

from scheduler.planning.daybook import Day
from scheduler.planning.patient import date_refusals, possible_slots
from scheduler.planning.request import SeriesRequest, Weights
from scheduler.planning.slots.plane import at_or_above, at_or_below, fold, lowest, ones
from scheduler.planning.visit import VisitShape

SCALE = 1 << 24
"""Compared is cost * SCALE + minutes off the aim: the exact cost first, then the nicer time."""
TIME_STEP_MINUTES = 10


class Placement(NamedTuple):
    """A start on a day: its scaled price, its slot, and the place of its chair."""

    price: int
    slot: int
    place: int


class Pile(NamedTuple):
    """Starts of equal price apart from their time: a plane, and the same folded over chairs."""

    price: int
    folded: int
    plane: int


@dataclass(frozen=True)
class Aim:
    """A time of day that starts are drawn to; each full 10 minutes off costs `price`, maybe 0."""

    wall: time | None
    price: int


class Offers:
    """Starts of one day for one shape, in piles of equal slivers and equal chair wish."""

    def __init__(self, day: Day, shape: VisitShape, request: SeriesRequest) -> None:
        self.day = day
        self.piles = sorted(_piles(day, shape, request))

    def best(self, aim: Aim, possible: int) -> Placement | None:
        """The cheapest of the `possible` starts; ties: nearest the aim, earlier, first chair."""
        grid = self.day.grid
        wish = None if aim.wall is None else grid.wall_minute(aim.wall)
        found: tuple[int, int, int] | None = None
        for pile in self.piles:
            if found is not None and pile.price * SCALE > found[0]:
                break
            for slot in _nearest(pile.folded & possible, wish, grid.first, grid.minutes):
                off = grid.minute(slot) if wish is None else abs(grid.minute(slot) - wish)
                priced = 0 if wish is None else aim.price * (off // TIME_STEP_MINUTES)
                one = ((pile.price + priced) * SCALE + off, slot, pile.plane)
                found = one if found is None else min(found, one)
        return None if found is None else self._placed(*found)

    def _placed(self, price: int, slot: int, plane: int) -> Placement:
        chairs = plane >> slot & self.day.columns
        return Placement(price, slot, lowest(chairs) // self.day.width)


def _nearest(mask: int, wish: int | None, first: int, minutes: int) -> list[int]:
    """At most one slot on each side of the wish; without a wish the earliest."""
    if not mask:
        return []
    if wish is None:
        return [lowest(mask)]
    slot = (wish - first) // minutes
    near = (at_or_below(mask, slot), at_or_above(mask, slot + 1))
    return [one for one in near if one >= 0]


def _piles(day: Day, shape: VisitShape, request: SeriesRequest) -> list[Pile]:
    weights, print_ = request.weights, day.footprint(shape)
    starts = day.starts(print_)
    if request.chair_kind is not None:
        starts &= day.chairs_of(request.chair_kind) * ones(0, day.grid.slots)
    if not starts:
        return []
    piles = [(0, starts)]
    if weights.frag:
        left, right = day.slivers(print_)
        piles = [
            (0, starts & ~(left | right)),
            (weights.frag, starts & (left ^ right)),
            (2 * weights.frag, starts & left & right),
        ]
    if request.wishes.chair_id is not None and weights.chair:
        piles = _by_chair(day, piles, request.wishes.chair_id, weights)
    chairs = len(day.places)
    return [Pile(price, fold(plane, chairs, day.width), plane) for price, plane in piles if plane]


def _by_chair(
    day: Day, piles: list[tuple[int, int]], chair_id: int, weights: Weights
) -> list[tuple[int, int]]:
    """Each pile once for the wished chair and once, dearer, for the others."""
    place = day.places.get(chair_id)
    first = 0 if place is None else place * day.width
    wished = 0 if place is None else ones(first, first + day.width)
    own = [(price, plane & wished) for price, plane in piles]
    return own + [(price + weights.chair, plane & ~wished) for price, plane in piles]


class OfferBook:
    """Offers of all days of one calendar, made when first asked for.

    Offers depend on shape, chair kind, wished chair and weights, not on hours or days of the
    patient: those are masks on top.
    """

    def __init__(self, days: Mapping[date, Day]) -> None:
        self.days = days
        self.shapes: list[VisitShape] = []
        self._numbers: dict[VisitShape, int] = {}
        self._offers: dict[tuple[object, ...], Offers] = {}

    def shape_number(self, shape: VisitShape) -> int:
        """A short name for a shape within this book: most visits of a series share one."""
        if shape not in self._numbers:
            self._numbers[shape] = len(self.shapes)
            self.shapes.append(shape)
        return self._numbers[shape]

    def best(
        self, request: SeriesRequest, shape_number: int, on: date, aim: Aim
    ) -> Placement | None:
        """The cheapest legal start of this shape on this date; weekday sets are not looked at."""
        day, shape = self.days.get(on), self.shapes[shape_number]
        if day is None or any(date_refusals(on, request.patient, shape)):
            return None
        possible = possible_slots(day, request.patient, shape)
        return self._offers_of(request, shape_number, day).best(aim, possible) if possible else None

    def _offers_of(self, request: SeriesRequest, shape_number: int, day: Day) -> Offers:
        kind, chair_id, weights = request.chair_kind, request.wishes.chair_id, request.weights
        key = (day.on, shape_number, kind, chair_id, weights.frag, weights.chair)
        if key not in self._offers:
            self._offers[key] = Offers(day, self.shapes[shape_number], request)
        return self._offers[key]
