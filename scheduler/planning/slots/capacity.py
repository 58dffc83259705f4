"""Resources that are counted by slot: how much is there, how much is used, and what still fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scheduler.planning.day_facts import QUARTER_MINUTES
from scheduler.planning.interval import Interval
from scheduler.planning.slots.footprint import Run
from scheduler.planning.slots.grid import Grid
from scheduler.planning.slots.plane import erode


class SlotCapacity:
    """A pool that visits share, in hundredths per slot (domain H8; H9 and H10 are of its kind)."""

    def __init__(self, there: Sequence[int]) -> None:
        self.there = list(there)
        self.used = [0] * len(self.there)
        self._room: dict[int, int] = {}

    def take(self, first: int, loads: Sequence[int], sign: int = 1) -> None:
        """Use `loads[i]` more in slot first + i, less with sign -1; outside the day: no."""
        used, slots = self.used, len(self.used)
        for slot, load in enumerate(loads, first):
            if 0 <= slot < slots:
                used[slot] += sign * load
        self._room.clear()

    def starts(self, runs: Iterable[Run]) -> int:
        """Slots from which every run fits: a one-chair mask."""
        mask = (1 << len(self.there)) - 1
        for offset, length, share in runs:
            mask &= erode(self._room_for(share), length) >> offset
        return mask

    def blocked(self, first: int, runs: Iterable[Run]) -> int | None:
        """The first slot of the day at which a visit that starts at `first` asks too much."""
        for offset, length, share in runs:
            room = self._room_for(share)
            for slot in range(first + offset, first + offset + length):
                if slot < 0 or not room >> slot & 1:
                    return slot
        return None

    def _room_for(self, share: int) -> int:
        """Slots that can give `share` more."""
        if share not in self._room:
            pairs = zip(self.used, self.there, strict=True)
            bits = ["1" if used + share <= there else "0" for used, there in pairs]
            self._room[share] = int("".join(reversed(bits)) or "0", 2)
        return self._room[share]


class StartLimit:
    """How many visits that need a nurse may start in one clock quarter (domain H8, planner)."""

    def __init__(self, grid: Grid, nurses: Sequence[int], starts_per_nurse: int) -> None:
        self.grid = grid
        self.limit: dict[int, int] = {}
        self.started: dict[int, int] = {}
        for slot, there in enumerate(nurses):
            quarter, most = self.quarter(slot), there * starts_per_nurse
            self.limit[quarter] = min(self.limit.get(quarter, most), most)
        self._mask: int | None = None

    def quarter(self, slot: int) -> int:
        """Quarters of an hour since local midnight."""
        return self.grid.minute(slot) // QUARTER_MINUTES

    def take(self, minute: int, sign: int = 1) -> None:
        """One more start (one less with sign -1) at this minute since local midnight."""
        quarter = minute // QUARTER_MINUTES
        self.started[quarter] = self.started.get(quarter, 0) + sign
        self._mask = None

    def starts(self) -> int:
        """Slots in whose quarter one more visit may start: a one-chair mask."""
        if self._mask is None:
            allowed = (slot for slot in range(self.grid.slots) if self.allows(slot))
            self._mask = sum(1 << slot for slot in allowed)
        return self._mask

    def allows(self, slot: int) -> bool:
        quarter = self.quarter(slot)
        return self.started.get(quarter, 0) < self.limit.get(quarter, 0)


def nurses_by_slot(grid: Grid, cover: Iterable[tuple[Interval, int]]) -> list[int]:
    """The least number on duty in any minute of each slot; overlapping spans add up."""
    spans = list(cover)
    there = [0] * grid.slots
    for span, nurses in spans:
        first, until = grid.ceil(span.starts_at), grid.ceil(span.ends_at)
        for slot in range(max(first, 0), min(until, grid.slots)):
            there[slot] += nurses
    for edge in {edge for span, _ in spans for edge in (span.starts_at, span.ends_at)}:
        slot = grid.floor(edge)
        if grid.slot_of(edge) is None and 0 <= slot < grid.slots:
            on_duty = sum(n for span, n in spans if span.starts_at <= edge < span.ends_at)
            there[slot] = min(there[slot], on_duty)
    return there
