"""Minutes held of minutes open: the figures of the dashboards, summed from one grain (domain J1).

Everything is counted per chair, local date and wall-clock hour, in whole minutes. A figure, a bar,
a cell and the rows behind them are sums over the same cells: they cannot disagree (trust I30).

What counts as booked, decided here and nowhere else:
- A visit counts from its start until its chair is clean, as planned, if its place was still its own
  when its time came: `COUNTED_STATES`. A hold is not a booking; what was cancelled, displaced or
  entered in error gave its place back.
- A no-show was booked, so it counts. Where its place was given to another visit, the other one
  counts there: a minute of a chair counts once.
- A visit that recovers in a bay counts on its chair until the chair is clean, and in the bay from
  when it moves there. A bay is no treatment chair: it has minutes and a percentage of its own, and
  is left out of every figure about more than that bay. Else a clinic that opens one, and so treats
  more, would look emptier.
- Only minutes in which the chair was open count as booked. What lies outside opening hours, in a
  closure or in an outage is counted apart, as outside.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from scheduler.planning.interval import Interval, merge, subtract
from scheduler.planning.opening import day_span, instant

K = TypeVar("K")
Span = tuple[int, int]
"""Half-open, in whole minutes since 1970: a year of a large clinic is counted without objects."""

MISSED_STATES = frozenset({"no_show"})
COUNTED_STATES = MISSED_STATES | {
    "booked", "confirmed", "arrived", "roomed", "infusing", "recovering", "discharged",
    "stopped_early", "not_treated",
}  # fmt: skip
PRIME_HOURS = frozenset(range(10, 14))
"""10:00 am to 2:00 pm on the site's clock (domain J3)."""


@dataclass(frozen=True, kw_only=True)
class HeldChair:
    """What one counted visit holds of a chair or bay until that is clean. `missed`: nobody came."""

    visit_id: int
    chair_id: int
    span: Interval
    missed: bool = False


@dataclass(frozen=True, kw_only=True)
class ChairDay:
    """One chair on one local date: the site's hours before closures, and what is open of them."""

    chair_id: int
    on: date
    hours: tuple[Interval, ...]
    open: tuple[Interval, ...]


class Tally(NamedTuple):
    """Minutes: open; booked of these; booked outside; in hours, but closed or out of service."""

    open: int = 0
    booked: int = 0
    outside: int = 0
    closed: int = 0

    @property
    def percent(self) -> float | None:
        """Booked of open, 0 to 100; None where nothing was open."""
        return 100 * self.booked / self.open if self.open else None


