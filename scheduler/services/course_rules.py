"""From a template's phase, and what was ordered differently, to the limits that the planner keeps
(domain E, H5-H7, H14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from scheduler.errors import Invalid, NotAllowed
from scheduler.planning.explain import count_words, day_words
from scheduler.planning.phase import MOST_VISITS, CountLimits, Phase, counts
from scheduler.planning.phase_rules import (
    PhaseChoice,
    cycle_step,
    rules_of,
    step_of,
    usual_days,
)
from scheduler.planning.phase_spacing import (
    Start,
    least_gap_only,
    overdue,
    spacing_of,
    visits_of,
)
from scheduler.planning.schedules import ANY_DAY, DailyRun, Every, Gap, Offsets, OnDemand
from scheduler.planning.spacing import Spacing, gap_from
from scheduler.planning.words.distance import distance_words
from scheduler.services.actor import Actor
from scheduler.services.series_query import GapChange, SeriesQuery

AHEAD = 4
"""Visits of a phase without end that are planned at once, unless another number is asked for."""
RUNS_AHEAD = 2
DAY = timedelta(days=1)
NEW_COURSE = Start()


def choice_of(phase: Phase, query: SeriesQuery, days_left: int | None = None) -> PhaseChoice:
    """Interval, number of visits and runs that are planned now. Raises Invalid at the field that is
    outside the template's limits, or without its order.

    A phase without end is planned a few visits ahead: `days_left` are those from the earliest day
    to the end of the site's horizon.
    """
    choice = PhaseChoice(n=_interval(phase, query), with_optional_days=query.with_optional_days)
    if isinstance(phase.schedule, Offsets):
        days = visits_of(phase, choice)
        if query.count not in (None, days):
            raise Invalid(f"This phase has {days} fixed days.", field="count")
        return choice
    choice = replace(choice, count=_count(phase, query, choice, days_left))
    return replace(choice, runs=_runs(phase, query, choice, days_left))


def visits_wanted(phase: Phase, query: SeriesQuery, days_left: int | None = None) -> int:
    """How many visits to plan. Raises Invalid as `choice_of`."""
    return 1 if query.single else visits_of(phase, choice_of(phase, query, days_left))


def _interval(phase: Phase, query: SeriesQuery) -> int | None:
    """The chosen number of weeks or months; None where nothing is to be chosen."""
    if not isinstance(phase.schedule, Every) or query.interval is None:
        return None
    options = phase.schedule.n.options
    if query.interval not in options:
        known = " or ".join(str(one) for one in options)
        raise Invalid(f"Visits come every {known} {phase.schedule.unit}s.", field="interval")
    return query.interval


def _count(phase: Phase, query: SeriesQuery, choice: PhaseChoice, days_left: int | None) -> int:
    limits = counts(phase)
    if query.count is None:
        return _ahead(phase, choice, days_left) if is_open_ended(phase) else limits.default
    if not limits.allows(query.count):
        between = f"{limits.minimum} to {limits.maximum}"
        raise Invalid(f"This phase takes {between} visits; ask for one of these.", field="count")
    if query.count > limits.ordered_above and not query.ordered_by:
        more = f"More than {limits.ordered_above} visits need an order. Say who ordered them."
        raise Invalid(more, field="ordered_by")
    return query.count


def is_open_ended(phase: Phase) -> bool:
    """As many visits as are asked for: none of them is the last one."""
    return isinstance(phase.schedule, Every) and phase.schedule.count.is_open


def _ahead(phase: Phase, choice: PhaseChoice, days_left: int | None) -> int:
    """Visits of a phase without end that are planned at once: a few, if the horizon has room."""
    step = max(1, rules_of(phase, choice).gap.target)
    fits = AHEAD if days_left is None else 1 + max(days_left, 0) // step
    return min(AHEAD, fits)


def run_limits(phase: Phase) -> CountLimits | None:
    """How many runs may be planned at once; None where nothing repeats."""
    cycle = phase.schedule.cycle if isinstance(phase.schedule, DailyRun) else None
    if cycle is None:
        return None
    most = cycle.times.maximum or max(1, MOST_VISITS // counts(phase).default)
    usual = min(cycle.times.default or RUNS_AHEAD, most)
    return CountLimits(minimum=1, default=usual, maximum=most, ordered_above=most)


def _runs(
    phase: Phase, query: SeriesQuery, choice: PhaseChoice, days_left: int | None
) -> int | None:
    """Runs that are planned now, as many of the usual ones as the horizon has room for."""
    limits = run_limits(phase)
    if limits is None:
        return None
    if query.runs is None:
        return min(limits.default, _runs_that_fit(phase, choice, days_left))
    if not limits.allows(query.runs):
        raise Invalid(f"Plan 1 to {limits.maximum} runs at a time.", field="runs")
    return query.runs


def _runs_that_fit(phase: Phase, choice: PhaseChoice, days_left: int | None) -> int:
    cycle = phase.schedule.cycle if isinstance(phase.schedule, DailyRun) else None
    if cycle is None or days_left is None:
        return MOST_VISITS
    gap, months = cycle_step(cycle)
    return 1 + max(days_left - (choice.count or 1), 0) // max(1, gap.target + usual_days(months))


def spacing(
    phase: Phase,
    query: SeriesQuery,
    actor: Actor,
    choice: PhaseChoice | None = None,
    start: Start = NEW_COURSE,
) -> Spacing:
    """Gaps, fixed days, weekly limit and span. A single visit keeps the least gap to earlier ones,
    no limit after it. Raises Invalid, and NotAllowed for limits wider than the template's."""
    choice = choice or choice_of(phase, query)
    rules = rules_of(phase, choice)
    if query.single:
        return least_gap_only(rules.gap)
    gap = _gap(phase, rules.gap, query.gap or GapChange())
    own = spacing_of(phase, choice, start, _in_step(phase, choice, gap))
    found = replace(
        own,
        max_days=own.max_days if query.max_days is None else query.max_days,
        max_per_7d=own.max_per_7d if query.max_per_7d is None else query.max_per_7d,
    )
    wider = (
        gap.hard_min < rules.gap.hard_min
        or _wider(gap.hard_max, rules.gap.hard_max)
        or _wider(found.max_days, own.max_days)
        or _wider(found.max_per_7d, own.max_per_7d)
    )
    if wider and not actor.may("override_gap"):
        raise NotAllowed("This goes beyond the template's limits. Only a provider may allow it.")
    return found


