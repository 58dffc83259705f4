"""Whom a message from outside is from or about: the patient, the visit, the site; reads only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.services.incoming.inbound_facts import FAILED, MailIn
from scheduler.services.incoming.reply_rules import Asked
from scheduler.services.outgoing import outbox_rows

AHEAD = (*PLANNED_STATES, "held")


def patient_of(mail: MailIn) -> Patient | None:
    """By the reply code it was sent to, else by the sender's address where only one has it."""
    if mail.tokens:
        coded = select(Patient).where(Patient.reply_token.in_(sorted(mail.tokens)[:20]))
        found = db.session.scalars(coded.limit(2)).all()
        if found:
            return found[0] if len(found) == 1 else None
    if not mail.sender or mail.proof == FAILED:
        return None
    same = select(Patient).where(func.lower(Patient.email) == mail.sender)
    found = db.session.scalars(same.limit(2)).all()
    return found[0] if len(found) == 1 else None


def visit_of(uid: str) -> Visit | None:
    """The visit that calendars know by this UID, if it was ever to be told; locked."""
    row = db.session.scalar(select(Outbox).where(Outbox.uid == uid).order_by(Outbox.id).limit(1))
    if row is None or row.visit_id is None:
        return None
    locked = select(Visit).where(Visit.id == row.visit_id).with_for_update()
    return db.session.scalar(locked.execution_options(populate_existing=True))


def asked(visit: Visit, sender: str, now: datetime) -> Asked:
    """What was told about the visit, as it matters for an answer from this address."""
    told = {row.recipient.casefold(): row for row in outbox_rows.who_has_it(visit)}
    last = told.get(sender)
    return Asked(
        token=visit.patient.reply_token,
        organizer=visit.organizer.casefold(),
        addresses=frozenset(told),
        lies_ahead=visit.state in AHEAD and visit.starts_at > now,
        sequence=last.sequence if last else visit.sequence,
        told_at=last.stamped_at if last else None,
        changing=last is not None and _changing(last),
        answered_at=visit.partstat_at,
    )


def _changing(told: Outbox) -> bool:
    """Whether a message with other facts is on its way to the same calendar."""
    later = select(Outbox).where(
        Outbox.uid == told.uid,
        Outbox.recipient == told.recipient,
        Outbox.id > told.id,
        Outbox.state == "waiting",
        Outbox.resend_no == 0,
    )
    return any(not outbox_rows.says_the_same(row, told) for row in db.session.scalars(later))


def next_visit(patient: Patient, now: datetime) -> Visit | None:
    coming = select(Visit).where(
        Visit.organisation_id == patient.organisation_id,
        Visit.patient_id == patient.id,
        Visit.state.in_(AHEAD),
        Visit.starts_at > now,
    )
    return db.session.scalar(coming.order_by(Visit.starts_at).limit(1))


def site_of(patient: Patient) -> int:
    """Where the patient was last to come; else the first site."""
    last = select(Visit.site_id).where(Visit.patient_id == patient.id)
    known = db.session.scalar(last.order_by(Visit.starts_at.desc()).limit(1))
    if known is not None:
        return known
    first = select(Site.id).where(Site.organisation_id == patient.organisation_id)
    return db.session.scalars(first.order_by(Site.id).limit(1)).one()
