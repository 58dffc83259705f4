"""Chair time beside a visit that no other visit can use: an optional price, finer than slivers.

A hole on the chair, left or right of the visit, loses what no visits that can be booked would
fill: 90 minutes lose 20 where visits hold 70, 100 or 130. Each started 20 minutes is a step, at
most five for a hole; the price is `weights.tight` for each step (planner, simulation).

The term is asked twice: as planes of starts, for the search, and for one start, for a plan's cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from scheduler.planning.daybook import Day
from scheduler.planning.slots.footprint import Footprint
from scheduler.planning.visit import VisitShape

STEP_MINUTES = 20
MOST_STEPS = 5

Planes = tuple[int, ...]
"""Starts by the steps of the hole beside them, from 1 step on."""


def tight_at(day: Day, shape: VisitShape, chair_id: int, starts_at: datetime) -> int:
    """Steps lost left and right of this start, at most two times MOST_STEPS."""
    steps = lost_steps(day)
    return sum(steps[hole] for hole in day.holes_at(shape, chair_id, starts_at))


def tight_planes(day: Day, print_: Footprint, starts: int) -> Iterator[tuple[int, int]]:
    """(steps, those of the `starts` that lose so many); each start is in one plane."""
    left, right = _sides(day.free_slots, lost_steps(day))
    after = [plane >> print_.chair_slots for plane in right]
    split = day.split_starts(print_)
    if split and print_.bay is not None:
        sooner = (plane >> print_.bay.chair_slots for plane in right)
        after = [whole & ~split | cut & split for whole, cut in zip(after, sooner, strict=True)]
    found: dict[int, int] = {}
    for before, one in _split(starts, left):
        for later, both in _split(one, after):
            found[before + later] = found.get(before + later, 0) | both
    yield from found.items()


def lost_steps(day: Day) -> Planes:
    """Steps that a hole loses, by its length in slots; 0 where no visit length is known."""
    facts, grid = day.facts, day.grid
    minutes = facts.bookable_minutes or (facts.shortest_chair_minutes,)
    lengths = frozenset(-(-one // grid.minutes) for one in minutes if one > 0)
    return _lost_steps(lengths, grid.minutes, grid.slots)


@lru_cache(maxsize=256)
def _lost_steps(lengths: frozenset[int], grid_minutes: int, slots: int) -> Planes:
    if not lengths:
        return (0,) * (slots + 1)
    filled = [0]
    for hole in range(1, slots + 1):
        fits = [filled[hole - length] + length for length in lengths if length <= hole]
        filled.append(max(fits, default=0))
    lost = ((hole - most) * grid_minutes for hole, most in enumerate(filled))
    return tuple(min(-(-minutes // STEP_MINUTES), MOST_STEPS) for minutes in lost)


@lru_cache(maxsize=512)
def _sides(free: int, steps: Planes) -> tuple[Planes, Planes]:
    """Free slots by the steps of the hole that ends right before them, and of the one that begins
    with them."""
    left, right = [0] * (MOST_STEPS + 1), [0] * (MOST_STEPS + 1)
    after, from_ = free & ~(free << 1), free & ~(free >> 1)
    for lost in steps[1:]:
        after = after << 1 & free
        if not from_:
            break
        left[lost] |= after
        right[lost] |= from_
        from_ = from_ >> 1 & free
    return tuple(left[1:]), tuple(right[1:])


def _split(starts: int, planes: Planes | list[int]) -> Iterator[tuple[int, int]]:
    """(steps, starts of that plane), then what is in none."""
    for steps, plane in enumerate(planes, 1):
        if part := starts & plane:
            yield steps, part
            starts ^= part
    if starts:
        yield 0, starts