class Cell(NamedTuple):
    """The grain. `hour` is the wall clock's, 0 to 23: 120 minutes long where the clocks go back."""

    chair_id: int
    on: date
    hour: int


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Which cells a figure is about; None is no limit."""

    chair_id: int | None = None
    on: date | None = None
    weekday: int | None = None
    hours: frozenset[int] | None = None

    def holds(self, cell: Cell) -> bool:
        return (
            (self.chair_id is None or cell.chair_id == self.chair_id)
            and (self.on is None or cell.on == self.on)
            and (self.weekday is None or cell.on.weekday() == self.weekday)
            and (self.hours is None or cell.hour in self.hours)
        )


EVERYTHING = Slice()
NOTHING = Tally()


@dataclass(frozen=True)
class Sheet:
    """Every cell of a period, and which visit holds how much of it. Chairs that are `bays` count
    only where a slice names them."""

    cells: dict[Cell, Tally] = field(default_factory=dict)
    held: dict[tuple[Cell, int], Tally] = field(default_factory=dict)
    bays: frozenset[int] = frozenset()

    def total(self, only: Slice = EVERYTHING) -> Tally:
        return self.grouped(lambda cell: None, only).get(None, NOTHING)

    def grouped(self, key: Callable[[Cell], K], only: Slice = EVERYTHING) -> dict[K, Tally]:
        """One tally per group that `key` names."""
        cells = self.cells.items()
        if self.bays or only != EVERYTHING:
            return _summed((key(cell), tally) for cell, tally in cells if self._counts(cell, only))
        return _summed((key(cell), tally) for cell, tally in cells)

    def visits(self, only: Slice = EVERYTHING) -> dict[int, Tally]:
        """The minutes of each visit that holds any; they sum to `total(only)`."""
        held = self.held.items()
        return _summed((visit, t) for (cell, visit), t in held if self._counts(cell, only))

    def _counts(self, cell: Cell, only: Slice) -> bool:
        named = cell.chair_id not in self.bays or cell.chair_id == only.chair_id
        return named and only.holds(cell)


def _summed(tallies: Iterable[tuple[K, Tally]]) -> dict[K, Tally]:
    """Plain lists inside: a year has tens of thousands of cells."""
    sums: dict[K, list[int]] = {}
    for group, (opened, booked, outside, closed) in tallies:
        into = sums.setdefault(group, [0, 0, 0, 0])
        into[0] += opened
        into[1] += booked
        into[2] += outside
        into[3] += closed
    return {group: Tally(*numbers) for group, numbers in sums.items()}


def sheet(
    zone: ZoneInfo,
    days: Iterable[ChairDay],
    held: Iterable[HeldChair],
    bays: frozenset[int] = frozenset(),
) -> Sheet:
    """Count the given chair days; what visits hold on other chairs or dates is left out."""
    rows: dict[int, list[HeldChair]] = {}
    for one in held:
        rows.setdefault(one.chair_id, []).append(one)
    pieces = {chair_id: _Pieces(of_chair) for chair_id, of_chair in rows.items()}
    edges: dict[date, list[int]] = {}
    counts: dict[Cell, list[int]] = {}
    by_visit: dict[tuple[Cell, int], list[int]] = {}
    for day in days:
        if day.on not in edges:
            edges[day.on] = _hour_edges(zone, day.on)
        hours = edges[day.on]
        _count_chair(day, hours, counts)
        if day.chair_id in pieces:
            for piece in pieces[day.chair_id].within((hours[0], hours[-1])):
                _count_visit(day, hours, piece, by_visit)
    for (cell, _), (inside, outside) in by_visit.items():
        into = counts.setdefault(cell, [0, 0, 0, 0])
        into[1] += inside
        into[2] += outside
    return Sheet(
        {cell: Tally(*numbers) for cell, numbers in counts.items()},
        {key: Tally(0, inside, outside) for key, (inside, outside) in by_visit.items()},
        bays,
    )


def _count_chair(day: ChairDay, hours: list[int], counts: dict[Cell, list[int]]) -> None:
    for place, spans in ((0, day.open), (3, subtract(day.hours, day.open))):
        for span in spans:
            for hour, minutes in _by_hour(_minutes(span), hours):
                counts.setdefault(Cell(day.chair_id, day.on, hour), [0, 0, 0, 0])[place] += minutes


def _count_visit(
    day: ChairDay,
    hours: list[int],
    piece: tuple[int, Span],
    by_visit: dict[tuple[Cell, int], list[int]],
) -> None:
    visit_id, (first, last) = piece
    for hour, minutes in _by_hour((first, last), hours):
        by_visit.setdefault((Cell(day.chair_id, day.on, hour), visit_id), [0, 0])[1] += minutes
    for span in day.open:
        begins, ends = _minutes(span)
        for hour, minutes in _by_hour((max(first, begins), min(last, ends)), hours):
            numbers = by_visit[Cell(day.chair_id, day.on, hour), visit_id]
            numbers[0] += minutes
            numbers[1] -= minutes


class _Pieces:
    """What visits hold of one chair, disjoint and in order; a missed place given away is gone."""

    def __init__(self, rows: list[HeldChair]) -> None:
        self.all = _disjoint(rows)
        self.ends = [span[1] for _, span in self.all]

    def within(self, day: Span) -> Iterator[tuple[int, Span]]:
        """Those that share a minute with the day."""
        for visit_id, span in self.all[bisect_right(self.ends, day[0]) :]:
            if span[0] >= day[1]:
                return
            yield visit_id, span


def _disjoint(rows: list[HeldChair]) -> list[tuple[int, Span]]:
    """Who came before who did not; then the earlier visit."""
    pieces: list[tuple[int, Span]] = []
    taken: tuple[Interval, ...] = ()
    clashing = _clashing(rows)
    for row in sorted(rows, key=lambda row: (row.missed, row.span, row.visit_id)):
        if row.visit_id in clashing:
            left = subtract([row.span], taken)
            taken = merge([*taken, row.span])
        else:
            left = (row.span,)
        pieces += [(row.visit_id, _minutes(span)) for span in left]
    return sorted(pieces, key=lambda piece: piece[1])


def _clashing(rows: list[HeldChair]) -> set[int]:
    """Visits that share a minute with another one; few, as live ones never do (trust I1)."""
    found: set[int] = set()
    until: HeldChair | None = None
    for row in sorted(rows, key=lambda row: row.span):
        if until is not None and row.span.starts_at < until.span.ends_at:
            found |= {row.visit_id, until.visit_id}
        if until is None or row.span.ends_at > until.span.ends_at:
            until = row
    return found


def _hour_edges(zone: ZoneInfo, on: date) -> list[int]:
    """Where wall hours 0 to 23 begin, and where the date ends. A skipped hour has no length."""
    begins = [_minute(instant(zone, on, time(hour))) for hour in range(24)]
    return [*begins, _minute(day_span(zone, on).ends_at)]


def _by_hour(span: Span, edges: list[int]) -> Iterator[tuple[int, int]]:
    """(wall hour, minutes) of the part of the span that lies within the day."""
    first, last = max(span[0], edges[0]), min(span[1], edges[-1])
    while first < last:
        hour = bisect_right(edges, first) - 1
        until = min(last, edges[hour + 1])
        yield hour, until - first
        first = until


def _minutes(span: Interval) -> Span:
    return _minute(span.starts_at), _minute(span.ends_at)


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60
