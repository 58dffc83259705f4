"""Wall clock <-> UTC, and the hours of a site's working day: every DST decision lives here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from scheduler.planning.interval import Interval, merge, subtract

MIDNIGHT = time()
DAY = timedelta(days=1)


def instant(zone: ZoneInfo, on: date, wall: time) -> datetime:
    """The UTC instant at which the clocks in `zone` show `wall` on `on`.

    A wall time that the spring change skips moves forward by the gap (2:30 becomes 3:30); one that
    the autumn change shows twice is the first of the two.
    """
    return datetime.combine(on, wall.replace(fold=0, tzinfo=zone)).astimezone(UTC)


def local(zone: ZoneInfo, at: datetime) -> datetime:
    """What the wall clock in `zone` shows at this instant. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(zone)


def exists(zone: ZoneInfo, on: date, wall: time) -> bool:
    """False for a wall time that the clocks skip on that day."""
    shown = local(zone, instant(zone, on, wall)).replace(tzinfo=None)
    return shown == datetime.combine(on, wall.replace(fold=0, tzinfo=None))


def is_ambiguous(zone: ZoneInfo, on: date, wall: time) -> bool:
    """True for a wall time that the clocks show twice on that day."""
    first = datetime.combine(on, wall.replace(fold=0, tzinfo=zone))
    return exists(zone, on, wall) and first.utcoffset() != first.replace(fold=1).utcoffset()


def day_span(zone: ZoneInfo, on: date) -> Interval:
    """A local calendar day, midnight to midnight: 23, 24 or 25 hours.

    Raises ValueError for a date that the zone never had (Samoa, 30 December 2011).
    """
    return Interval(instant(zone, on, MIDNIGHT), instant(zone, on + DAY, MIDNIGHT))


@dataclass(frozen=True)
class OpeningSpan:
    """Open on one weekday (0 is Monday), wall time [opens, closes). Closing 00:00 is midnight."""

    weekday: int
    opens: time
    closes: time

    def __post_init__(self) -> None:
        _check_hours(self.weekday, self.opens, self.closes)


@dataclass(frozen=True)
class CoverSpan:
    """Nurses on duty on one weekday (0 is Monday), wall time [starts, ends); 00:00 is midnight."""

    weekday: int
    starts: time
    ends: time
    nurses: int

    def __post_init__(self) -> None:
        _check_hours(self.weekday, self.starts, self.ends)
        if self.nurses < 0:
            raise ValueError("the number of nurses is 0 or more")


def open_spans(
    zone: ZoneInfo, on: date, hours: Sequence[OpeningSpan], closures: Iterable[Interval] = ()
) -> tuple[Interval, ...]:
    """When a site is open on a local date (a chair, given its closures too): disjoint, in order."""
    spans = [
        span
        for row in hours
        if row.weekday == on.weekday() and (span := _wall_span(zone, on, row.opens, row.closes))
    ]
    return subtract(spans, closures)


def cover_spans(
    zone: ZoneInfo, on: date, cover: Sequence[CoverSpan]
) -> tuple[tuple[Interval, int], ...]:
    """Nurses on duty on a local date: disjoint spans in order; overlapping rows add up."""
    rows = [
        (span, row.nurses)
        for row in cover
        if row.weekday == on.weekday() and (span := _wall_span(zone, on, row.starts, row.ends))
    ]
    edges = sorted({edge for span, _ in rows for edge in (span.starts_at, span.ends_at)})
    pieces = []
    for starts_at, ends_at in pairwise(edges):
        piece = Interval(starts_at, ends_at)
        nurses = sum(number for span, number in rows if span.covers(piece))
        if nurses:
            pieces.append((piece, nurses))
    return _joined(pieces)


def _joined(pieces: list[tuple[Interval, int]]) -> tuple[tuple[Interval, int], ...]:
    """Touching spans with the same number become one."""
    numbers = sorted({nurses for _, nurses in pieces})
    found = [
        (span, nurses)
        for nurses in numbers
        for span in merge(span for span, n in pieces if n == nurses)
    ]
    return tuple(sorted(found))


def _wall_span(zone: ZoneInfo, on: date, starts: time, ends: time) -> Interval | None:
    """None where the change of clocks leaves nothing of the span."""
    starts_at = instant(zone, on, starts)
    ends_at = instant(zone, on + DAY if ends == MIDNIGHT else on, ends)
    return Interval(starts_at, ends_at) if starts_at < ends_at else None


def _check_hours(weekday: int, starts: time, ends: time) -> None:
    if not 0 <= weekday <= 6:
        raise ValueError("a weekday is 0 (Monday) to 6 (Sunday)")
    if ends != MIDNIGHT and ends <= starts:
        raise ValueError("the end comes after the start")
