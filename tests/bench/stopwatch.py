"""Timing: both sides interleaved, the collector off, the median of several repeats."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

REPEATS = 5


def interleaved(sides: Sequence[Callable[[], object]], repeats: int = REPEATS) -> list[float]:
    """Median milliseconds of each side; they take turns, so that a busy moment hits all of them."""
    times: list[list[float]] = [[] for _ in sides]
    for _ in range(repeats):
        for side, found in zip(sides, times, strict=True):
            found.append(milliseconds(side))
    return [median(found) for found in times]


def milliseconds(work: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    try:
        began = perf_counter()
        work()
        return (perf_counter() - began) * 1000
    finally:
        gc.enable()


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of the values do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]
