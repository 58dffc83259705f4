"""One phase of a series template: its cadence and what happens around it (domain E)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from scheduler.planning.schedules import (
    UNIT_DAYS,
    Count,
    DailyRun,
    Every,
    Gap,
    Offsets,
    OnDemand,
    Quota,
    Schedule,
    Spread,
)
from scheduler.planning.visit_profile import Notes, spoken

MISSED_POLICIES = ("reflow", "reanchor_prev", "asap_then_reanchor", "append_day", "keep_grid")
MISSED_THEN = (
    "provider_review",
    "provider_review_may_return_to_previous_phase",
    "provider_review_may_reload",
)
ROLES = ("provider", "nurse", "manager")
MOST_VISITS = 100


@dataclass(frozen=True, kw_only=True)
class Span:
    """Last date minus first date: flagged over soft_max_days, never planned over max_days."""

    soft_max_days: int | None = None
    max_days: int | None = None


NO_LIMIT = Span()


@dataclass(frozen=True, kw_only=True)
class Review:
    """A provider looks and decides, after a visit of the phase or in a week of the series."""

    ask: str
    after: int | None = None
    at_week: int | None = None


@dataclass(frozen=True, kw_only=True)
class Extend:
    """How many visits an order may add at a time, and how many the phase may have in all (domain
    H6)."""

    by: tuple[int, ...]
    max_count: int
    needs: str = "provider"


@dataclass(frozen=True, kw_only=True)
class Missed:
    """What happens to the rest when a visit does not take place."""

    policy: str
    if_gap_over: int | None = None
    if_span_over: int | None = None
    then: str | None = None


@dataclass(frozen=True, kw_only=True)
class Renew:
    """When the order ends and a provider must renew it (domain H13)."""

    every_sessions: int | None = None
    or_days: int | None = None
    needs: str = "provider"


@dataclass(frozen=True, kw_only=True)
class CountLimits:
    """How many visits may be booked at once. Counts over `ordered_above` need a provider's
    order."""

    minimum: int
    default: int
    maximum: int
    ordered_above: int

    def allows(self, count: int) -> bool:
        return self.minimum <= count <= self.maximum


@dataclass(frozen=True, kw_only=True)
class Phase:
    """Induction, taper, maintenance, booster: `next` is the id of the phase that follows, None ends
    the series."""

    id: str
    title: str | None = None
    optional: bool = False
    profile: str | None = None
    schedule: Schedule
    span: Span = NO_LIMIT
    reviews: tuple[Review, ...] = ()
    extend: Extend | None = None
    missed: Missed | None = None
    renew: Renew | None = None
    next: str | None = None
    src: Notes = ()

    @property
    def label(self) -> str:
        return self.title or spoken(self.id)


def counts(phase: Phase) -> CountLimits:
    """The limits of a plan for this phase. On demand is one visit at a time; an open phase starts
    with one."""
    schedule = phase.schedule
    if isinstance(schedule, OnDemand):
        return CountLimits(minimum=1, default=1, maximum=1, ordered_above=1)
    if isinstance(schedule, Offsets):
        fixed, extra = len(schedule.days), len(schedule.optional_days)
        count = Count(minimum=fixed, default=fixed, maximum=fixed + extra)
    else:
        count = schedule.count
    default = count.default or (schedule.per_week if isinstance(schedule, Quota) else 1)
    most = count.maximum or MOST_VISITS
    extended = max(most, phase.extend.max_count) if phase.extend else most
    return CountLimits(minimum=count.minimum, default=default, maximum=extended, ordered_above=most)


def gap_of(phase: Phase, *, n: int | None = None) -> Gap:
    """Days between consecutive visits, in absolute days; `n` is the interval chosen for this
    patient.

    A month counts as 30.44 days here; `cadence` counts calendar months where it names dates. For
    fixed days the gap is what the days and their tolerance leave between neighbours.
    """
    schedule = phase.schedule
    if isinstance(schedule, Every):
        if schedule.gap is not None:
            return schedule.gap
        days = round((n or schedule.n.default) * UNIT_DAYS[schedule.unit])
        return (schedule.gap_rel or Gap(hard_min=0, target=0, soft_max=0)).later(days)
    if isinstance(schedule, DailyRun):
        return _run_gap(schedule)
    if isinstance(schedule, Offsets):
        return _offset_gap(schedule)
    if isinstance(schedule, Quota | Spread | OnDemand):
        return schedule.gap
    raise TypeError(type(schedule).__name__)


def _run_gap(run: DailyRun) -> Gap:
    """Inside a run no gap passes max_break_days, whatever the gap's own limit says; every calendar
    day means 1."""
    widest = 1 if run.run_on == "calendar_days" else run.max_break_days
    if run.gap is None:
        return Gap(hard_min=1, target=1, soft_max=widest, hard_max=widest)
    hard_max = widest if run.gap.hard_max is None else min(run.gap.hard_max, widest)
    return Gap(
        hard_min=min(run.gap.hard_min, hard_max),
        target=min(run.gap.target, hard_max),
        soft_max=min(run.gap.soft_max, hard_max),
        hard_max=hard_max,
        recall_after=run.gap.recall_after,
    )


def _offset_gap(offsets: Offsets) -> Gap:
    days = sorted({*offsets.days, *offsets.optional_days})
    steps = [later - earlier for earlier, later in pairwise(days)] or [1]
    slack = offsets.tol.before + offsets.tol.after
    return Gap(
        hard_min=max(1, min(steps) - slack),
        target=max(1, min(steps)),
        soft_max=max(steps) + slack,
        hard_max=max(steps) + slack,
    )