def refuse_overdue(spacing: Spacing, earliest_on: date) -> None:
    """Raises Invalid if a visit is due before the first day that is asked for (domain H7)."""
    late = overdue(spacing, earliest_on)
    if late is None or late.on is None:
        return
    gap = gap_from(late.gap, late.months, late.on)
    due, last = late.on + DAY * gap.target, late.on + DAY * (gap.hard_max or 0)
    raise Invalid(
        f"Visit {late.number} was due on {day_words(due)}, {count_words(gap.target, 'day')} after"
        f" {day_words(late.on)}, and on {day_words(last)} at the latest. Choose an earlier day,"
        " or have a provider allow a larger gap.",
        field="earliest_on",
    )


def _in_step(phase: Phase, choice: PhaseChoice, gap: Gap) -> Gap:
    """The gap beyond calendar months, where the phase counts in months."""
    return gap.later(-usual_days(step_of(phase, choice.n)[1]))


def _wider(asked: int | None, allowed: int | None) -> bool:
    """None is no limit at all."""
    return allowed is not None and (asked is None or asked > allowed)


def _gap(phase: Phase, own: Gap, change: GapChange) -> Gap:
    """The template's gap with other limits; target and soft limit stay between them."""
    if change == GapChange():
        return own
    if isinstance(phase.schedule, Offsets):
        raise Invalid("The days of this phase are fixed by its template.", field="gap_least")
    least = own.hard_min if change.least is None else change.least
    most = own.hard_max if change.most is None else change.most
    if least < 1 or (most is not None and most < least):
        raise Invalid("The least gap is 1 day or more, and not over the most.", field="gap_least")
    target = max(least, own.target if most is None else min(own.target, most))
    soft_max = own.soft_max if most is None else min(own.soft_max, most)
    return Gap(hard_min=least, target=target, soft_max=max(soft_max, target), hard_max=most)


def weekday_sets(phase: Phase, query: SeriesQuery) -> tuple[frozenset[int], ...]:
    """Best set first; any day for a single visit, or where the desk lets the sets go."""
    return (ANY_DAY,) if query.single or query.any_weekdays else rules_of(phase).weekday_sets


def overrides(
    query: SeriesQuery, actor: Actor, now: datetime, *, is_open: bool = False
) -> list[dict[str, Any]]:
    """What differs from the template, with who and why. Raises Invalid without a reason.

    `is_open`: the phase has no planned end, so that any number of visits is in its sense.
    """
    changed: list[tuple[str, str]] = []
    if query.count is not None and not is_open:
        changed.append(("count", str(query.count)))
    if query.gap is not None and query.gap.least is not None:
        changed.append(("least gap", f"{query.gap.least} days"))
    if query.gap is not None and query.gap.most is not None:
        changed.append(("most gap", f"{query.gap.most} days"))
    if query.max_days is not None:
        changed.append(("span", f"{query.max_days} days"))
    if query.max_per_7d is not None:
        changed.append(("visits in 7 days", str(query.max_per_7d)))
    changed += [(part, f"{minutes} minutes") for part, minutes in sorted(query.minutes.items())]
    if changed and not query.reason:
        raise Invalid("Say why this differs from the template.", field="reason")
    who = f"{actor.name}, ordered by {query.ordered_by}" if query.ordered_by else actor.name
    return [
        {"what": what, "value": value, "who": who, "why": query.reason, "at": now.isoformat()}
        for what, value in changed
    ]


def rule_sentence(count: int, limits: Spacing) -> str:
    """ "6 visits, 2 to 7 days apart, at most 3 in any 7 days, within 20 days." """
    parts = [f"{count} visits" if count != 1 else "1 visit", *distance_words(count, limits)]
    if limits.max_per_7d and count > limits.max_per_7d:
        parts.append(f"at most {limits.max_per_7d} in any 7 days")
    if limits.max_days and count > 1:
        parts.append(f"within {limits.max_days + 1} days")
    return ", ".join(parts) + "."


def is_single_only(phase: Phase) -> bool:
    """Boosters and consultations are planned one visit at a time."""
    return isinstance(phase.schedule, OnDemand)
