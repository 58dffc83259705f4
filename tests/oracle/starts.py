"""Free starts and slivers of a day by plain loops over slots: quick enough for whole calendars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from scheduler.planning.day_facts import Counts, DayFacts
from scheduler.planning.interval import Interval
from scheduler.planning.visit import RESOURCES, VisitShape
from tests.oracle.day import (
    clean_minutes,
    minute_of,
    needs_nurse,
    number_at,
    share_in,
    to_bay_minutes,
)


@dataclass(frozen=True)
class Start:
    """Minute since local midnight, chair, how many slivers it leaves, and the minutes of its chair
    that are free left and right of it."""

    minute: int
    chair_id: int
    slivers: int
    holes: tuple[int, int]


class PlainDay:
    """Slots from local midnight to midnight, each looked at by itself."""

    def __init__(self, facts: DayFacts) -> None:
        self.facts = facts
        self.grid = facts.grid_minutes
        self.free = {chair.chair_id: self._free_slots(chair.chair_id) for chair in facts.chairs}
        self.slots = sorted({slot for free in self._open.values() for slot in free})
        self.duty = {slot: self._number(facts.cover, slot) for slot in self.slots}
        self.limit = self._limits()
        self.begun: dict[int, int] = {}
        for held in facts.held:
            if needs_nurse(held.shape):
                quarter = minute_of(facts, held.starts_at) // 15
                self.begun[quarter] = self.begun.get(quarter, 0) + 1
        self._used: dict[str, dict[int, int]] = {}

    @property
    def load(self) -> dict[int, int]:
        """Hundredths of nurses in use, by slot."""
        return self.used("nurse")

    @property
    def _open(self) -> dict[int, set[int]]:
        return {
            chair.chair_id: {
                slot
                for first, last in self._joined(chair.open)
                for slot in range(-(-first // self.grid), last // self.grid)
            }
            for chair in self.facts.chairs
        }

    def _joined(self, spans: tuple[Interval, ...]) -> list[tuple[int, int]]:
        """Minutes [first, last) of spans, those that overlap or touch as one."""
        found: list[tuple[int, int]] = []
        for span in sorted(spans):
            first, last = minute_of(self.facts, span.starts_at), minute_of(self.facts, span.ends_at)
            if found and first <= found[-1][1]:
                first, last = found[-1][0], max(last, found.pop()[1])
            found.append((first, last))
        return found

    def _free_slots(self, chair_id: int) -> set[int]:
        free = set(self._open[chair_id])
        for held in self.facts.held:
            first = minute_of(self.facts, held.starts_at)
            last = first + held.shape.chair_minutes
            to_bay = None if held.bay_id is None else to_bay_minutes(held.shape)
            if to_bay is not None and held.bay_id == chair_id:
                free -= self._touched(first + to_bay, last)
            if held.chair_id == chair_id:
                if to_bay is not None:
                    last = first + to_bay + clean_minutes(held.shape)
                free -= self._touched(first, last)
        return free

    def _touched(self, first: int, last: int) -> set[int]:
        """Slots that share a minute with [first, last); a visit of no length has none."""
        return set(range(first // self.grid, -(-last // self.grid))) if last > first else set()

    def _minutes(self, slot: int) -> range:
        return range(slot * self.grid, (slot + 1) * self.grid)

    def _number(self, counts: Counts, slot: int) -> int:
        return min(number_at(self.facts, counts, minute) for minute in self._minutes(slot))

    def _limits(self) -> dict[int, int]:
        """Most starts with a nurse in each clock quarter."""
        facts, found = self.facts, dict[int, int]()
        if facts.start_limits is not None:
            for span, number in facts.start_limits:
                last = minute_of(facts, span.ends_at) - 1
                for quarter in range(minute_of(facts, span.starts_at) // 15, last // 15 + 1):
                    found[quarter] = found.get(quarter, 0) + number
            return found
        opened = [span for chair in facts.chairs for span in chair.open]
        first = min((minute_of(facts, span.starts_at) for span in opened), default=0)
        last = max((minute_of(facts, span.ends_at) for span in opened), default=0)
        for slot in sorted(self._touched(first, last)):
            quarter = slot * self.grid // 15
            limit = self._number(facts.cover, slot) * facts.starts_per_nurse
            found[quarter] = min(found.get(quarter, limit), limit)
        return found

    def used(self, resource: str) -> dict[int, int]:
        """Hundredths in use, by slot: of each visit its greatest share, and every load."""
        if resource not in self._used:
            self._used[resource] = {slot: self._used_in(resource, slot) for slot in self.slots}
        return self._used[resource]

    def _used_in(self, resource: str, slot: int) -> int:
        facts, minutes = self.facts, self._minutes(slot)
        visits = sum(
            share_in(held.shape, minute_of(facts, held.starts_at), minutes, resource)
            for held in facts.held
        )
        return visits + sum(
            load.hundredths
            for load in facts.loads
            if load.resource == resource
            and minute_of(facts, load.span.starts_at) < minutes.stop
            and minute_of(facts, load.span.ends_at) > minutes.start
        )

    def room(self, resource: str, slot: int) -> int | None:
        """Hundredths that are left in a slot; None where nobody counts."""
        facts, each = self.facts, 100
        counts: Counts | None = facts.cover
        if resource == "sedating":
            counts = None if facts.max_sedating_per_nurse is None else facts.cover
            each *= facts.max_sedating_per_nurse or 0
        if resource == "provider":
            counts, each = facts.providers, 100 * facts.patients_per_provider
        if resource in ("pump", "monitor"):
            counts = facts.pumps if resource == "pump" else facts.monitors
        if counts is None:
            return None
        return each * self._number(counts, slot) - self.used(resource)[slot]

    def starts(self, shape: VisitShape, kind: str | None = None) -> list[Start]:
        """All starts that may be booked, with their slivers; bays only if they are asked for."""
        asked = self._asked(shape)
        found = []
        for chair in self.facts.chairs:
            if chair.kind == "bay" if kind is None else chair.kind != kind:
                continue
            for slot in sorted(self.free[chair.chair_id]):
                length = self._held_slots(chair.chair_id, chair.kind, shape, slot)
                if length is not None and self._may_stand(slot, asked):
                    holes = self._holes(self.free[chair.chair_id], slot, length)
                    slivers = sum(0 < hole < self.facts.shortest_chair_minutes for hole in holes)
                    found.append(Start(slot * self.grid, chair.chair_id, slivers, holes))
        return found

    def _asked(self, shape: VisitShape) -> dict[str, dict[int, int]]:
        """Of each resource the shares by slot of the visit, without those of 0."""
        length = -(-shape.chair_minutes // self.grid)
        found = {}
        for resource in RESOURCES:
            shares = [share_in(shape, 0, self._minutes(at), resource) for at in range(length)]
            if any(shares):
                found[resource] = {at: share for at, share in enumerate(shares) if share}
        return found

    def _held_slots(self, chair_id: int, kind: str, shape: VisitShape, slot: int) -> int | None:
        """For how many slots the chair would be held: a whole stay, else until a bay takes over."""
        free, whole = self.free[chair_id], -(-shape.chair_minutes // self.grid)
        if all(at in free for at in range(slot, slot + whole)):
            return whole
        to_bay = to_bay_minutes(shape)
        if to_bay is None or kind == "bay":
            return None
        length = -(-(to_bay + clean_minutes(shape)) // self.grid)
        later = range(slot + to_bay // self.grid, slot + whole)
        bays = [bay.chair_id for bay in self.facts.chairs if bay.kind == "bay"]
        moves = any(all(at in self.free[bay] for at in later) for bay in bays)
        return length if moves and all(at in free for at in range(slot, slot + length)) else None

    def _may_stand(self, slot: int, asked: dict[str, dict[int, int]]) -> bool:
        for resource, shares in asked.items():
            for offset, share in shares.items():
                room = self.room(resource, slot + offset)
                if room is not None and share > room:
                    return False
        start, quarter = slot * self.grid, slot * self.grid // 15
        if "nurse" in asked and self.begun.get(quarter, 0) >= self.limit.get(quarter, 0):
            return False
        return start % self.facts.start_step_minutes == 0 and start <= self._latest

    @property
    def _latest(self) -> int:
        facts = self.facts
        if facts.latest_start is None or facts.latest_start == time():
            return 10_000
        return minute_of(facts, datetime.combine(facts.on, facts.latest_start, tzinfo=facts.zone))

    def _holes(self, free: set[int], slot: int, length: int) -> tuple[int, int]:
        left, right = slot, slot + length
        while left - 1 in free:
            left -= 1
        while right in free:
            right += 1
        return (slot - left) * self.grid, (right - slot - length) * self.grid
