"""Who and what is there on one day: the usual number, less what is away, plus what comes extra."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from scheduler.planning.day_facts import Counts
from scheduler.planning.interval import Interval


def on_site(day: Interval, usual: Counts, changes: Iterable[tuple[Interval, int]]) -> Counts:
    """Disjoint spans of `day` (half-open, UTC) in order, each with a number above 0.

    A negative change is somebody away, or something out of use: it takes from the usual number
    only, and leaves no less than 0. A positive one is there beside them, so the stand-in for a
    whole week away also counts on a day on which nobody usually comes (domain H8, H9, H10).
    """
    touching = [(cut, number) for span, number in changes if (cut := span.cut(day))]
    if not touching:
        return usual
    spans = [*((cut, number) for span, number in usual if (cut := span.cut(day))), *touching]
    edges = sorted({edge for span, _ in spans for edge in (span.starts_at, span.ends_at)})
    found: list[tuple[Interval, int]] = []
    for begins, ends in pairwise(edges):
        piece = Interval(begins, ends)
        number = _usual(usual, piece, touching) + _sum(touching, piece, 1)
        if found and found[-1] == (Interval(found[-1][0].starts_at, begins), number):
            found[-1] = (Interval(found[-1][0].starts_at, ends), number)
        elif number:
            found.append((piece, number))
    return tuple(found)


def _usual(usual: Counts, piece: Interval, changes: Iterable[tuple[Interval, int]]) -> int:
    return max(0, _sum(usual, piece, 1) + _sum(changes, piece, -1))


def _sum(counts: Iterable[tuple[Interval, int]], piece: Interval, sign: int) -> int:
    """Of the numbers with this sign, those all through the piece."""
    return sum(number for span, number in counts if number * sign > 0 and span.covers(piece))
