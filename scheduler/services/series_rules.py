"""Judges the visits of a series by the limits under which it was booked (domain H5-H7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Series, Visit
from scheduler.planning.spacing import BrokenRule, Spacing, judge
from scheduler.planning.words.distance import distance_words
from scheduler.services.series_request import GIVEN_UP


def spacing_of(series: Series) -> Spacing:
    """What `booking` kept in `Series.rules`."""
    return Spacing.from_plain(series.rules)


def live_visits(series: Series) -> list[Visit]:
    """Those that took place or will, in the order of their times."""
    rows = select(Visit).where(
        Visit.organisation_id == series.organisation_id,
        Visit.series_id == series.id,
        Visit.state.not_in(GIVEN_UP),
    )
    return list(db.session.scalars(rows.order_by(Visit.starts_at)))


def broken(series: Series, moved: Mapping[int, date] | None = None) -> tuple[BrokenRule, ...]:
    """Every rule that the series breaks, hard ones and flags, if the visits `moved` (id -> new
    local
    date) stood on those dates."""
    live, to = live_visits(series), moved or {}
    placed = {visit.id: to.get(visit.id, visit.starts_on) for visit in live}
    numbers = {visit.id: visit.number for visit in live}
    order = sorted(placed, key=lambda visit_id: (placed[visit_id], numbers[visit_id]))
    return judge(
        [placed[visit_id] for visit_id in order],
        spacing_of(series),
        [numbers[visit_id] for visit_id in order],
    )


@dataclass(frozen=True)
class RuleState:
    """One rule of a series as a sentence, and whether its visits keep it."""

    kept: bool
    text: str


def rule_states(series: Series) -> tuple[RuleState, ...]:
    """Kept rules in a few words, broken ones and flags with their place."""
    spacing, faults = spacing_of(series), broken(series)
    rules = {fault.rule for fault in faults}
    dates = [visit.starts_on for visit in live_visits(series)]
    found = []
    if not rules & {"H5", "H7"} and len(dates) > 1:
        found.append(_distances(spacing, len(dates)))
    if spacing.max_per_7d and "H6" not in rules:
        found.append(f"At most {spacing.max_per_7d} in 7 days")
    if spacing.max_days and "span" not in rules and dates:
        found.append(f"{(dates[-1] - dates[0]).days} of {spacing.max_days} days")
    kept = [RuleState(True, text) for text in found]
    return (*kept, *(RuleState(False, fault.sentence) for fault in faults))


def _distances(spacing: Spacing, count: int) -> str:
    gap = spacing.gap
    if spacing.months or spacing.anchored:
        words = ", ".join(distance_words(count, spacing))
        return words[:1].upper() + words[1:]
    if gap.hard_max is None:
        return f"All gaps at least {gap.hard_min} days"
    return f"All gaps between {gap.hard_min} and {gap.hard_max} days"
