"""From a template's phase, and what was ordered differently, to the limits that the planner keeps
(domain E, H5-H7, H14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from scheduler.errors import Invalid, NotAllowed
from scheduler.planning.phase import Phase, counts
from scheduler.planning.phase_rules import rules_of
from scheduler.planning.schedules import ANY_DAY, Gap, OnDemand
from scheduler.planning.spacing import Spacing
from scheduler.services.actor import Actor
from scheduler.services.series_query import SeriesQuery


def visits_wanted(phase: Phase, query: SeriesQuery) -> int:
    """How many visits to plan. Raises Invalid outside the template's limits or without its
    order."""
    if query.single:
        return 1
    limits = counts(phase)
    count = limits.default if query.count is None else query.count
    if not limits.allows(count):
        between = f"{limits.minimum} to {limits.maximum}"
        raise Invalid(f"This phase takes {between} visits; ask for one of these.", field="count")
    if count > limits.ordered_above and not query.ordered_by:
        more = f"More than {limits.ordered_above} visits need an order. Say who ordered them."
        raise Invalid(more, field="ordered_by")
    return count


def spacing(phase: Phase, query: SeriesQuery, actor: Actor) -> Spacing:
    """Gaps, weekly limit and span. A single visit keeps the least gap to earlier ones, no limit
    after it."""
    rules = rules_of(phase)
    gap = rules.gap
    if query.single:
        return Spacing(gap=replace(gap, hard_max=None))
    least, most = _gap_limits(query, gap.hard_min, gap.hard_max, actor)
    target = max(least, gap.target if most is None else min(gap.target, most))
    soft_max = gap.soft_max if most is None else min(gap.soft_max, most)
    return Spacing(
        gap=Gap(hard_min=least, target=target, soft_max=max(soft_max, target), hard_max=most),
        max_per_7d=rules.max_per_7d,
        max_days=rules.span_max_days,
        soft_max_days=rules.span_soft_max_days,
    )


def _gap_limits(
    query: SeriesQuery, least: int, most: int | None, actor: Actor
) -> tuple[int, int | None]:
    """Narrower limits are the desk's; wider ones are a provider's override (domain H5, H7)."""
    change = query.gap
    if change is None:
        return least, most
    new_least = least if change.least is None else change.least
    new_most = most if change.most is None else change.most
    if new_least < 1 or (new_most is not None and new_most < new_least):
        raise Invalid(
            "The least gap is at least 1 day and not more than the most.", field="gap_least"
        )
    wider = new_least < least or (most is not None and (new_most is None or new_most > most))
    if wider and not actor.may("override_gap"):
        limits = f"{least} days or more" if most is None else f"{least} to {most} days"
        raise NotAllowed(f"The template allows gaps of {limits}. Only a provider may go beyond.")
    return new_least, new_most


def weekday_sets(phase: Phase, query: SeriesQuery) -> tuple[frozenset[int], ...]:
    """Best set first; any day for a single visit, or where the desk lets the sets go."""
    return (ANY_DAY,) if query.single or query.any_weekdays else rules_of(phase).weekday_sets


def overrides(query: SeriesQuery, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """What differs from the template, with who and why. Raises Invalid without a reason."""
    changed: list[tuple[str, str]] = []
    if query.count is not None:
        changed.append(("count", str(query.count)))
    if query.gap is not None and query.gap.least is not None:
        changed.append(("least gap", f"{query.gap.least} days"))
    if query.gap is not None and query.gap.most is not None:
        changed.append(("most gap", f"{query.gap.most} days"))
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
    parts = [f"{count} visits" if count != 1 else "1 visit"]
    gap = limits.gap
    if count > 1:
        least_only = f"at least {gap.hard_min} days apart"
        apart = f"{gap.hard_min} to {gap.hard_max} days apart"
        parts.append(least_only if gap.hard_max is None else apart)
    if limits.max_per_7d and count > limits.max_per_7d:
        parts.append(f"at most {limits.max_per_7d} in any 7 days")
    if limits.max_days and count > 1:
        parts.append(f"within {limits.max_days + 1} days")
    return ", ".join(parts) + "."


def is_single_only(phase: Phase) -> bool:
    """Boosters and consultations are planned one visit at a time."""
    return isinstance(phase.schedule, OnDemand)
