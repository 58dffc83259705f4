"""Judges the visits of a series by the limits under which it was booked (domain H5-H7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Series, Visit
from scheduler.planning.schedules import Gap
from scheduler.planning.spacing import BrokenRule, Spacing, judge
from scheduler.services.series_request import GIVEN_UP


def spacing_of(series: Series) -> Spacing:
    """What `booking` kept in `Series.rules`."""
    rules: dict[str, Any] = dict(series.rules)
    return Spacing(**{**rules, "gap": Gap(**rules["gap"])})


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
    placed = {visit.id: visit.starts_on for visit in live_visits(series)} | dict(moved or {})
    numbers = {visit.id: visit.number for visit in live_visits(series)}
    order = sorted(placed, key=lambda visit_id: (placed[visit_id], numbers[visit_id]))
    return judge(
        [placed[visit_id] for visit_id in order],
        spacing_of(series),
        [numbers[visit_id] for visit_id in order],
    )
