"""What the planner answers: plans with their visits, cost and flags, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from scheduler.planning.request import SeriesRequest
from scheduler.planning.spacing import BrokenRule
from scheduler.planning.visit import VisitShape, VisitTimes


@dataclass(frozen=True, kw_only=True)
class CostTerms:
    """The cost formula's terms, each already multiplied by its weight (planner)."""

    early: int = 0
    day: int = 0
    gap: int = 0
    time: int = 0
    chair: int = 0
    frag: int = 0
    set: int = 0
    stagger: int = 0
    prime: int = 0
    slack: int = 0
    tight: int = 0

    @property
    def total(self) -> int:
        return sum(vars(self).values())


@dataclass(frozen=True, kw_only=True)
class PlannedVisit:
    """One visit of a plan. `cost` is its own share: day, time, chair and slivers."""

    number: int
    on: date
    chair_id: int
    starts_at: datetime
    shape: VisitShape
    cost: int
    bay_id: int | None = None

    @property
    def times(self) -> VisitTimes:
        return self.shape.times(self.starts_at)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One way to place all visits. `kind` says why it is offered: best, one_time, one_chair (a wish
    that the best plan does not keep), same_time, weekdays, time, earliest, later, or reseat (others
    change chairs for it). `flags` are soft limits that it passes; it may be booked all the same."""

    visits: tuple[PlannedVisit, ...]
    cost: int
    terms: CostTerms
    weekday_set: frozenset[int]
    flags: tuple[BrokenRule, ...]
    kind: str
    zone: ZoneInfo

    @property
    def first_on(self) -> date:
        return self.visits[0].on

    @property
    def last_on(self) -> date:
        return self.visits[-1].on

    @property
    def weekdays(self) -> tuple[int, ...]:
        """The weekdays that it uses, 0 is Monday."""
        return tuple(sorted({visit.on.weekday() for visit in self.visits}))


@dataclass(frozen=True)
class Stopped:
    """Why no plan exists: the rule that stops it, where it binds, and a sentence for the desk."""

    rule: str
    where: str
    sentence: str


@dataclass(frozen=True)
class WayOut:
    """A relaxation that was tried and works. `request` is the relaxed request: propose it again.

    With `needs_provider` only a provider may allow it.
    """

    kind: str
    sentence: str
    plan: Plan
    request: SeriesRequest
    needs_provider: bool = False


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The best plan first, then others that differ audibly; or why there is none and what helps.

    `proven` is False when the search had to stop early: then the first may not be the very best,
    or "none" may not be the last word.
    """

    plans: tuple[Plan, ...] = ()
    proven: bool = True
    stopped: Stopped | None = None
    ways_out: tuple[WayOut, ...] = ()
