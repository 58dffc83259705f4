"""Free starts and slivers of a day by plain loops over slots: quick enough for whole calendars."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.planning.day_facts import DayFacts
from scheduler.planning.visit import VisitShape
from tests.oracle.day import minute_of, on_duty, share_in


@dataclass(frozen=True)
class Start:
    """Minute since local midnight, chair, and how many slivers it leaves."""

    minute: int
    chair_id: int
    slivers: int


class PlainDay:
    """Slots from local midnight to midnight, each looked at by itself."""

    def __init__(self, facts: DayFacts) -> None:
        self.facts = facts
        self.grid = facts.grid_minutes
        self.free = {chair.chair_id: self._free_slots(chair.chair_id) for chair in facts.chairs}
        slots = sorted({slot for free in self._open.values() for slot in free})
        self.duty = {slot: self._duty(slot) for slot in slots}
        self.load = {slot: self._load(slot) for slot in slots}
        self.limit: dict[int, int] = {}
        for slot in range(min(slots, default=0), max(slots, default=-1) + 1):
            quarter = slot * self.grid // 15
            limit = self._duty(slot) * facts.starts_per_nurse
            self.limit[quarter] = min(self.limit.get(quarter, limit), limit)
        self.begun: dict[int, int] = {}
        for held in facts.held:
            if held.shape.nurse_load():
                quarter = minute_of(facts, held.starts_at) // 15
                self.begun[quarter] = self.begun.get(quarter, 0) + 1

    @property
    def _open(self) -> dict[int, set[int]]:
        found = {}
        for chair in self.facts.chairs:
            found[chair.chair_id] = {
                slot
                for span in chair.open
                for slot in range(
                    -(-minute_of(self.facts, span.starts_at) // self.grid),
                    minute_of(self.facts, span.ends_at) // self.grid,
                )
            }
        return found

    def _free_slots(self, chair_id: int) -> set[int]:
        free = set(self._open[chair_id])
        for held in self.facts.held:
            if held.chair_id == chair_id:
                first = minute_of(self.facts, held.starts_at)
                last = first + held.shape.chair_minutes
                free -= set(range(first // self.grid, -(-last // self.grid)))
        return free

    def _minutes(self, slot: int) -> range:
        return range(slot * self.grid, (slot + 1) * self.grid)

    def _duty(self, slot: int) -> int:
        return min(on_duty(self.facts, minute) for minute in self._minutes(slot))

    def _load(self, slot: int) -> int:
        facts = self.facts
        return sum(
            share_in(held.shape, minute_of(facts, held.starts_at), self._minutes(slot))
            for held in facts.held
        )

    def starts(self, shape: VisitShape) -> list[Start]:
        """All starts that may be booked, with their slivers."""
        length = -(-shape.chair_minutes // self.grid)
        shares = [share_in(shape, 0, self._minutes(slot)) for slot in range(length)]
        found = []
        for chair_id, free in self.free.items():
            for slot in sorted(free):
                if self._fits(free, slot, shares) and self._may_start(slot, shares):
                    slivers = self._slivers(free, slot, length)
                    found.append(Start(slot * self.grid, chair_id, slivers))
        return found

    def _fits(self, free: set[int], slot: int, shares: list[int]) -> bool:
        for offset, share in enumerate(shares):
            here = slot + offset
            if here not in free:
                return False
            if share and self.load[here] + share > 100 * self.duty[here]:
                return False
        return slot * self.grid % self.facts.start_step_minutes == 0

    def _may_start(self, slot: int, shares: list[int]) -> bool:
        quarter = slot * self.grid // 15
        return not any(shares) or self.begun.get(quarter, 0) < self.limit[quarter]

    def _slivers(self, free: set[int], slot: int, length: int) -> int:
        left, right = slot, slot + length
        while left - 1 in free:
            left -= 1
        while right in free:
            right += 1
        holes = ((slot - left) * self.grid, (right - slot - length) * self.grid)
        return sum(0 < hole < self.facts.shortest_chair_minutes for hole in holes)
