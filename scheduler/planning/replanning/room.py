"""Days of one's own to try places on: what is free there, kept until the day changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import NamedTuple

from scheduler.planning.day_facts import Held
from scheduler.planning.daybook import Day
from scheduler.planning.slots.plane import at_or_above, at_or_below, fold, lowest
from scheduler.planning.visit import VisitShape


class Free(NamedTuple):
    """Starts of one shape on one day: the plane of all chairs, and folded to one chair."""

    plane: int
    folded: int


class Room:
    """A calendar of which changed days are copies: the caller's days stay as they are."""

    def __init__(self, days: Mapping[date, Day]) -> None:
        self.days: dict[date, Day] = dict(days)
        self.versions: dict[date, int] = dict.fromkeys(days, 0)
        self._own: set[date] = set()
        self._free: dict[date, dict[tuple[int, str | None], Free]] = {}
        self._numbers: dict[VisitShape, int] = {}
        self._known: dict[int, tuple[VisitShape, int]] = {}

    # -- what is free

    def free(self, on: date, shape: VisitShape, kind: str | None) -> Free:
        there, key = self._free.setdefault(on, {}), (self.number(shape), kind)
        found = there.get(key)
        if found is None:
            day = self.days[on]
            plane = day.starts(day.footprint(shape), kind=kind)
            found = there[key] = Free(plane, fold(plane, len(day.places), day.width))
        return found

    def number(self, shape: VisitShape) -> int:
        """A short name for a shape, looked up by identity: comparing shapes again and again would
        cost more than everything else."""
        known = self._known.get(id(shape))
        if known is None:
            number = self._numbers.setdefault(shape, len(self._numbers))
            # the shape is kept beside its number, so that its id cannot come to mean another
            known = self._known[id(shape)] = (shape, number)
        return known[1]

    def nearest(
        self, on: date, shape: VisitShape, kind: str | None, possible: int, wall: time
    ) -> tuple[int, int] | None:
        """(minutes off the time of day, slot) of the nearest of the `possible` starts; the earlier
        one wins ties."""
        grid, mask = self.days[on].grid, self.free(on, shape, kind).folded & possible
        if not mask:
            return None
        wished = grid.wall_minute(wall)
        slot = (wished - grid.first) // grid.minutes
        near = (at_or_below(mask, slot), at_or_above(mask, slot + 1))
        return min((abs(grid.minute(one) - wished), one) for one in near if one >= 0)

    def seat(self, on: date, shape: VisitShape, kind: str | None, slot: int, own: int) -> Held:
        """The place for a free start: its own chair, else the first one where it lies against what
        is there, so that holes stay large."""
        day = self.days[on]
        chairs = self.free(on, shape, kind).plane >> slot & day.columns
        place = day.places.get(own)
        if place is None or not chairs >> (place * day.width) & 1:
            length = day.footprint(shape).chair_slots
            roomy = day.free_slots >> (slot + length) & (day.free_slots << 1) >> slot
            place = lowest(chairs & ~roomy or chairs) // day.width
        chair_id, starts_at = day.facts.chairs[place].chair_id, day.grid.at(slot)
        sits = day.seat(shape, chair_id, starts_at)
        bay_id = sits.bay_id if sits else None
        return Held(chair_id=chair_id, starts_at=starts_at, shape=shape, bay_id=bay_id)

    # -- what changes

    def hold(self, held: Held, on: date) -> None:
        """Whatever the rules say: for places that were found free, or are given back."""
        self._owned(on).hold(held)
        self._changed(on)

    def release(self, held: Held, on: date) -> None:
        """Raises ValueError if nothing like it is held."""
        day = self._owned(on)
        day.unbook(held.shape, held.chair_id, held.starts_at, held.bay_id)
        self._changed(on)

    def _owned(self, on: date) -> Day:
        if on not in self._own:
            day = self.days[on]
            self.days[on] = Day.build(replace(day.facts, held=tuple(day.held)))
            self._own.add(on)
        return self.days[on]

    def _changed(self, on: date) -> None:
        self.versions[on] += 1
        self._free.pop(on, None)
