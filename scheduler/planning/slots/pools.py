"""What the visits of a day share beside chairs, each pool with the rule that guards it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from scheduler.planning.day_facts import DayFacts, Load
from scheduler.planning.opening import MIDNIGHT
from scheduler.planning.slots.capacity import (
    ProviderCapacity,
    SlotCapacity,
    StartLimit,
    number_by_slot,
)
from scheduler.planning.slots.footprint import Footprint
from scheduler.planning.slots.grid import Grid
from scheduler.planning.slots.plane import ones

EQUIPMENT = {"H10-pump": "pump", "H10-monitor": "monitor"}


class Pool(NamedTuple):
    rule: str
    resource: str
    capacity: SlotCapacity


class Short(NamedTuple):
    """The first slot at which a pool cannot give the share that a visit asks for."""

    rule: str
    slot: int
    share: int


class Pools:
    """Nurses, providers, equipment, and the two limits on starts. A resource that nobody counts at
    the site has no pool. A further resource is one more pool."""

    def __init__(self, grid: Grid, facts: DayFacts) -> None:
        self.grid = grid
        self.nurses = number_by_slot(grid, facts.cover)
        self.providers = ProviderCapacity(
            number_by_slot(grid, facts.providers), facts.patients_per_provider
        )
        self.all = tuple(self._pools(facts))
        self._counted = {pool.resource: pool for pool in self.all}
        self.nurse_starts = (
            StartLimit.by_nurses(grid, self.nurses, facts.starts_per_nurse)
            if facts.start_limits is None
            else StartLimit.by_counts(grid, facts.start_limits)
        )
        latest = facts.latest_start or MIDNIGHT
        self.latest_minute = grid.last_minute if latest == MIDNIGHT else grid.wall_minute(latest)
        self._in_time = ones(0, (self.latest_minute - grid.first) // grid.minutes + 1)
        for load in facts.loads:
            self._use(load)

    def _pools(self, facts: DayFacts) -> Iterator[Pool]:
        yield Pool("H8", "nurse", SlotCapacity([100 * number for number in self.nurses]))
        most = facts.max_sedating_per_nurse
        if most is not None:
            there = [100 * most * number for number in self.nurses]
            yield Pool("H8-sedating", "sedating", SlotCapacity(there))
        yield Pool("H9", "provider", self.providers)
        for (rule, kind), counts in zip(
            EQUIPMENT.items(), (facts.pumps, facts.monitors), strict=True
        ):
            if counts is not None:
                there = [100 * number for number in number_by_slot(self.grid, counts)]
                yield Pool(rule, kind, SlotCapacity(there))

    def of(self, rule: str) -> SlotCapacity:
        """The pool of a rule that a refusal names."""
        return next(pool.capacity for pool in self.all if pool.rule == rule)

    def starts(self, print_: Footprint, without: frozenset[str]) -> int:
        """Slots at which nothing shared stands in the way: a one-chair mask."""
        mask, asked = ones(0, self.grid.slots), print_.runs
        for resource, runs in asked.items():
            pool = self._counted.get(resource)
            if pool is not None and pool.rule not in without:
                mask &= pool.capacity.starts(runs)
        if "nurse" in asked and "H8-starts" not in without:
            mask &= self.nurse_starts.starts()
        if "H15" not in without:
            mask &= self._in_time
            if "provider" in asked:
                mask &= self.providers.stays(asked["provider"])
        return mask

    def short(self, print_: Footprint, slot: int) -> Iterator[Short]:
        """Every pool that cannot serve a visit that starts at this slot and ends within the day."""
        for rule, resource, capacity in self.all:
            runs = print_.runs.get(resource)
            blocked = capacity.blocked(slot, runs) if runs else None
            if blocked is not None:
                yield Short(rule, *blocked)

    def is_late(self, slot: int) -> bool:
        """The day's latest start has passed (H15)."""
        return self.grid.minute(slot) > self.latest_minute

    def take(self, slot: int, print_: Footprint, minute: int, sign: int) -> None:
        """Count a visit in, out with sign -1; `minute` is its start since local midnight."""
        for resource, runs in print_.runs.items():
            if resource in self._counted:
                self._counted[resource].capacity.take(slot, runs, sign)
        if "nurse" in print_.runs:
            self.nurse_starts.take(minute, sign)

    def _use(self, load: Load) -> None:
        first = self.grid.floor(load.span.starts_at)
        run = (0, self.grid.ceil(load.span.ends_at) - first, load.hundredths)
        if load.resource in self._counted:
            self._counted[load.resource].capacity.take(first, [run])
