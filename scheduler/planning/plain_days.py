"""A calendar of days from plain numbers: the planner's own input for whoever has no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from scheduler.planning.day_facts import (
    QUARTER_MINUTES,
    ChairFacts,
    Counts,
    DayFacts,
    Held,
    Load,
)
from scheduler.planning.daybook import Day
from scheduler.planning.interval import Interval
from scheduler.planning.opening import day_span
from scheduler.planning.visit import RESOURCES, Part, VisitShape

UTC = ZoneInfo("UTC")
Spans = Sequence[tuple[int, int]]
"""Half-open [first, until) in elapsed minutes since local midnight."""


@dataclass(frozen=True, kw_only=True)
class PlainDay:
    """One local date of a site. Minutes count from local midnight, every span is half-open.

    `open`: chair -> when it may be held. `busy`: chair -> what is claimed already, turnaround
    included; such claims hold chairs only, the staff they need is in `load`. The lists of `cover`,
    `load` and `start_limits` begin at minute `slots_from` (a multiple of 15) and are 0 beyond
    their end:

    - `cover`: "nurse", "provider", "pump", "monitor" -> how many are there in each slot of the
      grid. Without "nurse" or "provider" there is none of them; pumps and monitors that are not
      listed are not counted, so they never run short.
    - `load`: the same names -> what is used already in each slot, in hundredths of one (of a
      provider: hundredths of one patient).
    - `start_limits`: how many more visits that need a nurse may start in each quarter of an hour;
      None: as many as nurses are there.
    """

    on: date
    open: Mapping[int, Spans]
    busy: Mapping[int, Spans] = field(default_factory=dict)
    cover: Mapping[str, Sequence[int]] = field(default_factory=dict)
    load: Mapping[str, Sequence[int]] = field(default_factory=dict)
    start_limits: Sequence[int] | None = None
    slots_from: int = 0


@dataclass(frozen=True, kw_only=True)
class SiteFacts:
    """What is the same on every day. `grid_minutes` is 1 to 15; starts stand on the grid and on
    `start_step_minutes` (None: on the grid). A free hole shorter than `shortest_chair_minutes` is
    a sliver; `bookable_minutes` are all lengths for which a chair can be booked (`Weights.tight`).
    `kinds`: chair -> "chair" (if not listed), "room" or "bay"."""

    grid_minutes: int = 5
    start_step_minutes: int | None = None
    shortest_chair_minutes: int = 0
    bookable_minutes: tuple[int, ...] = ()
    patients_per_provider: int = 4
    kinds: Mapping[int, str] = field(default_factory=dict)
    zone: ZoneInfo = UTC


def calendar(days: Iterable[PlainDay], site: SiteFacts | None = None) -> dict[date, Day]:
    """The days to plan on; a date that is not given is not used.

    Raises ValueError for numbers that cannot be: a span that ends before it starts or leaves its
    day, an unknown resource, a grid beyond 1 to 15 minutes.
    """
    facts = site or SiteFacts()
    return {plain.on: Day.build(_facts(plain, facts)) for plain in days}


def _facts(plain: PlainDay, site: SiteFacts) -> DayFacts:
    clock = _Clock(day_span(site.zone, plain.on), plain, site.grid_minutes)
    chairs = sorted({*plain.open, *plain.busy})
    return DayFacts(
        on=plain.on,
        zone=site.zone,
        chairs=tuple(
            ChairFacts(
                chair_id=chair,
                name=f"Chair {chair}",
                open=clock.spans(plain.open.get(chair, ())),
                kind=site.kinds.get(chair, "chair"),
            )
            for chair in chairs
        ),
        cover=clock.there("nurse") or (),
        providers=clock.there("provider") or (),
        pumps=clock.there("pump"),
        monitors=clock.there("monitor"),
        loads=clock.loads(),
        start_limits=clock.limits(),
        held=tuple(
            _claim(chair, span) for chair in plain.busy for span in clock.spans(plain.busy[chair])
        ),
        hours=tuple(span for chair in chairs for span in clock.spans(plain.open.get(chair, ()))),
        grid_minutes=site.grid_minutes,
        start_step_minutes=site.start_step_minutes or site.grid_minutes,
        shortest_chair_minutes=site.shortest_chair_minutes,
        bookable_minutes=site.bookable_minutes,
        patients_per_provider=site.patients_per_provider,
    )


def _claim(chair_id: int, span: Interval) -> Held:
    """Chair time and nothing else."""
    shape = VisitShape(parts=(Part(name="infusion", minutes=span.minutes),))
    return Held(chair_id=chair_id, starts_at=span.starts_at, shape=shape)


class _Clock:
    """One day's minutes and slots as spans of time."""

    def __init__(self, day: Interval, plain: PlainDay, grid_minutes: int) -> None:
        if not 1 <= grid_minutes <= QUARTER_MINUTES:
            raise ValueError("the grid is 1 to 15 minutes")
        self.day, self.plain, self.grid_minutes = day, plain, grid_minutes
        unknown = {*plain.cover, *plain.load} - set(RESOURCES)
        if unknown:
            raise ValueError(f"unknown resources: {', '.join(sorted(unknown))}")
        if plain.slots_from % QUARTER_MINUTES:
            raise ValueError("slots_from is a multiple of 15 minutes")

    def spans(self, spans: Spans) -> tuple[Interval, ...]:
        return tuple(self._span(first, until) for first, until in spans)

    def there(self, resource: str) -> Counts | None:
        numbers = self.plain.cover.get(resource)
        return None if numbers is None else self._runs(numbers, self.grid_minutes)

    def limits(self) -> Counts | None:
        numbers = self.plain.start_limits
        return None if numbers is None else self._each(numbers, QUARTER_MINUTES)

    def loads(self) -> tuple[Load, ...]:
        return tuple(
            Load(resource=resource, span=span, hundredths=hundredths)
            for resource, numbers in self.plain.load.items()
            for span, hundredths in self._runs(numbers, self.grid_minutes)
        )

    def _runs(self, numbers: Sequence[int], minutes: int) -> Counts:
        """Equal neighbours as one span; zeros say nothing."""
        runs, place = [], 0
        for number, group in groupby(numbers):
            length = len(list(group))
            first = self.plain.slots_from + place * minutes
            runs.append((number, first, first + length * minutes))
            place += length
        return tuple((self._span(first, until), n) for n, first, until in runs if n)

    def _each(self, numbers: Sequence[int], minutes: int) -> Counts:
        firsts = [self.plain.slots_from + place * minutes for place in range(len(numbers))]
        pairs = zip(firsts, numbers, strict=True)
        return tuple((self._span(first, first + minutes), n) for first, n in pairs if n)

    def _span(self, first: int, until: int) -> Interval:
        if not 0 <= first < until <= self.day.minutes:
            raise ValueError(f"[{first}, {until}) is no span of minutes within {self.plain.on}")
        begins = self.day.starts_at
        return Interval(begins + timedelta(minutes=first), begins + timedelta(minutes=until))
