"""What messages beside calendar and ladder are about, and their own placeholders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Outbox, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.preparation import PrepSet
from scheduler.planning.visit import VisitShape
from scheduler.planning.wording import Values, Wording
from scheduler.planning.words.clock import day
from scheduler.planning.words.prep_changes import changes, lines
from scheduler.services import prep_changes
from scheduler.services.outgoing import outbox_rows
from scheduler.services.outgoing.message_values import when

Visits = Callable[[Outbox, datetime], tuple[Visit, ...]]
Own = Callable[[Outbox, datetime, Wording], Values]


def none(_row: Outbox, _now: datetime) -> tuple[Visit, ...]:
    """It speaks of a day, not of a visit; the organizer stands in its facts."""
    return ()


def listed(row: Outbox, _now: datetime) -> tuple[Visit, ...]:
    """Those whose ids it carries, soonest first."""
    rows = select(Visit).where(Visit.id.in_(row.facts["visit_ids"]))
    return tuple(db.session.scalars(rows.order_by(Visit.starts_at, Visit.id)))


def next_visits(row: Outbox, now: datetime) -> tuple[Visit, ...]:
    """The patient's visits that lie ahead, soonest first."""
    rows = select(Visit).where(
        Visit.organisation_id == row.organisation_id,
        Visit.patient_id == row.patient_id,
        Visit.state.in_(PLANNED_STATES),
        Visit.starts_at > now,
    )
    return tuple(db.session.scalars(rows.order_by(Visit.starts_at, Visit.id)))


def _changed(row: Outbox, now: datetime, wording: Wording) -> Values:
    site = db.session.get_one(Site, row.site_id)
    found = []
    for visit in prep_changes.changed_visits(row, now):
        before = PrepSet.from_plain(row.facts["before"][str(visit.id)])
        times = outbox_rows.told(visit, site).times
        shape = VisitShape.from_plain(visit.shape)
        found.append((times.on, changes(before, times, shape, wording)))
    return {"preparation": lines(found, wording)}


def _next_dates(row: Outbox, now: datetime, wording: Wording) -> Values:
    site = db.session.get_one(Site, row.site_id)
    told = (outbox_rows.told(visit, site) for visit in next_visits(row, now))
    return {"dates": tuple(when(one, wording) for one in told)}


def _due(row: Outbox, _now: datetime, wording: Wording) -> Values:
    return {"due": day(date.fromisoformat(row.facts["due"]), wording.language)}


def _until(row: Outbox, _now: datetime, wording: Wording) -> Values:
    return {"until": day(date.fromisoformat(row.facts["until"]), wording.language)}


VISITS: dict[str, Visits] = {
    "prep": prep_changes.changed_visits,
    "r11": none,
    "r12": none,
    "r13": listed,
}
"""For kinds whose rows have no visit of their own."""
VALUES: dict[str, Own] = {
    "prep": _changed,
    "r7": _next_dates,
    "r11": _due,
    "r12": _until,
}
"""Placeholders beside the common ones."""
