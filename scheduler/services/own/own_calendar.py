"""A patient's visits in a calendar of their own: one entry by hand, or a list that it follows.

Never both at once (calendar F6): entries that came by mail are taken back where the list begins.
"""

from __future__ import annotations

from datetime import datetime

from icalendar import STATUS

from scheduler.errors import NotFound
from scheduler.extensions import db
from scheduler.invites.feed import Shown, single
from scheduler.models import Patient, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.interval import Interval
from scheduler.planning.words.preparation import sentences
from scheduler.services import audit, form_tokens
from scheduler.services.outgoing import outbox_rows, texts
from scheduler.services.own import answer_rows, feeds
from scheduler.services.own.link_gate import Opened
from scheduler.services.patient_lock import lock_patient
from scheduler.services.scope import find
from scheduler.transaction import retried, transaction


def appointment(visit: Visit) -> bytes:
    """One visit as a file, with what to do before it. Raises NotFound for one that is not
    booked, or of a patient whom a person must speak to first."""
    patient = db.session.get_one(Patient, visit.patient_id)
    if visit.state not in PLANNED_STATES or patient.suspended_at is not None:
        raise NotFound
    site = db.session.get_one(Site, visit.site_id)
    told = sentences(outbox_rows.told(visit, site).times, texts.wording(site, patient.language))
    entry = Shown(
        uid=visit.uid,
        sequence=visit.sequence,
        changed_at=visit.changed_at or visit.created_at,
        span=Interval(visit.arrives_at, visit.leaves_at),
        zone=site.zone,
        status=STATUS.CONFIRMED,
        location=site.address,
    )
    return single(entry, "\n".join([*told, site.phone]))


@retried
def follow(link: Opened, form_token: str, *, now: datetime, undo_seconds: int) -> str | None:
    """The new address of the patient's list, this once; None if this very form came before.

    Raises NotFound.
    """
    actor = answer_rows.patient_actor(link.organisation_id)
    with transaction():
        lock_patient(link.whose, actor)
        if form_tokens.result_of(form_token, actor) is not None:
            return None
        patient = find(Patient, link.whose, actor)
        token, _ = feeds.rotate_in(patient, now=now, undo_seconds=undo_seconds)
        audit.note(actor, "make_feed", f"patient:{patient.id}", now=now)
        form_tokens.use(form_token, f"patient:{patient.id}", actor, now=now)
        return token


@retried
def by_mail(link: Opened, *, now: datetime, undo_seconds: int) -> None:
    """The list ends, entries come by mail again. Raises NotFound."""
    actor = answer_rows.patient_actor(link.organisation_id)
    with transaction():
        lock_patient(link.whose, actor)
        patient = find(Patient, link.whose, actor)
        if patient.calendar == "feed":
            feeds.revoke_in(patient, now=now, undo_seconds=undo_seconds)
            audit.note(actor, "end_feed", f"patient:{patient.id}", now=now)
