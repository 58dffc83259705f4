"""A visit's shape laid on a grid: how many slots of chair, and how much of a nurse in each slot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from scheduler.planning.visit import VisitShape

Run = tuple[int, int, int]
"""(first slot, slots, hundredths), counted from the start's own slot."""


@dataclass(frozen=True)
class Footprint:
    """What a visit takes when it starts `late` minutes after a slot begins (0 on the grid).

    A slot's load is the greatest share that the visit holds in any minute of that slot, so two
    parts that meet inside a slot never count less than they are.
    """

    chair_slots: int
    nurse: tuple[int, ...]
    nurse_runs: tuple[Run, ...]


@lru_cache(maxsize=4096)
def footprint(shape: VisitShape, grid_minutes: int, late: int = 0) -> Footprint:
    """`late` is 0 to grid_minutes - 1: how far off the grid a visit that is already held starts."""
    nurse, minutes = _loads(shape.nurse_load(), grid_minutes, late), shape.chair_minutes
    return Footprint(
        chair_slots=-(-(minutes + late) // grid_minutes) if minutes else 0,
        nurse=nurse,
        nurse_runs=_runs(nurse),
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


def _loads(load: list[tuple[int, int, int]], grid_minutes: int, late: int) -> tuple[int, ...]:
    """Hundredths per slot, from (offset, minutes, hundredths)."""
    end = max((offset + minutes + late for offset, minutes, _ in load), default=0)
    loads = [0] * -(-end // grid_minutes)
    for offset, minutes, share in load:
        first = (offset + late) // grid_minutes
        until = -(-(offset + late + minutes) // grid_minutes)
        for slot in range(first, until):
            loads[slot] = max(loads[slot], share)
    return tuple(loads)


def _runs(loads: tuple[int, ...]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for slot, share in enumerate(loads):
        if runs and runs[-1][2] == share:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1, share)
        else:
            runs.append((slot, 1, share))
    return tuple(run for run in runs if run[2])
