"""The best place for a visit on one day: starts by slivers, then the one nearest a wish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import NamedTuple

from scheduler.planning.daybook import Day
from scheduler.planning.patient import date_refusals, possible_slots
from scheduler.planning.request import SeriesRequest
from scheduler.planning.searching.slot_prices import SlotPrice, slot_prices
from scheduler.planning.searching.tightness import tight_planes
from scheduler.planning.slots.footprint import Footprint
from scheduler.planning.slots.grid import MINUTES_A_DAY, Grid
from scheduler.planning.slots.plane import at_or_above, at_or_below, fold, lowest, ones
from scheduler.planning.visit import VisitShape

SCALE = 1 << 24
"""Compared is cost * SCALE + minutes off the aim: the exact cost first, then the nicer time."""
TIME_STEP_MINUTES = 10
Terms = tuple[object, ...]


class Placement(NamedTuple):
    """A start on a day: its scaled price, its slot, and the plane of chairs that have it."""

    price: int
    slot: int
    day: Day
    plane: int

    @property
    def place(self) -> int:
        """The first chair that has the start, by its place in the day."""
        return lowest(self.plane >> self.slot & self.day.columns) // self.day.width

    @property
    def chair_id(self) -> int:
        return self.day.facts.chairs[self.place].chair_id

    @property
    def starts_at(self) -> datetime:
        """UTC."""
        return self.day.grid.at(self.slot)


@dataclass(frozen=True)
class Aim:
    """Times of day that starts are drawn to: each full 10 minutes before `wall` or after `until`
    costs `price`, maybe 0. Without `until` it is one time; without `wall` the earliest is nicest.

    Any of `chairs` is as good as the wished one; None: no chair is wished for.
    """

    wall: time | None
    price: int
    until: time | None = None
    chairs: frozenset[int] | None = None

    @classmethod
    def of(cls, request: SeriesRequest) -> Aim:
        """What the request wishes for."""
        wishes = request.wishes
        chairs = None if wishes.chair_id is None else frozenset({wishes.chair_id})
        return cls(wishes.start, request.weights.time, chairs=chairs)

    def minutes(self, grid: Grid) -> tuple[int, int] | None:
        """First and last minute since local midnight."""
        if self.wall is None:
            return None
        first = grid.wall_minute(self.wall)
        return first, first if self.until is None else max(first, grid.wall_minute(self.until))


class Pile:
    """Starts of equal price apart from their time: a plane; folded over chairs when needed."""

    __slots__ = ("_day", "_folded", "_same", "plane", "price")

    def __init__(self, price: int, plane: int, day: Day, same: Pile | None = None) -> None:
        self.price, self.plane, self._day, self._same = price, plane, day, same
        self._folded = -1

    @property
    def folded(self) -> int:
        """The slots that at least one chair has."""
        if self._same is not None:
            return self._same.folded
        if self._folded < 0:
            self._folded = fold(self.plane, len(self._day.places), self._day.width)
        return self._folded

    def only(self, chairs: int) -> Pile:
        """The same price on some chairs: `chairs` has all slots of each."""
        return Pile(self.price, self.plane & chairs, self._day)

    def dearer(self, price: int) -> Pile:
        """The same starts for more."""
        return Pile(self.price + price, self.plane, self._day, self)


class Offers:
    """Starts of one day for one shape, in piles of equal price beside what their slot costs."""

    def __init__(
        self, day: Day, piles: list[Pile], extra: list[SlotPrice], chair_price: int
    ) -> None:
        self.day, self.piles, self.slot_prices = day, piles, extra
        self.chair_price = chair_price

    @classmethod
    def of(cls, day: Day, print_: Footprint, shape: VisitShape, asked: SeriesRequest) -> Offers:
        """All starts of the shape on the day by price, for the request's chairs and weights."""
        piles, weights = _piles(day, print_, asked), asked.weights
        extra = slot_prices(day, shape, weights) if piles else []
        return cls(day, piles, extra, weights.chair)

    def best(self, aim: Aim, possible: int) -> Placement | None:
        """The cheapest of the `possible` starts; ties: nearest the aim, earlier, first chair."""
        grid = self.day.grid
        wish = aim.minutes(grid)
        found: tuple[int, int, int] | None = None
        for pile in self.piles if not aim.chairs else self._by_chair(aim.chairs):
            if found is not None and pile.price * SCALE > found[0]:
                break
            starts = pile.folded & possible
            for extra, where in self.slot_prices if starts else ():
                for slot, off in _nearest(starts & where, wish, grid):
                    priced = 0 if wish is None else aim.price * (off // TIME_STEP_MINUTES)
                    one = ((pile.price + extra + priced) * SCALE + off, slot, pile.plane)
                    found = one if found is None or one < found else found
        return None if found is None else Placement(found[0], found[1], self.day, found[2])

    def _by_chair(self, wished: frozenset[int]) -> list[Pile]:
        """Each pile once for the wished chairs and once, dearer, for all: a wished chair that is
        in there too is never taken for more."""
        if not self.chair_price:
            return self.piles
        day = self.day
        chairs = sum(
            ones(day.places[one] * day.width, (day.places[one] + 1) * day.width)
            for one in wished
            if one in day.places
        )
        own = [pile.only(chairs) for pile in self.piles] if chairs else []
        others = [pile.dearer(self.chair_price) for pile in self.piles]
        return sorted(own + others, key=lambda pile: pile.price)


def _nearest(mask: int, wish: tuple[int, int] | None, grid: Grid) -> Iterator[tuple[int, int]]:
    """(slot, minutes off): the first one within the wish, else at most one on each side of it;
    without a wish the earliest, off by its minute."""
    if not mask:
        return
    if wish is None:
        slot = lowest(mask)
        yield slot, grid.minute(slot)
        return
    first, last = (minute - grid.first for minute in wish)
    slot = at_or_above(mask, -(-first // grid.minutes))
    if 0 <= slot <= last // grid.minutes:
        yield slot, 0
        return
    if slot >= 0:
        yield slot, slot * grid.minutes - last
    slot = at_or_below(mask, -(-first // grid.minutes) - 1)
    if slot >= 0:
        yield slot, first - slot * grid.minutes


def _piles(day: Day, print_: Footprint, asked: SeriesRequest) -> list[Pile]:
    starts = day.starts(print_, kind=asked.chair_kind)
    if not starts:
        return []
    planes = _by_slivers(day, print_, starts, asked.weights.frag)
    if asked.weights.tight:
        planes = [
            (price + asked.weights.tight * steps, part)
            for price, plane in planes
            for steps, part in tight_planes(day, print_, plane)
        ]
        planes.sort()
    return [Pile(price, plane, day) for price, plane in planes]


def _by_slivers(day: Day, print_: Footprint, starts: int, frag: int) -> list[tuple[int, int]]:
    """(price, starts), the cheapest first; no plane is empty."""
    if not frag:
        return [(0, starts)]
    left, right = day.slivers(print_)
    some = starts & (left | right)
    if not some:
        return [(0, starts)]
    both = some & left & right
    planes = ((0, starts ^ some), (frag, some ^ both), (2 * frag, both))
    return [(price, plane) for price, plane in planes if plane]


class OfferBook:
    """Offers of all days of one calendar, made when first asked for.

    Offers depend on shape, chair kind and weights, not on wishes, hours or days of the patient:
    those are masks on top.
    """

    def __init__(self, days: Mapping[date, Day]) -> None:
        self.days = days
        self.most_chairs = max((len(day.places) for day in days.values()), default=0)
        self.shapes: list[VisitShape] = []
        self._numbers: dict[VisitShape, int] = {}
        self._prints: dict[tuple[int, int], Footprint] = {}
        self._offers: dict[tuple[object, ...], Offers] = {}
        self._reach: dict[tuple[object, ...], Reach] = {}

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
        if aim.chairs is None:
            aim = replace(aim, chairs=Aim.of(request).chairs)
        return self.places(request, aim).placed(shape_number, on.toordinal())

    def places(self, request: SeriesRequest, aim: Aim) -> Places:
        """The best places for one aim; requests that differ only in their dates share them."""
        reach = self.reach(request)
        if aim not in reach.places:
            reach.places[aim] = Places(reach, aim)
        return reach.places[aim]

    def reach(self, request: SeriesRequest) -> Reach:
        """What suits the patient of this request, whatever the aim."""
        key = (request.patient, terms_of(request))
        if key not in self._reach:
            self._reach[key] = Reach(self, request)
        return self._reach[key]

    def offers(self, shape_number: int, day: Day, request: SeriesRequest, terms: Terms) -> Offers:
        """All starts of the shape on the day by price, for the request's chairs and weights."""
        key = (day.on, shape_number, terms)
        if key not in self._offers:
            print_ = self._print(shape_number, day)
            self._offers[key] = Offers.of(day, print_, self.shapes[shape_number], request)
        return self._offers[key]

    def _print(self, shape_number: int, day: Day) -> Footprint:
        key = (shape_number, day.grid.minutes)
        if key not in self._prints:
            self._prints[key] = day.footprint(self.shapes[shape_number])
        return self._prints[key]


def terms_of(request: SeriesRequest) -> Terms:
    """What the price of a start on a given day depends on, wishes aside."""
    weights = request.weights
    optional = (weights.stagger, weights.prime, weights.slack, weights.tight)
    return (request.chair_kind, weights.frag, weights.chair, *optional)


class Reach:
    """Starts of a day that suit a patient: the day's offers, and a mask of slots."""

    def __init__(self, book: OfferBook, request: SeriesRequest) -> None:
        self.book, self.request, self.terms = book, request, terms_of(request)
        self.places: dict[Aim, Places] = {}
        self._known: dict[tuple[int, int], tuple[Offers, int] | None] = {}
        self._usual: dict[tuple[int, ...], int] = {}

    def knows(self, shape_number: int, ordinal: int) -> bool:
        return (shape_number, ordinal) in self._known

    def starts(self, shape_number: int, ordinal: int) -> tuple[Offers, int] | None:
        """Of this shape on this date (proleptic ordinal); None where there are none."""
        key = (shape_number, ordinal)
        if key not in self._known:
            self._known[key] = self._starts(shape_number, date.fromordinal(ordinal))
        return self._known[key]

    def _starts(self, shape_number: int, on: date) -> tuple[Offers, int] | None:
        day, shape = self.book.days.get(on), self.book.shapes[shape_number]
        if day is None or any(date_refusals(on, self.request.patient, shape)):
            return None
        possible = self._possible(shape_number, day)
        if not possible:
            return None
        offers = self.book.offers(shape_number, day, self.request, self.terms)
        return (offers, possible) if offers.piles else None

    def _possible(self, shape_number: int, day: Day) -> int:
        """Days of the same hours have the same slots that suit, but for what has a date."""
        limits, grid, shape = self.request.patient, day.grid, self.book.shapes[shape_number]
        dated = limits.busy or (limits.not_before and limits.not_before > grid.midnight)
        if dated or grid.last_minute != MINUTES_A_DAY:
            return possible_slots(day, limits, shape)
        key = (shape_number, grid.first, grid.slots, grid.minutes)
        if key not in self._usual:
            self._usual[key] = possible_slots(day, limits, shape)
        return self._usual[key]


class Places:
    """The best place of each shape on each date for one aim, looked up once."""

    def __init__(self, reach: Reach, aim: Aim) -> None:
        self.reach, self.aim = reach, aim
        self._known: dict[tuple[int, int], Placement | None] = {}

    def knows(self, shape_number: int, ordinal: int) -> bool:
        """Whether asking costs nothing any more."""
        return (shape_number, ordinal) in self._known

    def knows_starts(self, shape_number: int, ordinal: int) -> bool:
        """Whether another aim has looked at the day's starts already."""
        return self.reach.knows(shape_number, ordinal)

    def placed(self, shape_number: int, ordinal: int) -> Placement | None:
        """The cheapest legal start of this shape on this date (proleptic ordinal), if any."""
        key = (shape_number, ordinal)
        if key not in self._known:
            starts = self.reach.starts(shape_number, ordinal)
            self._known[key] = starts[0].best(self.aim, starts[1]) if starts else None
        return self._known[key]
