"""What is known about a site's day, as plain data: the input of `daybook.Day`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from scheduler.planning.interval import Interval
from scheduler.planning.visit import RESOURCES, VisitShape

QUARTER_MINUTES = 15
"""Starts are counted by clock quarter, :00 :15 :30 :45 (planner)."""
BAY = "bay"
"""The kind of chair in which visits end (domain C) and none starts, unless that kind is asked for.
"""


@dataclass(frozen=True, kw_only=True)
class ChairFacts:
    """A chair and when it may be held that day: the site's hours without closures and outages.

    `open` is empty for a chair that is out of service. `name` appears in sentences for the desk.
    """

    chair_id: int
    name: str
    open: tuple[Interval, ...]
    kind: str = "chair"


@dataclass(frozen=True, kw_only=True)
class Held:
    """A visit or a hold that keeps its time. It may lie off the grid, in whole minutes.

    Without a chair it holds nurses only. With a bay its chair is free again sooner (domain C).
    """

    chair_id: int | None
    starts_at: datetime
    shape: VisitShape
    bay_id: int | None = None

    @property
    def span(self) -> Interval | None:
        """The chair claim, turnaround included; None for a visit of no length."""
        if not self.shape.chair_minutes:
            return None
        return self.shape.chair_span(self.starts_at, with_bay=self.bay_id is not None)

    @property
    def bay_span(self) -> Interval | None:
        """The bay's claim, turnaround included; None without a bay."""
        return None if self.bay_id is None else self.shape.bay_span(self.starts_at)

    def spans_on(self, chair_id: int) -> tuple[Interval, ...]:
        """When it holds this chair or bay."""
        claims = ((self.chair_id, self.span), (self.bay_id, self.bay_span))
        return tuple(span for held, span in claims if held == chair_id and span is not None)


Counts = tuple[tuple[Interval, int], ...]
"""How many are there, by span: overlapping spans add up, a negative number is somebody away or
something out of service, and the sum is never under 0."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """Part of one of planning.visit.RESOURCES that is used beside the visits held, in hundredths of
    one nurse, pump or monitor, or of one patient (provider, sedating)."""

    resource: str
    span: Interval
    hundredths: int

    def __post_init__(self) -> None:
        if self.resource not in RESOURCES:
            raise ValueError(f"a load is of one of: {', '.join(RESOURCES)}")
        if self.hundredths < 0:
            raise ValueError("a load is 0 or more")


@dataclass(frozen=True, kw_only=True)
class DayFacts:
    """One local date of one site.

    `cover` lists nurses on duty; overlapping spans add up and no span means no nurse. `hours` are
    the site's hours before closures: they let a refusal tell "not open" (H3) from "closed" (H4).
    Starts stand on the grid (`grid_minutes`, 1 to 15) and on `start_step_minutes`, both counted
    in elapsed minutes from local midnight. At most `nurses on duty * starts_per_nurse` visits that
    need a nurse start in one clock quarter; `start_limits`, if given, says instead how many may in
    each quarter that a span touches, none elsewhere. `shortest_chair_minutes` is the shortest chair
    claim that can be booked: a shorter hole is a sliver; 0 counts none. `bookable_minutes` are all
    chair claims that can be booked, for the price of lost chair time; empty: the shortest alone.

    `providers` are on site (H9), each for at most `patients_per_provider` sedating patients at a
    time. `pumps` and `monitors` are what is in service that day (H10); None: nobody counts them
    there. `max_sedating_per_nurse` caps beside the shares (H8), None: no cap. No visit starts after
    the wall time `latest_start` (H15); 00:00 is the midnight after the day, as is None.
    """

    on: date
    zone: ZoneInfo
    chairs: tuple[ChairFacts, ...]
    cover: Counts
    held: tuple[Held, ...] = ()
    hours: tuple[Interval, ...] = ()
    grid_minutes: int = 5
    start_step_minutes: int = 5
    starts_per_nurse: int = 1
    shortest_chair_minutes: int = 0
    bookable_minutes: tuple[int, ...] = ()
    providers: Counts = ()
    patients_per_provider: int = 4
    pumps: Counts | None = None
    monitors: Counts | None = None
    max_sedating_per_nurse: int | None = None
    latest_start: time | None = None
    loads: tuple[Load, ...] = ()
    start_limits: Counts | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.grid_minutes <= QUARTER_MINUTES:
            raise ValueError("the grid is 1 to 15 minutes")
        if self.start_step_minutes < 1:
            raise ValueError("the start step is at least 1 minute")
        if len({chair.chair_id for chair in self.chairs}) < len(self.chairs):
            raise ValueError("each chair is listed once")
