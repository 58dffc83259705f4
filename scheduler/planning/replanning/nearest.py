"""Where a moved visit goes on a day: the free start nearest its time of day, its chair first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import NamedTuple

from scheduler.planning.daybook import Day
from scheduler.planning.request import PatientLimits, SeriesRequest, Weights
from scheduler.planning.searching.offers import SCALE, Aim, OfferBook, Placement
from scheduler.planning.visit import VisitShape

NO_PRICE = Weights(early=0, day=0, gap=0, time=0, chair=0, frag=0, set=0)


class Wish(NamedTuple):
    """What a visit keeps as far as it can."""

    shape: VisitShape
    wall: time
    chair_id: int


class Spot(NamedTuple):
    """A start and how many minutes of the day's clock it is off the wish."""

    minutes: int
    starts_at: datetime
    chair_id: int
    bay_id: int | None = None


class NearestSpots:
    """Free starts of one calendar for one patient, each day looked at once for each wish."""

    def __init__(
        self, days: Mapping[date, Day], patient: PatientLimits, chair_kind: str | None
    ) -> None:
        self.days, self.book = days, OfferBook(days)
        self.question = SeriesRequest(
            shapes=(),
            earliest_on=date.min,
            patient=patient,
            chair_kind=chair_kind,
            weights=NO_PRICE,
        )
        self._minutes: dict[tuple[Wish, date], int | None] = {}

    def minutes(self, wish: Wish, on: date) -> int | None:
        """How far the nearest free start of this date is off the wish; None: nothing is free."""
        key = (wish, on)
        if key not in self._minutes:
            placed = self._placed(wish, on)
            self._minutes[key] = None if placed is None else placed.price % SCALE
        return self._minutes[key]

    def spot(self, wish: Wish, on: date) -> Spot | None:
        """The nearest free start of this date: ties in minutes, the earlier one, then its chair."""
        placed, day = self._placed(wish, on), self.days.get(on)
        if placed is None or day is None:
            return None
        starts_at = day.grid.at(placed.slot)
        chair_id = day.facts.chairs[placed.place].chair_id
        if self._own_chair(wish, day, starts_at):
            chair_id = wish.chair_id
        return Spot(placed.price % SCALE, starts_at, chair_id)

    def _placed(self, wish: Wish, on: date) -> Placement | None:
        number = self.book.shape_number(wish.shape)
        return self.book.best(self.question, number, on, Aim(wish.wall, 0))

    def _own_chair(self, wish: Wish, day: Day, starts_at: datetime) -> bool:
        place = day.places.get(wish.chair_id)
        if place is None:
            return False
        kind = self.question.chair_kind
        of_kind = kind is None or day.facts.chairs[place].kind == kind
        return of_kind and day.fits(wish.shape, wish.chair_id, starts_at)
