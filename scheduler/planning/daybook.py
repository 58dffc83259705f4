"""What is free on one day of one site: the ONLY feasibility rule, for offers and for bookings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from scheduler.planning import refusal as why
from scheduler.planning.day_facts import ChairFacts, DayFacts, Held
from scheduler.planning.interval import MINUTE, merge
from scheduler.planning.slots.capacity import SlotCapacity, StartLimit, nurses_by_slot
from scheduler.planning.slots.footprint import Footprint, Footprints, footprint
from scheduler.planning.slots.grid import Grid
from scheduler.planning.slots.plane import columns, erode, ones, slots
from scheduler.planning.visit import VisitShape


class FreeStart(NamedTuple):
    """A start that books."""

    starts_at: datetime
    chair_id: int


class Day:
    """The state of a day. An offered start always books, a refused one is never offered.

    Each rule is one mask of starts: chair c free (H1, H3, H4) in the big plane, nurses (H8) and
    nurse starts (H8-starts) in one-chair masks. `starts` ands them for all chairs at once;
    `refusals` asks the same masks about one start. A further resource is one more mask.
    """

    def __init__(self, facts: DayFacts) -> None:
        self.facts = facts
        self.on, self.zone = facts.on, facts.zone
        open_spans = [span for chair in facts.chairs for span in chair.open]
        self.grid = Grid.over(facts.zone, facts.on, facts.grid_minutes, open_spans)
        self.width = self.grid.slots + 1
        self.columns = columns(len(facts.chairs), self.width)
        self.places = {chair.chair_id: place for place, chair in enumerate(facts.chairs)}
        self.open = self._open_plane()
        self.free_slots = self.open
        there = nurses_by_slot(self.grid, facts.cover)
        self.on_duty = there
        self.nurses = SlotCapacity([number * 100 for number in there])
        self.nurse_starts = StartLimit(self.grid, there, facts.starts_per_nurse)
        self.start_step = self._start_step()
        self.held: list[Held] = []
        self._prints = Footprints()
        for held in facts.held:
            self._hold(held)

    @classmethod
    def build(cls, facts: DayFacts) -> Day:
        """Never raises for facts that exist; a day without chairs or hours offers nothing."""
        return cls(facts)

    # -- what is offered

    def footprint(self, shape: VisitShape) -> Footprint:
        return footprint(shape, self.grid.minutes)

    def starts(self, print_: Footprint, without: frozenset[str] = frozenset()) -> int:
        """The plane of all starts that book, every chair.

        `without` leaves out rules H1, H8 or H8-starts, to find the one that stops a plan.
        """
        mask = self.start_step
        if "H8" not in without:
            mask &= self.nurses.starts(print_.nurse_runs)
        if print_.nurse_runs and "H8-starts" not in without:
            mask &= self.nurse_starts.starts()
        chairs = self.open if "H1" in without else self.free_slots
        return erode(chairs, print_.chair_slots) & mask * self.columns if mask else 0

    def slivers(self, print_: Footprint) -> tuple[int, int]:
        """Planes of starts that leave a sliver on the left, and on the right (planner).

        Only the bits that `starts` has mean anything.
        """
        shortest = -(-self.facts.shortest_chair_minutes // self.grid.minutes)
        if shortest < 2:
            return 0, 0
        free, wide = self.free_slots, erode(self.free_slots, shortest)
        length = print_.chair_slots
        return (free << 1) & ~(wide << shortest), (free >> length) & ~(wide >> length)

    def chairs_of(self, kind: str | None) -> int:
        """Slot 0 of every chair of this kind (None: of any)."""
        if kind is None:
            return self.columns
        return sum(
            1 << (place * self.width)
            for place, chair in enumerate(self.facts.chairs)
            if chair.kind == kind
        )

    def free(self, shape: VisitShape, kind: str | None = None) -> list[FreeStart]:
        """Every start that books, in order of time, then of chairs as they were given."""
        every_slot = ones(0, self.grid.slots)
        plane = self.starts(self.footprint(shape)) & self.chairs_of(kind) * every_slot
        found = sorted((bit % self.width, bit // self.width) for bit in slots(plane))
        chairs = self.facts.chairs
        return [FreeStart(self.grid.at(slot), chairs[place].chair_id) for slot, place in found]

    def slivers_at(self, shape: VisitShape, chair_id: int, starts_at: datetime) -> int:
        """How many holes that nobody can use this visit would leave on its chair: 0, 1 or 2."""
        slot, place = self.grid.slot_of(starts_at), self.places.get(chair_id)
        if slot is None or place is None or not 0 <= slot < self.grid.slots:
            return 0
        left, right = self.slivers(self.footprint(shape))
        bit = place * self.width + slot
        return (left >> bit & 1) + (right >> bit & 1)

    # -- what is refused

    def fits(self, shape: VisitShape, chair_id: int, starts_at: datetime) -> bool:
        return not self.refusals(shape, chair_id, starts_at)

    def refusal(self, shape: VisitShape, chair_id: int, starts_at: datetime) -> why.Refusal | None:
        """The first rule that this start breaks, or None: then it books."""
        return next(iter(self.refusals(shape, chair_id, starts_at)), None)

    def refusals(
        self, shape: VisitShape, chair_id: int, starts_at: datetime
    ) -> tuple[why.Refusal, ...]:
        """Every rule that this start breaks; off the grid nothing else is looked at."""
        place = self.places.get(chair_id)
        if place is None:
            return (why.unknown_chair(chair_id),)
        slot = self.grid.slot_of(starts_at)
        if slot is None or not self._on_step(slot):
            return (why.off_grid(self, starts_at),)
        return tuple(self._broken(shape, self.facts.chairs[place], slot))

    def _broken(self, shape: VisitShape, chair: ChairFacts, slot: int) -> Iterable[why.Refusal]:
        print_ = self.footprint(shape)
        length = print_.chair_slots
        inside = slot >= 0 and slot + length <= self.grid.slots
        if not inside or not _holds(self.chair_slots(self.open, chair), slot, length):
            yield why.not_open(self, shape, chair, slot)
        elif not _holds(self.chair_slots(self.free_slots, chair), slot, length):
            yield why.chair_taken(self, shape, chair, slot)
        blocked = self.nurses.blocked(slot, print_.nurse_runs)
        if inside and blocked is not None:
            yield why.nurses_short(self, blocked)
        if print_.nurse_runs and not self.nurse_starts.allows(slot):
            yield why.too_many_starts(self, slot)

    def chair_slots(self, plane: int, chair: ChairFacts) -> int:
        """One chair's part of a plane."""
        return plane >> (self.places[chair.chair_id] * self.width) & ones(0, self.grid.slots)

    # -- what changes

    def book(self, shape: VisitShape, chair_id: int, starts_at: datetime) -> None:
        """Hold the chair and the nurses. Raises ValueError with the sentence if it is refused."""
        refused = self.refusal(shape, chair_id, starts_at)
        if refused:
            raise ValueError(refused.sentence)
        self._hold(Held(chair_id=chair_id, starts_at=starts_at, shape=shape))

    def unbook(self, shape: VisitShape, chair_id: int | None, starts_at: datetime) -> None:
        """Give back what a held visit holds. Raises ValueError if nothing like it is held."""
        held = Held(chair_id=chair_id, starts_at=starts_at, shape=shape)
        self.held.remove(held)
        slot, print_, minute = self._lie(held)
        self._count(slot, print_, minute, -1)
        if chair_id in self.places:
            place = self.places[chair_id]
            plane = ones(place * self.width, (place + 1) * self.width)
            self.free_slots |= self.open & plane
            for other in self.held:
                if other.chair_id == chair_id:
                    self._take_chair(place, *self._lie(other)[:2])

    def _hold(self, held: Held) -> None:
        self.held.append(held)
        slot, print_, minute = self._lie(held)
        self._count(slot, print_, minute, 1)
        place = self.places.get(held.chair_id) if held.chair_id is not None else None
        if place is not None:
            self._take_chair(place, slot, print_)

    def _lie(self, held: Held) -> tuple[int, Footprint, int]:
        """Where a visit lies, maybe off the grid: its first slot, its footprint, its minute."""
        minute = (held.starts_at - self.grid.midnight) // MINUTE
        slot, late = divmod(minute - self.grid.first, self.grid.minutes)
        return slot, self._prints.of(held.shape, self.grid.minutes, late), minute

    def _take_chair(self, place: int, slot: int, print_: Footprint) -> None:
        first, until = max(slot, 0), min(slot + print_.chair_slots, self.grid.slots)
        self.free_slots &= ~(ones(first, until) << (place * self.width))

    def _count(self, slot: int, print_: Footprint, minute: int, sign: int) -> None:
        """Nurse time, and the nurse's start."""
        if print_.nurse_runs:
            self.nurses.take(slot, print_.nurse, sign)
            self.nurse_starts.take(minute, sign)

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


def _holds(mask: int, slot: int, length: int) -> bool:
    """All of [slot, slot + length) is in the mask; of no length, the slot itself."""
    wanted = ones(slot, slot + max(length, 1))
    return mask & wanted == wanted
