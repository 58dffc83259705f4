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
from scheduler.services.series_query import GapChange, SeriesQuery


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
    after it. Raises Invalid, and NotAllowed for limits wider than the template's."""
    rules = rules_of(phase)
    if query.single:
        return Spacing(gap=replace(rules.gap, hard_max=None))
    gap = _gap(rules.gap, query.gap or GapChange())
    max_days = rules.span_max_days if query.max_days is None else query.max_days
    per_7d = rules.max_per_7d if query.max_per_7d is None else query.max_per_7d
    wider = (
        gap.hard_min < rules.gap.hard_min
        or _wider(gap.hard_max, rules.gap.hard_max)
        or _wider(max_days, rules.span_max_days)
        or _wider(per_7d, rules.max_per_7d)
    )
    if wider and not actor.may("override_gap"):
        raise NotAllowed("This goes beyond the template's limits. Only a provider may allow it.")
    return Spacing(
        gap=gap,
        max_per_7d=per_7d,
        max_days=max_days,
        soft_max_days=rules.span_soft_max_days,
    )


def _wider(asked: int | None, allowed: int | None) -> bool:
    """None is no limit at all."""
    return allowed is not None and (asked is None or asked > allowed)


def _gap(own: Gap, change: GapChange) -> Gap:
    """The template's gap with other limits; target and soft limit stay between them."""
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


def overrides(query: SeriesQuery, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """What differs from the template, with who and why. Raises Invalid without a reason."""
    changed: list[tuple[str, str]] = []
    if query.count is not None:
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
