"""A clearance has ended and visits lie beyond it: they are not confirmed any more (domain R12)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Clearance, Visit
from scheduler.services.actor import command_line
from scheduler.services.outgoing import outbox
from scheduler.services.site_days import lock_days
from scheduler.services.visit_rows import Change, remember
from scheduler.transaction import retried, transaction

WHO = "Clearances"
WHY = "A clearance ended before this visit."


def unconfirm(*, now: datetime) -> int:
    """A standing job: confirmed visits after the end of a clearance are booked again. How many."""
    return sum(_unconfirm(visit_id, now) for visit_id in _confirmed_beyond(now))


def _confirmed_beyond(now: datetime) -> list[int]:
    """Confirmed visits after the end of a clearance that has ended everywhere (H11)."""
    rows = (
        select(Visit.id)
        .join(Clearance, Clearance.patient_id == Visit.patient_id)
        .where(
            Clearance.until < now.date() - timedelta(days=1),
            Visit.state == "confirmed",
            Visit.starts_at > now,
            Visit.starts_on > Clearance.until,
        )
        .distinct()
    )
    return list(db.session.scalars(rows))


@retried
def _unconfirm(visit_id: int, now: datetime) -> int:
    visit = db.session.get_one(Visit, visit_id)
    patient_id, day = visit.patient_id, (visit.site_id, visit.starts_on)
    with transaction():
        lock_days(visit.organisation_id, [patient_id], [day])
        db.session.refresh(visit)
        if visit.state != "confirmed":
            return 0
        visit.state = "booked"
        visit.version += 1
        visit.changed_at = now
        db.session.flush()
        actor = command_line(visit.organisation_id, WHO)
        remember(visit, Change(actor=actor, now=now, from_state="confirmed", reason=WHY))
        outbox.refresh(patient_id, now=now)
        return 1
