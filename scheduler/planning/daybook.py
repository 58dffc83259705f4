"""What is free on one day of one site: the ONLY feasibility rule, for offers and for bookings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from scheduler.planning import refusal as why
from scheduler.planning.day_facts import ChairFacts, DayFacts, Held
from scheduler.planning.shortfall import shortfalls
from scheduler.planning.slots.chairs import (
    Chairs,
    Lying,
    Seat,
    holds,
    hole_below,
    hole_from,
    may_start,
)
from scheduler.planning.slots.footprint import Footprint, Footprints, footprint
from scheduler.planning.slots.grid import Grid
from scheduler.planning.slots.plane import erode, slots
from scheduler.planning.slots.pools import Pools
from scheduler.planning.visit import VisitShape

CAPACITY_RULES = frozenset(
    {"H1", "H8", "H8-sedating", "H8-starts", "H9", "H10-pump", "H10-monitor", "H15"}
)
"""What `Day.starts` can leave out, to find the rule that stops a plan. Hours (H3, H4) stay."""
NOTHING: frozenset[str] = frozenset()


class FreeStart(NamedTuple):
    """A start that books; with a bay the visit's last parts are spent there."""

    starts_at: datetime
    chair_id: int
    bay_id: int | None = None


class Day:
    """The state of a day. An offered start always books, a refused one is never offered.

    Each rule is one mask of starts: chair c free (H1, H3, H4) in the big plane, what visits share
    (H8, H9, H10, H15: `slots.pools`) in one-chair masks. `starts` ands them for all chairs at once;
    `refusals` asks the same masks about one start.

    A chair that is free for the whole stay is held for all of it. Where it is not, a visit whose
    later parts may be spent in a recovery bay holds the chair until these begin (turnaround
    included), and a bay from then on: a split stay. No visit starts in a bay, a chair of the kind
    "bay", unless that kind is asked for: `kind` None is any chair but a bay.
    """

    def __init__(self, facts: DayFacts) -> None:
        self.facts = facts
        self.on, self.zone = facts.on, facts.zone
        spans = {span for opened in {chair.open for chair in facts.chairs} for span in opened}
        self.grid = Grid.over(facts.zone, facts.on, facts.grid_minutes, spans)
        self.chairs = Chairs(self.grid, facts.chairs)
        self.width, self.columns = self.chairs.width, self.chairs.columns
        self.places, self.bays = self.chairs.places, self.chairs.bays
        self.open = self.chairs.open
        self.pools = Pools(self.grid, facts)
        self.start_step = _steps(
            self.grid.first, self.grid.minutes, self.grid.slots, facts.start_step_minutes
        )
        self._prints = Footprints()
        lying = [self._lie(held) for held in facts.held]
        self.chairs.fill(lying)
        for one in lying:
            self._count(one, 1)

    @classmethod
    def build(cls, facts: DayFacts) -> Day:
        """Never raises for facts that exist; a day without chairs or hours offers nothing."""
        return cls(facts)

    @property
    def free_slots(self) -> int:
        """The plane of what is open and not held."""
        return self.chairs.free

    @property
    def held(self) -> list[Held]:
        """All visits that count in the day, grouped by chair."""
        return list(self.chairs.held())

    # -- what is offered

    def footprint(self, shape: VisitShape) -> Footprint:
        return footprint(shape, self.grid.minutes)

    def starts(
        self, print_: Footprint, without: frozenset[str] = NOTHING, kind: str | None = None
    ) -> int:
        """The plane of all starts that book, every chair of this kind.

        `without` leaves out some of CAPACITY_RULES, to find the one that stops a plan.
        """
        mask = self.start_step & self.pools.starts(print_, without)
        if not mask:
            return 0
        plane = self.open if "H1" in without else self.chairs.free
        return self.chairs.starts(print_, plane) & mask * self.chairs.of_kind(kind)

    def split_starts(self, print_: Footprint) -> int:
        """Starts at which the chair is not free for the whole stay and a bay takes over; only the
        bits that `starts` has mean anything."""
        if print_.bay is None or not self.bays:
            return 0
        free = self.chairs.free
        return self.chairs.until_bay(print_, free) & ~erode(free, print_.chair_slots)

    def slivers(self, print_: Footprint) -> tuple[int, int]:
        """Planes of starts that leave a sliver on the left, and on the right (planner).

        It is a hole on the chair, beside the time for which it is really held. Only the bits that
        `starts` has mean anything.
        """
        shortest = -(-self.facts.shortest_chair_minutes // self.grid.minutes)
        if shortest < 2:
            return 0, 0
        free = self.chairs.free
        wide = erode(free, shortest)

        def after(length: int) -> int:
            return (free >> length) & ~(wide >> length)

        right, split = after(print_.chair_slots), self.split_starts(print_)
        if split and print_.bay is not None:
            right = right & ~split | after(print_.bay.chair_slots) & split
        return (free << 1) & ~(wide << shortest), right

    def chairs_of(self, kind: str | None) -> int:
        """Slot 0 of every chair of this kind; None: of every chair that is not a bay."""
        return self.chairs.of_kind(kind)

    def free(self, shape: VisitShape, kind: str | None = None) -> list[FreeStart]:
        """Every start that books, in order of time, then of chairs as they were given."""
        print_ = self.footprint(shape)
        plane = self.starts(print_, kind=kind)
        found = sorted((bit % self.width, bit // self.width) for bit in slots(plane))
        chairs = self.facts.chairs
        seats = ((slot, self.chairs.seat(print_, chairs[place], slot)) for slot, place in found)
        return [FreeStart(self.grid.at(slot), *seat) for slot, seat in seats if seat]

    def seat(
        self, shape: VisitShape, chair_id: int, starts_at: datetime, bay_id: int | None = None
    ) -> Seat | None:
        """The chair, and a bay where it is not free for the whole stay; other rules are not looked
        at. `bay_id` says which bay, if there has to be one; None: the first free one."""
        slot, place = self.grid.slot_of(starts_at), self.places.get(chair_id)
        if slot is None or place is None:
            return None
        return self.chairs.seat(self.footprint(shape), self.facts.chairs[place], slot, bay_id)

    def slivers_at(self, shape: VisitShape, chair_id: int, starts_at: datetime) -> int:
        """How many holes that nobody can use this visit would leave on its chair: 0, 1 or 2."""
        shortest = -(-self.facts.shortest_chair_minutes // self.grid.minutes)
        return sum(0 < hole < shortest for hole in self.holes_at(shape, chair_id, starts_at))

    def holes_at(self, shape: VisitShape, chair_id: int, starts_at: datetime) -> tuple[int, int]:
        """Free slots left and right of this visit on its chair, to the next claim, closure or edge
        of the hours; beside the time for which the chair is really held."""
        slot, place = self.grid.slot_of(starts_at), self.places.get(chair_id)
        if slot is None or place is None or not 0 <= slot < self.grid.slots:
            return 0, 0
        print_, chair = self.footprint(shape), self.facts.chairs[place]
        seat = self.chairs.seat(print_, chair, slot)
        split = print_.bay is not None and seat is not None and seat.bay_id is not None
        length = print_.bay.chair_slots if split and print_.bay else print_.chair_slots
        free = self.chair_slots(self.free_slots, chair)
        return hole_below(free, slot), hole_from(free, slot + length)

    # -- what is refused

    def fits(
        self,
        shape: VisitShape,
        chair_id: int,
        starts_at: datetime,
        kind: str | None = None,
        bay_id: int | None = None,
    ) -> bool:
        return not self.refusals(shape, chair_id, starts_at, kind, bay_id)

    def refusal(
        self,
        shape: VisitShape,
        chair_id: int,
        starts_at: datetime,
        kind: str | None = None,
        bay_id: int | None = None,
    ) -> why.Refusal | None:
        """The first rule that this start breaks, or None: then it books."""
        return next(iter(self.refusals(shape, chair_id, starts_at, kind, bay_id)), None)

    def refusals(
        self,
        shape: VisitShape,
        chair_id: int,
        starts_at: datetime,
        kind: str | None = None,
        bay_id: int | None = None,
    ) -> tuple[why.Refusal, ...]:
        """Every rule that this start breaks; off the grid nothing else is looked at.

        `bay_id` is the bay to use if the chair is not free for the whole stay; None: any.
        """
        place = self.places.get(chair_id)
        if place is None:
            return (why.unknown_chair(chair_id),)
        slot = self.grid.slot_of(starts_at)
        if slot is None or not self._on_step(slot):
            return (why.off_grid(self, starts_at),)
        chair, print_ = self.facts.chairs[place], self.footprint(shape)
        found = [] if may_start(chair, kind) else [why.wrong_kind(chair, kind)]
        found += self._chair_refusals(shape, print_, chair, slot, bay_id)
        found += shortfalls(self, shape, print_, slot)
        return tuple(found)

    def _chair_refusals(
        self,
        shape: VisitShape,
        print_: Footprint,
        chair: ChairFacts,
        slot: int,
        bay_id: int | None,
    ) -> Iterator[why.Refusal]:
        if self.chairs.seat(print_, chair, slot, bay_id):
            return
        bay = print_.bay
        if not self.chairs.seat(print_, chair, slot, bay_id, self.open):
            yield why.not_open(self, shape, chair, slot)
        elif (
            bay
            and self.bays
            and holds(self.chair_slots(self.free_slots, chair), slot, bay.chair_slots)
        ):
            yield why.bay_taken(self, shape, chair, slot, self._bay(bay_id))
        else:
            yield why.chair_taken(self, shape, chair, slot)

    def _bay(self, bay_id: int | None) -> ChairFacts | None:
        return next((bay for bay in self.bays if bay.chair_id == bay_id), None)

    def chair_slots(self, plane: int, chair: ChairFacts) -> int:
        """One chair's part of a plane."""
        return self.chairs.slots_of(plane, chair.chair_id)

    # -- what changes

    def book(
        self,
        shape: VisitShape,
        chair_id: int,
        starts_at: datetime,
        kind: str | None = None,
        bay_id: int | None = None,
    ) -> Seat:
        """Hold all that the visit needs; the answer says whether a bay is part of it.

        Raises ValueError with the sentence if it is refused.
        """
        refused = self.refusal(shape, chair_id, starts_at, kind, bay_id)
        seat = self.seat(shape, chair_id, starts_at, bay_id)
        if refused or seat is None:
            raise ValueError(refused.sentence if refused else "no seat")
        self.hold(Held(chair_id=chair_id, starts_at=starts_at, shape=shape, bay_id=seat.bay_id))
        return seat

    def unbook(
        self,
        shape: VisitShape,
        chair_id: int | None,
        starts_at: datetime,
        bay_id: int | None = None,
    ) -> None:
        """Give back what a held visit holds. Raises ValueError if nothing like it is held."""
        held = Held(chair_id=chair_id, starts_at=starts_at, shape=shape, bay_id=bay_id)
        lying = self._lie(held)
        self.chairs.release(lying)
        self._count(lying, -1)

    def hold(self, held: Held) -> None:
        """Count a visit in, whether or not it fits: it may be off the grid or over capacity."""
        lying = self._lie(held)
        self.chairs.hold(lying)
        self._count(lying, 1)

    def _lie(self, held: Held) -> Lying:
        minute = self.grid.minute_of(held.starts_at)
        slot, late = divmod(minute - self.grid.first, self.grid.minutes)
        return Lying(held, minute, slot, self._prints.of(held.shape, self.grid.minutes, late))

    def _count(self, one: Lying, sign: int) -> None:
        if one.print_.runs:
            self.pools.take(one.slot, one.print_, one.minute, sign)

    def _on_step(self, slot: int) -> bool:
        return self.grid.minute(slot) % self.facts.start_step_minutes == 0


@lru_cache(maxsize=256)
def _steps(first: int, minutes: int, slots_of_day: int, step: int) -> int:
    """Slots that begin on the step, counted in minutes from local midnight: a one-chair mask."""
    on_step = (slot for slot in range(slots_of_day) if (first + slot * minutes) % step == 0)
    return sum(1 << slot for slot in on_step)
