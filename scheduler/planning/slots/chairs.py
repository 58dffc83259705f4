"""The chairs and bays of a day: when each is open, what is free of it, and who holds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scheduler.planning.day_facts import BAY, ChairFacts, Held
from scheduler.planning.interval import merge
from scheduler.planning.slots.footprint import Footprint
from scheduler.planning.slots.grid import Grid
from scheduler.planning.slots.plane import columns, erode, ones, plane_of


class Seat(NamedTuple):
    """The chair that a visit would hold, and the bay in which it would end, if any."""

    chair_id: int
    bay_id: int | None = None


class Lying(NamedTuple):
    """A held visit on the grid: its start in minutes since local midnight, its first slot, maybe
    outside the day, and its footprint."""

    held: Held
    minute: int
    slot: int
    print_: Footprint


class Chairs:
    """Planes of all chairs (H1, H3, H4), bays among them, in the order in which they were given."""

    def __init__(self, grid: Grid, chairs: tuple[ChairFacts, ...]) -> None:
        self.grid, self.facts = grid, chairs
        self.width = grid.slots + 1
        self.columns = columns(len(chairs), self.width)
        self.places = {chair.chair_id: place for place, chair in enumerate(chairs)}
        self.bays = tuple(chair for chair in chairs if chair.kind == BAY)
        self._open_slots = self._opened()
        self.open = self.free = plane_of(self._open_slots, self.width)
        self._kinds: dict[str | None, int] = {}
        self._on: dict[int | None, list[Lying]] = {}
        self._in_bay: dict[int, list[Lying]] = {}

    def _opened(self) -> list[int]:
        """Each chair's open slots; most chairs of a site are open at the same hours."""
        known: dict[object, int] = {}
        found = []
        for chair in self.facts:
            mask = known.get(chair.open)
            if mask is None:
                mask = 0
                for span in merge(chair.open):
                    mask |= self.grid.inside(span)
                known[chair.open] = mask
            found.append(mask)
        return found

    # -- where a visit could sit

    def of_kind(self, kind: str | None) -> int:
        """Slot 0 of every chair of this kind; None: of every chair that is not a bay."""
        if kind not in self._kinds:
            self._kinds[kind] = sum(
                1 << (place * self.width)
                for place, chair in enumerate(self.facts)
                if may_start(chair, kind)
            )
        return self._kinds[kind]

    def slots_of(self, plane: int, chair_id: int) -> int:
        """One chair's part of a plane."""
        return plane >> (self.places[chair_id] * self.width) & ones(0, self.grid.slots)

    def starts(self, print_: Footprint, plane: int) -> int:
        """Starts at which this plane has a seat, whatever the kind of chair."""
        whole = erode(plane, print_.chair_slots)
        return whole | self.until_bay(print_, plane) if print_.bay and self.bays else whole

    def until_bay(self, print_: Footprint, plane: int) -> int:
        """Starts from which a chair, not a bay, is free until recovery, and some bay from then on.
        Chairs that are free for the whole stay are among them."""
        bay, mask = print_.bay, 0
        if bay is None:
            return 0
        for chair in self.bays:
            mask |= erode(self.slots_of(plane, chair.chair_id), bay.slots) >> bay.first
        return erode(plane, bay.chair_slots) & mask * self.of_kind(None)

    def seat(
        self,
        print_: Footprint,
        chair: ChairFacts,
        slot: int,
        bay_id: int | None = None,
        plane: int | None = None,
    ) -> Seat | None:
        """Where a visit from this slot on would sit, in the free slots or those of a plane."""
        plane = self.free if plane is None else plane
        own, bay = self.slots_of(plane, chair.chair_id), print_.bay
        if holds(own, slot, print_.chair_slots):
            return Seat(chair.chair_id)
        if bay is None or chair.kind == BAY or not holds(own, slot, bay.chair_slots):
            return None
        for one in self.bays:
            free = holds(self.slots_of(plane, one.chair_id), slot + bay.first, bay.slots)
            if free and bay_id in (None, one.chair_id):
                return Seat(chair.chair_id, one.chair_id)
        return None

    # -- who holds what

    def held(self) -> Iterator[Held]:
        for lying in self._on.values():
            yield from (one.held for one in lying)

    def on_chair(self, chair_id: int) -> Iterator[Held]:
        """Visits that hold this chair or bay."""
        for one in (*self._on.get(chair_id, ()), *self._in_bay.get(chair_id, ())):
            yield one.held

    def fill(self, visits: list[Lying]) -> None:
        """As `hold` for each of them, much quicker; of a day on which nothing is held yet."""
        slots = list(self._open_slots)
        for one in visits:
            self._note(one)
            for place, taken in self._claims(one):
                slots[place] &= ~taken
        self.free = plane_of(slots, self.width)

    def hold(self, one: Lying) -> None:
        self._note(one)
        for place, taken in self._claims(one):
            self.free &= ~(taken << (place * self.width))

    def release(self, one: Lying) -> None:
        """Raises ValueError if it is not held."""
        self._on.get(one.held.chair_id, []).remove(one)
        if one.held.bay_id is not None:
            self._in_bay[one.held.bay_id].remove(one)
        for place, _ in self._claims(one):
            first = place * self.width
            free = self._left(place) << first
            self.free = self.free & ~ones(first, first + self.width) | free

    def _left(self, place: int) -> int:
        """What those who are still held leave free there; one may hold it as chair and as bay."""
        left, chair_id = self._open_slots[place], self.facts[place].chair_id
        for other in (*self._on.get(chair_id, ()), *self._in_bay.get(chair_id, ())):
            for there, taken in self._claims(other):
                left &= ~taken if there == place else -1
        return left

    def _note(self, one: Lying) -> None:
        self._on.setdefault(one.held.chair_id, []).append(one)
        if one.held.bay_id is not None:
            self._in_bay.setdefault(one.held.bay_id, []).append(one)

    def _claims(self, one: Lying) -> Iterator[tuple[int, int]]:
        """The place of the chair and of the bay, each with the slots that are held there."""
        held, _, slot, print_ = one
        bay = None if held.bay_id is None else print_.bay
        length = print_.chair_slots if bay is None else bay.chair_slots
        chair_id = held.chair_id
        if chair_id is not None and chair_id in self.places:
            yield self.places[chair_id], self._clipped(slot, length)
        if bay is not None and held.bay_id in self.places:
            yield self.places[held.bay_id], self._clipped(slot + bay.first, bay.slots)

    def _clipped(self, slot: int, length: int) -> int:
        return ones(max(slot, 0), min(slot + length, self.grid.slots))


def may_start(chair: ChairFacts, kind: str | None) -> bool:
    """No visit starts in a bay unless that kind is asked for (domain C10)."""
    return chair.kind == kind if kind is not None else chair.kind != BAY


def holds(mask: int, slot: int, length: int) -> bool:
    """All of [slot, slot + length) is in the mask; of no length, the slot itself."""
    wanted = ones(slot, slot + max(length, 1)) if slot >= 0 else 0
    return wanted > 0 and mask & wanted == wanted


def hole_below(mask: int, slot: int) -> int:
    """How many slots in a row are in the mask right before this one."""
    return slot - (~mask & ones(0, slot)).bit_length()


def hole_from(mask: int, slot: int) -> int:
    """How many slots in a row are in the mask from this one on."""
    rest = ~(mask >> slot)
    return (rest & -rest).bit_length() - 1
