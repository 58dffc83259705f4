"""Where a moved visit goes on a day: the free start nearest its time of day, its chair first."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import NamedTuple

from scheduler.planning.patient import date_refusals, possible_slots
from scheduler.planning.replanning.room import Room
from scheduler.planning.request import PatientLimits
from scheduler.planning.visit import VisitShape


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
        self, room: Room, days: tuple[date, ...], patient: PatientLimits, chair_kind: str | None
    ) -> None:
        self.room, self.days, self.patient = room, days, patient
        self.chair_kind = chair_kind
        self._found: dict[tuple[int, time, date], tuple[int, int] | None] = {}
        self._dates: dict[int, tuple[date, ...]] = {}

    def dates(self, shape: VisitShape) -> tuple[date, ...]:
        """Those that the patient's own rules allow."""
        number = self.room.number(shape)
        if number not in self._dates:
            self._dates[number] = tuple(
                on for on in self.days if not any(date_refusals(on, self.patient, shape))
            )
        return self._dates[number]

    def minutes(self, wish: Wish, on: date) -> int | None:
        """How far the nearest free start of this date is off the wish; None: nothing is free."""
        found = self._nearest(wish, on)
        return None if found is None else found[0]

    def spot(self, wish: Wish, on: date) -> Spot | None:
        """The nearest free start of this date: ties in minutes, the earlier one, then its chair."""
        found = self._nearest(wish, on)
        if found is None:
            return None
        minutes, slot = found
        held = self.room.seat(on, wish.shape, self.chair_kind, slot, wish.chair_id)
        if held.chair_id is None:
            raise AssertionError("a free start has a chair")
        return Spot(minutes, held.starts_at, held.chair_id, held.bay_id)

    def _nearest(self, wish: Wish, on: date) -> tuple[int, int] | None:
        shape = wish.shape
        key = (self.room.number(shape), wish.wall, on)
        if key not in self._found:
            possible = possible_slots(self.room.days[on], self.patient, shape)
            self._found[key] = self.room.nearest(on, shape, self.chair_kind, possible, wish.wall)
        return self._found[key]
