"""What is free on one day of one site: the ONLY feasibility rule, for offers and for bookings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from scheduler.planning import refusal as why
from scheduler.planning.day_facts import BAY, ChairFacts, DayFacts, Held
from scheduler.planning.interval import merge
from scheduler.planning.shortfall import shortfalls
from scheduler.planning.slots.footprint import Footprint, Footprints, footprint
from scheduler.planning.slots.grid import Grid
from scheduler.planning.slots.plane import columns, erode, ones, slots
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


class Seat(NamedTuple):
    """The chair that a visit would hold, and the bay in which it would end, if any."""

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
        open_spans = [span for chair in facts.chairs for span in chair.open]
        self.grid = Grid.over(facts.zone, facts.on, facts.grid_minutes, open_spans)
        self.width = self.grid.slots + 1
        self.columns = columns(len(facts.chairs), self.width)
        self.places = {chair.chair_id: place for place, chair in enumerate(facts.chairs)}
        self.bays = tuple(chair for chair in facts.chairs if chair.kind == BAY)
        self.open = self._open_plane()
        self.free_slots = self.open
        self.pools = Pools(self.grid, facts)
        self.start_step = self._start_step()
        self.held: list[Held] = []
        self._kinds: dict[str | None, int] = {}
        self._prints = Footprints()
        for held in facts.held:
            self.hold(held)

    @classmethod
    def build(cls, facts: DayFacts) -> Day:
        """Never raises for facts that exist; a day without chairs or hours offers nothing."""
        return cls(facts)

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
        plane = self.open if "H1" in without else self.free_slots
        starts = erode(plane, print_.chair_slots)
        if print_.bay is not None and self.bays:
            starts |= self._until_bay(print_, plane)
        return starts & mask * self.chairs_of(kind)

    def split_starts(self, print_: Footprint) -> int:
        """Starts at which the chair is not free for the whole stay and a bay takes over; only the
        bits that `starts` has mean anything."""
        if print_.bay is None or not self.bays:
            return 0
        whole = erode(self.free_slots, print_.chair_slots)
        return self._until_bay(print_, self.free_slots) & ~whole

    def slivers(self, print_: Footprint) -> tuple[int, int]:
        """Planes of starts that leave a sliver on the left, and on the right (planner).

        It is a hole on the chair, beside the time for which it is really held. Only the bits that
        `starts` has mean anything.
        """
        shortest = -(-self.facts.shortest_chair_minutes // self.grid.minutes)
        if shortest < 2:
            return 0, 0
        free, wide = self.free_slots, erode(self.free_slots, shortest)

        def after(length: int) -> int:
            return (free >> length) & ~(wide >> length)

        right, split = after(print_.chair_slots), self.split_starts(print_)
        if split and print_.bay is not None:
            right = right & ~split | after(print_.bay.chair_slots) & split
        return (free << 1) & ~(wide << shortest), right

    def chairs_of(self, kind: str | None) -> int:
        """Slot 0 of every chair of this kind; None: of every chair that is not a bay."""
        if kind not in self._kinds:
            self._kinds[kind] = sum(
                1 << (place * self.width)
                for place, chair in enumerate(self.facts.chairs)
                if _may_start(chair, kind)
            )
        return self._kinds[kind]

    def free(self, shape: VisitShape, kind: str | None = None) -> list[FreeStart]:
        """Every start that books, in order of time, then of chairs as they were given."""
        print_ = self.footprint(shape)
        plane = self.starts(print_, kind=kind)
        found = sorted((bit % self.width, bit // self.width) for bit in slots(plane))
        chairs = self.facts.chairs
        seats = ((slot, self._seat(print_, chairs[place], slot)) for slot, place in found)
        return [FreeStart(self.grid.at(slot), *seat) for slot, seat in seats if seat]

    def seat(
        self, shape: VisitShape, chair_id: int, starts_at: datetime, bay_id: int | None = None
    ) -> Seat | None:
        """The chair, and a bay where it is not free for the whole stay; other rules are not looked
        at. `bay_id` says which bay, if there has to be one; None: the first free one."""
        slot, place = self.grid.slot_of(starts_at), self.places.get(chair_id)
        if slot is None or place is None:
            return None
        return self._seat(self.footprint(shape), self.facts.chairs[place], slot, bay_id)

    def slivers_at(self, shape: VisitShape, chair_id: int, starts_at: datetime) -> int:
        """How many holes that nobody can use this visit would leave on its chair: 0, 1 or 2."""
        slot, place = self.grid.slot_of(starts_at), self.places.get(chair_id)
        if slot is None or place is None or not 0 <= slot < self.grid.slots:
            return 0
        print_, chair = self.footprint(shape), self.facts.chairs[place]
        seat = self._seat(print_, chair, slot)
        split = print_.bay is not None and seat is not None and seat.bay_id is not None
        length = print_.bay.chair_slots if split and print_.bay else print_.chair_slots
        free = self.chair_slots(self.free_slots, chair)
        shortest = -(-self.facts.shortest_chair_minutes // self.grid.minutes)
        holes = (_hole_below(free, slot), _hole_from(free, slot + length))
        return sum(0 < hole < shortest for hole in holes)

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
        found = [] if _may_start(chair, kind) else [why.wrong_kind(chair, kind)]
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
        if self._seat(print_, chair, slot, bay_id):
            return
        bay = print_.bay
        if not self._seat(print_, chair, slot, bay_id, self.open):
            yield why.not_open(self, shape, chair, slot)
        elif bay and _holds(self.chair_slots(self.free_slots, chair), slot, bay.chair_slots):
            yield why.bay_taken(self, shape, chair, slot, self._bay(bay_id))
        else:
            yield why.chair_taken(self, shape, chair, slot)

    def _seat(
        self,
        print_: Footprint,
        chair: ChairFacts,
        slot: int,
        bay_id: int | None = None,
        plane: int | None = None,
    ) -> Seat | None:
        """Where a visit from this slot on would sit, in the free slots or those of a plane."""
        plane = self.free_slots if plane is None else plane
        own, bay = self.chair_slots(plane, chair), print_.bay
        if _holds(own, slot, print_.chair_slots):
            return Seat(chair.chair_id)
        if bay is None or chair.kind == BAY or not _holds(own, slot, bay.chair_slots):
            return None
        for one in self.bays:
            free = _holds(self.chair_slots(plane, one), slot + bay.first, bay.slots)
            if free and bay_id in (None, one.chair_id):
                return Seat(chair.chair_id, one.chair_id)
        return None

    def _bay(self, bay_id: int | None) -> ChairFacts | None:
        return next((bay for bay in self.bays if bay.chair_id == bay_id), None)

    def chair_slots(self, plane: int, chair: ChairFacts) -> int:
        """One chair's part of a plane."""
        return plane >> (self.places[chair.chair_id] * self.width) & ones(0, self.grid.slots)

    def _until_bay(self, print_: Footprint, plane: int) -> int:
        """Starts from which a chair is free until recovery, and some bay from then on."""
        bay, mask = print_.bay, 0
        if bay is None:
            return 0
        for chair in self.bays:
            mask |= erode(self.chair_slots(plane, chair), bay.slots) >> bay.first
        return erode(plane, bay.chair_slots) & mask * self.chairs_of(None)

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
        self.held.remove(held)
        slot, print_, minute = self._lie(held)
        self.pools.take(slot, print_, minute, -1)
        for place, _ in self._claims(held, slot, print_):
            plane = ones(place * self.width, (place + 1) * self.width)
            self.free_slots |= self.open & plane
            self._take_chairs(other for other in self.held if self._is_on(place, other))

    def hold(self, held: Held) -> None:
        """Count a visit in, whether or not it fits: it may be off the grid or over capacity."""
        self.held.append(held)
        slot, print_, minute = self._lie(held)
        self.pools.take(slot, print_, minute, 1)
        self._take_chairs([held])

    def _lie(self, held: Held) -> tuple[int, Footprint, int]:
        """Where a visit lies, maybe off the grid: its first slot, its footprint, its minute."""
        minute = self.grid.minute_of(held.starts_at)
        slot, late = divmod(minute - self.grid.first, self.grid.minutes)
        return slot, self._prints.of(held.shape, self.grid.minutes, late), minute

    def _claims(self, held: Held, slot: int, print_: Footprint) -> Iterator[tuple[int, int]]:
        """The place of the chair and of the bay, each with the slots that are held there."""
        bay = None if held.bay_id is None else print_.bay
        length = print_.chair_slots if bay is None else bay.chair_slots
        if held.chair_id in self.places:
            yield self.places[held.chair_id], self._clipped(slot, length)
        if bay is not None and held.bay_id in self.places:
            yield self.places[held.bay_id], self._clipped(slot + bay.first, bay.slots)

    def _is_on(self, place: int, held: Held) -> bool:
        return self.facts.chairs[place].chair_id in (held.chair_id, held.bay_id)

    def _take_chairs(self, visits: Iterable[Held]) -> None:
        for held in visits:
            slot, print_, _ = self._lie(held)
            for place, taken in self._claims(held, slot, print_):
                self.free_slots &= ~(taken << (place * self.width))

    def _clipped(self, slot: int, length: int) -> int:
        return ones(max(slot, 0), min(slot + length, self.grid.slots))

    # -- once per day

    def _open_plane(self) -> int:
        plane = 0
        for place, chair in enumerate(self.facts.chairs):
            mask = 0
            for span in merge(chair.open):
                mask |= self.grid.inside(span)
            plane |= mask << (place * self.width)
        return plane

    def _on_step(self, slot: int) -> bool:
        return self.grid.minute(slot) % self.facts.start_step_minutes == 0

    def _start_step(self) -> int:
        return sum(1 << slot for slot in range(self.grid.slots) if self._on_step(slot))


def _may_start(chair: ChairFacts, kind: str | None) -> bool:
    """No visit starts in a bay unless that kind is asked for."""
    return chair.kind == kind if kind is not None else chair.kind != BAY


def _holds(mask: int, slot: int, length: int) -> bool:
    """All of [slot, slot + length) is in the mask; of no length, the slot itself."""
    wanted = ones(slot, slot + max(length, 1)) if slot >= 0 else 0
    return wanted > 0 and mask & wanted == wanted


def _hole_below(mask: int, slot: int) -> int:
    """How many slots in a row are in the mask right before this one."""
    return slot - (~mask & ones(0, slot)).bit_length()


def _hole_from(mask: int, slot: int) -> int:
    """How many slots in a row are in the mask from this one on."""
    rest = ~(mask >> slot)
    return (rest & -rest).bit_length() - 1
