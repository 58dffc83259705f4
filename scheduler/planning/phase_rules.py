"""The compiled core of a phase: what any plan of it must keep, whatever its cadence."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.planning.phase import Phase, counts, gap_of
from scheduler.planning.schedules import (
    ANY_DAY,
    UNIT_DAYS,
    Cycle,
    DailyRun,
    Every,
    Gap,
    Offsets,
    Quota,
    Spread,
    Tolerance,
)


@dataclass(frozen=True, kw_only=True)
class PhaseChoice:
    """What is chosen for one patient: interval, number of visits (of one run, where runs repeat),
    number of runs, whether optional days are used."""

    n: int | None = None
    count: int | None = None
    runs: int | None = None
    with_optional_days: bool = False


@dataclass(frozen=True, kw_only=True)
class PhaseRules:
    """Gaps and spans in calendar days (planner "Exactly").

    `weekday_sets` stands best first and is never empty; all visits of a new plan keep to one set.
    `max_per_7d` counts dates in [d, d+6], None means no limit. A plan longer than
    `span_soft_max_days` is flagged; `gap.hard_max` None means that no gap is too long to plan.
    """

    count: int
    gap: Gap
    weekday_sets: tuple[frozenset[int], ...] = (ANY_DAY,)
    max_per_7d: int | None = None
    span_max_days: int | None = None
    span_soft_max_days: int | None = None


def rules_of(phase: Phase, choice: PhaseChoice | None = None) -> PhaseRules:
    """What a plan of this phase must keep. Whether the number itself is allowed,
    `counts(phase).allows` says."""
    chosen = choice or PhaseChoice()
    schedule = phase.schedule
    span = phase.span.max_days
    if isinstance(schedule, Spread):
        within = schedule.within_days - 1  # both ends counted
        span = within if span is None else min(span, within)
    per_week = schedule.per_week if isinstance(schedule, Quota) else None
    own = schedule.max_per_7d if isinstance(schedule, Quota | Spread) else None
    return PhaseRules(
        count=chosen.count or counts(phase).default,
        gap=gap_of(phase, n=chosen.n),
        weekday_sets=schedule.weekday_sets if isinstance(schedule, Quota) else (ANY_DAY,),
        max_per_7d=own or per_week,
        span_max_days=span,
        span_soft_max_days=phase.span.soft_max_days,
    )


def step_of(phase: Phase, n: int | None = None) -> tuple[Gap, int]:
    """The gap from one visit to the next, and the calendar months that its days are added to."""
    schedule = phase.schedule
    if isinstance(schedule, Every) and schedule.gap_rel is not None and schedule.unit == "month":
        return schedule.gap_rel, n or schedule.n.default
    return gap_of(phase, n=n), 0


def usual_days(months: int) -> int:
    """So many months in days, where no date is at hand."""
    return round(months * UNIT_DAYS["month"])


def cycle_step(cycle: Cycle) -> tuple[Gap, int]:
    """From the start of one run to the start of the next."""
    if cycle.unit == "month":
        return within(0, cycle.tol), cycle.n
    return within(round(cycle.n * UNIT_DAYS[cycle.unit]), cycle.tol), 0


def within(days: int, tol: Tolerance) -> Gap:
    """A fixed number of days and what it may be off."""
    last = days + tol.after
    return Gap(hard_min=days - tol.before, target=days, soft_max=last, hard_max=last)


def is_endless(phase: Phase) -> bool:
    """No last visit is planned: it goes on until a provider ends it."""
    schedule = phase.schedule
    if isinstance(schedule, DailyRun):
        return schedule.cycle is not None and schedule.cycle.times.is_open
    return isinstance(schedule, Every | Quota) and schedule.count.is_open


def is_spaced(phase: Phase) -> bool:
    """Its visits or runs are due on a day; the others go as early as their gaps allow."""
    schedule = phase.schedule
    repeats = isinstance(schedule, DailyRun) and schedule.cycle is not None
    return isinstance(schedule, Every | Offsets) or repeats
