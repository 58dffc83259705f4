"""Half-open spans of time in UTC: the one place that says what overlap means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, order=True)
class Interval:
    """[starts_at, ends_at), two aware instants. Raises ValueError if naive, empty or reversed."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("an interval needs aware instants")
        if self.ends_at <= self.starts_at:
            raise ValueError("an interval ends after it starts")

    @property
    def minutes(self) -> int:
        """Elapsed whole minutes; 23 and 25 hour days count as they are."""
        return (self.ends_at - self.starts_at) // MINUTE

    def overlaps(self, other: Interval) -> bool:
        """Touching ends do not overlap."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def covers(self, other: Interval) -> bool:
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at

    def cut(self, other: Interval) -> Interval | None:
        """The part that both share, or None."""
        starts, ends = max(self.starts_at, other.starts_at), min(self.ends_at, other.ends_at)
        return Interval(starts, ends) if starts < ends else None


def merge(spans: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same time as disjoint, ordered spans; touching ones become one."""
    merged: list[Interval] = []
    for span in sorted(spans):
        if merged and span.starts_at <= merged[-1].ends_at:
            merged[-1] = Interval(merged[-1].starts_at, max(merged[-1].ends_at, span.ends_at))
        else:
            merged.append(span)
    return tuple(merged)


def subtract(spans: Iterable[Interval], holes: Iterable[Interval]) -> tuple[Interval, ...]:
    """What is left of `spans` without `holes`; disjoint and ordered."""
    left = list(merge(spans))
    for hole in merge(holes):
        left = [piece for span in left for piece in _without(span, hole)]
    return tuple(left)


def _without(span: Interval, hole: Interval) -> list[Interval]:
    if not span.overlaps(hole):
        return [span]
    pieces = []
    if span.starts_at < hole.starts_at:
        pieces.append(Interval(span.starts_at, hole.starts_at))
    if hole.ends_at < span.ends_at:
        pieces.append(Interval(hole.ends_at, span.ends_at))
    return pieces


def minutes_in(spans: Iterable[Interval]) -> int:
    """Minutes covered by at least one of the spans."""
    return sum(span.minutes for span in merge(spans))
