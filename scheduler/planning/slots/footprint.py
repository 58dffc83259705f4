"""A visit's shape laid on a grid: slots of chair and bay, and of each resource how much in each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from scheduler.planning.visit import RESOURCES, Loads, VisitShape

Run = tuple[int, int, int]
"""(first slot, slots, hundredths), counted from the start's own slot."""


@dataclass(frozen=True)
class BayPrint:
    """A stay that goes on in a bay: the chair for `chair_slots`, then the bay for `slots` from slot
    `first` on, both with their turnaround."""

    chair_slots: int
    first: int
    slots: int


@dataclass(frozen=True)
class Footprint:
    """What a visit takes when it starts `late` minutes after a slot begins (0 on the grid).

    A slot's load is the greatest share that the visit holds in any minute of that slot, so two
    parts that meet inside a slot never count less than they are. `runs` has the resources that
    the visit needs and no other.
    """

    chair_slots: int
    bay: BayPrint | None
    runs: dict[str, tuple[Run, ...]]


@lru_cache(maxsize=4096)
def footprint(shape: VisitShape, grid_minutes: int, late: int = 0) -> Footprint:
    """`late` is 0 to grid_minutes - 1: how far off the grid a visit that is already held starts."""
    loads = {name: slot_loads(shape.load(name), grid_minutes, late) for name in RESOURCES}
    return Footprint(
        chair_slots=_slots_until(shape.chair_minutes, grid_minutes, late),
        bay=_bay(shape, grid_minutes, late),
        runs={name: _runs(load) for name, load in loads.items() if any(load)},
    )


class Footprints:
    """Footprints looked up by the identity of the shape: a day's visits share a few shapes, and
    comparing those again and again would cost more than everything else."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[VisitShape, Footprint]] = {}

    def of(self, shape: VisitShape, grid_minutes: int, late: int) -> Footprint:
        """As `footprint`; always with the same grid."""
        key = (id(shape), late)
        known = self._known.get(key)
        if known is None:
            # the shape is kept beside its footprint, so that its id cannot come to mean another
            known = self._known[key] = (shape, footprint(shape, grid_minutes, late))
        return known[1]


def _slots_until(minutes: int, grid_minutes: int, late: int) -> int:
    """Slots touched by [late, late + minutes) since the first slot began."""
    return -(-(minutes + late) // grid_minutes) if minutes else 0


def _bay(shape: VisitShape, grid_minutes: int, late: int) -> BayPrint | None:
    offset, before = shape.bay_offset_minutes, shape.chair_minutes_before_bay
    if offset is None or before is None:
        return None
    first = (offset + late) // grid_minutes
    return BayPrint(
        chair_slots=_slots_until(before, grid_minutes, late),
        first=first,
        slots=_slots_until(shape.chair_minutes, grid_minutes, late) - first,
    )


def slot_loads(load: Loads, grid_minutes: int, late: int) -> tuple[int, ...]:
    """Hundredths per slot; of loads that meet in one slot the greatest."""
    end = max((offset + minutes + late for offset, minutes, _ in load), default=0)
    loads = [0] * -(-end // grid_minutes)
    for offset, minutes, share in load:
        first = (offset + late) // grid_minutes
        until = -(-(offset + late + minutes) // grid_minutes)
        for slot in range(first, until):
            loads[slot] = max(loads[slot], share)
    return tuple(loads)


def _runs(loads: Iterable[int]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for slot, share in enumerate(loads):
        if runs and runs[-1][2] == share:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1, share)
        else:
            runs.append((slot, 1, share))
    return tuple(run for run in runs if run[2])
