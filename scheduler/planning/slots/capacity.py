"""Resources that are counted by slot: how much is there, how much is used, and what still fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate

from scheduler.planning.day_facts import QUARTER_MINUTES, Counts
from scheduler.planning.slots.footprint import Run
from scheduler.planning.slots.grid import Grid
from scheduler.planning.slots.plane import erode, ones


class SlotCapacity:
    """A pool that visits share, in hundredths per slot (domain H8, H9, H10)."""

    def __init__(self, there: Sequence[int]) -> None:
        self.there = list(there)
        self._changes = [0] * (len(self.there) + 1)
        self._used: list[int] | None = None
        self._room: dict[int, int] = {}

    def take(self, first: int, runs: Iterable[Run], sign: int = 1) -> None:
        """Use each run's share more, less with sign -1; `first` is the slot of the start. What
        lies outside the day does not count."""
        changes, slots = self._changes, len(self.there)
        for offset, length, share in runs:
            begins, ends = first + offset, first + offset + length
            if ends > 0 and begins < slots:
                changes[max(begins, 0)] += sign * share
                changes[min(ends, slots)] -= sign * share
        if self._used is not None:
            self._used = None
            self._room = {}

    @property
    def used(self) -> list[int]:
        """Hundredths in use, by slot."""
        if self._used is None:
            self._used = list(accumulate(self._changes[:-1]))
        return self._used

    def starts(self, runs: Iterable[Run]) -> int:
        """Slots from which every run fits: a one-chair mask (of no run: all bits, -1)."""
        mask = -1
        for offset, length, share in runs:
            mask &= erode(self.room(share), length) >> offset
        return mask

    def blocked(self, first: int, runs: Iterable[Run]) -> tuple[int, int] | None:
        """The first slot at which a visit that starts at `first` asks too much, and its share."""
        return first_missing(first, runs, self.room)

    def room(self, share: int) -> int:
        """Slots that can give `share` more."""
        if share not in self._room:
            pairs = zip(self.used, self.there, strict=True)
            self._room[share] = _mask(used + share <= there for used, there in pairs)
        return self._room[share]


class ProviderCapacity(SlotCapacity):
    """Places with the providers on site, each for so many patients at a time.

    Two rules read it: one is there when the visit first needs one and has a place whenever one is
    there (H9), and they do not all leave before it needs none any more (H15).
    """

    def __init__(self, present: Sequence[int], patients_per_provider: int) -> None:
        super().__init__([100 * patients_per_provider * number for number in present])
        self.present = list(present)
        self.attended = _mask(number > 0 for number in present)
        self.absent = ones(0, len(self.present)) & ~self.attended

    def starts(self, runs: Iterable[Run]) -> int:
        """H9 as a one-chair mask; slots without any provider after the first one are H15's."""
        runs = tuple(runs)
        mask = self.attended >> runs[0][0]
        for offset, length, share in runs:
            mask &= erode(self.room(share) | self.absent, length) >> offset
        return mask

    def blocked(self, first: int, runs: Iterable[Run]) -> tuple[int, int] | None:
        runs = tuple(runs)
        begins = first + runs[0][0]
        if _lacks(self.attended, begins):
            return begins, runs[0][2]
        return first_missing(first, runs, lambda share: self.room(share) | self.absent)

    def stays(self, runs: Iterable[Run]) -> int:
        """Starts at which no visit would be left by the last provider (H15): a one-chair mask."""
        runs = tuple(runs)
        mask = ones(0, len(self.present))
        for offset, length, _ in runs:
            mask &= erode(self.attended, length) >> offset
        return mask | ones(0, len(self.present)) & ~(self.attended >> runs[0][0])

    def left_at(self, first: int, runs: Iterable[Run]) -> int | None:
        """The first slot of the visit without a provider, if it began with one."""
        runs = tuple(runs)
        if _lacks(self.attended, first + runs[0][0]):
            return None
        missing = first_missing(first, runs, lambda _: self.attended)
        return None if missing is None else missing[0]


class StartLimit:
    """How many visits that need a nurse may start in one clock quarter (domain H8, planner)."""

    def __init__(self, grid: Grid, limit: dict[int, int]) -> None:
        self.grid, self.limit = grid, limit
        self.started: dict[int, int] = {}
        self._mask: int | None = None

    @classmethod
    def by_nurses(cls, grid: Grid, nurses: Sequence[int], starts_per_nurse: int) -> StartLimit:
        """The least number on duty in a quarter, each with so many starts."""
        limit: dict[int, int] = {}
        for slot, there in enumerate(nurses):
            quarter = (grid.first + slot * grid.minutes) // QUARTER_MINUTES
            limit[quarter] = min(limit.get(quarter, there), there)
        return cls(grid, {quarter: least * starts_per_nurse for quarter, least in limit.items()})

    @classmethod
    def by_counts(cls, grid: Grid, counts: Counts) -> StartLimit:
        """Numbers as given for each clock quarter that a span touches; elsewhere none."""
        limit: dict[int, int] = {}
        for span, number in counts:
            first = grid.minute_of(span.starts_at) // QUARTER_MINUTES
            until = -(-grid.minute_of(span.ends_at) // QUARTER_MINUTES)
            for quarter in range(first, until):
                limit[quarter] = limit.get(quarter, 0) + number
        return cls(grid, limit)

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
            grid, self._mask = self.grid, 0
            for quarter, mask in _quarters(grid.first, grid.minutes, grid.slots):
                if self.started.get(quarter, 0) < self.limit.get(quarter, 0):
                    self._mask |= mask
        return self._mask

    def allows(self, slot: int) -> bool:
        quarter = self.quarter(slot)
        return self.started.get(quarter, 0) < self.limit.get(quarter, 0)


def number_by_slot(grid: Grid, counts: Counts) -> list[int]:
    """The least number there in any minute of each slot; spans add up, never to less than 0."""
    there = [0] * grid.slots
    for span, number in counts:
        first, until = grid.ceil(span.starts_at), grid.ceil(span.ends_at)
        for slot in range(max(first, 0), min(until, grid.slots)):
            there[slot] += number
    for edge in {edge for span, _ in counts for edge in (span.starts_at, span.ends_at)}:
        slot = grid.floor(edge)
        if grid.slot_of(edge) is None and 0 <= slot < grid.slots:
            now = sum(n for span, n in counts if span.starts_at <= edge < span.ends_at)
            there[slot] = min(there[slot], now)
    return [max(number, 0) for number in there]


def first_missing(
    first: int, runs: Iterable[Run], mask_of: Callable[[int], int]
) -> tuple[int, int] | None:
    """The first slot of the runs that the mask for its share lacks, and that share."""
    for offset, length, share in runs:
        mask = mask_of(share)
        for slot in range(first + offset, first + offset + length):
            if _lacks(mask, slot):
                return slot, share
    return None


@lru_cache(maxsize=256)
def _quarters(first: int, minutes: int, slots: int) -> tuple[tuple[int, int], ...]:
    """Each clock quarter of a day with its slots."""
    masks: dict[int, int] = {}
    for slot in range(slots):
        quarter = (first + slot * minutes) // QUARTER_MINUTES
        masks[quarter] = masks.get(quarter, 0) | 1 << slot
    return tuple(masks.items())


def _lacks(mask: int, slot: int) -> bool:
    return slot < 0 or not mask >> slot & 1


def _mask(bits: Iterable[bool]) -> int:
    """Bit s is set where the s-th answer is yes."""
    digits = ["1" if bit else "0" for bit in bits]
    return int("".join(reversed(digits)) or "0", 2)
