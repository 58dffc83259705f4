"""A patient whose answer a person must look at first (domain F, "Pregnancy, new contraindication").

Chairs stay, nothing is confirmed, and nothing about preparation leaves: one neutral message asks
the patient to call, and a task asks a person. A provider lifts it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.errors import IllegalChange, Invalid
from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Site, Visit
from scheduler.models.task import URGENT
from scheduler.models.visit import PLANNED_STATES
from scheduler.services import tasks
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.outgoing import outbox, outbox_rows, patient_messages
from scheduler.services.outgoing.patient_messages import NewMessage
from scheduler.services.own import answer_rows
from scheduler.services.own.answer_rows import Said
from scheduler.services.own.answer_tasks import SUSPENDED
from scheduler.services.scope import find
from scheduler.services.site_days import lock_days
from scheduler.services.tasks import NewTask
from scheduler.transaction import retried, transaction

QUESTIONS = {
    "pregnant": "pregnant or may be",
    "medicines": "new medicine",
    "ill": "feels ill or has a fever",
    "pressure": "blood pressure higher than usual",
}
"""R3's questions, and what staff read where the answer was yes; the patient's own words for them
are texts (page.changed)."""
QUIET = ("r1", "r2", "r3", "r4", "r5", "own", "prep", "r6", "r11")
"""Kinds that speak of preparation, or of a next visit, as if all stood well."""
A_PERSON_LOOKS = "A person looks at an answer first."
CALL_US = "call_us"
ASK_FOR = timedelta(days=2)


def suspend(patient: Patient, yes: Collection[str], said: Said, *, visit: Visit) -> None:
    """Inside the caller's transaction, the days of the patient's visits locked. `yes` names the
    questions; `visit` is the one that the answer came for."""
    now = said.now
    again = patient.suspended_at is not None
    patient.suspended_at = patient.suspended_at or now
    words = [QUESTIONS[one] for one in QUESTIONS if one in yes]
    patient.suspended_why = ", ".join(dict.fromkeys([*_words_of(patient), *words]))[:200]
    patient.version += 1
    for one in ahead(patient, now):
        answer_rows.settle(one, said)
    mine = (Outbox.organisation_id == patient.organisation_id, Outbox.patient_id == patient.id)
    outbox_rows.supersede(A_PERSON_LOOKS, *mine, Outbox.kind.in_(QUIET))
    note(said.actor, "suspend", f"patient:{patient.id}", now=now)
    _tell_staff(patient, visit, said)
    if not again:
        _ask_to_call(patient, visit, now=now)
    db.session.flush()
    outbox.refresh(patient.id, now=now)


@retried
def lift(patient_id: int, why: str, actor: Actor, *, now: datetime) -> None:
    """A provider has looked: answers count again, and reminders are computed anew.

    Raises Invalid without a reason, IllegalChange where nothing is suspended, NotAllowed, NotFound.
    """
    actor.require("lift_suspension")
    if not why.strip():
        raise Invalid("Say in a few words why treatment may go on.", field="why")
    days = {(one.site_id, one.starts_on) for one in ahead(find(Patient, patient_id, actor), now)}
    with transaction():
        lock_days(actor.organisation_id, [patient_id], days)
        patient = find(Patient, patient_id, actor)
        if patient.suspended_at is None:
            raise IllegalChange("Somebody has lifted this already.")
        patient.suspended_at, patient.suspended_why = None, ""
        patient.version += 1
        said = Said(actor=actor, via="desk", now=now)
        for one in ahead(patient, now):
            answer_rows.settle(one, said)
        db.session.flush()
        _end_asking(patient, said, why.strip())
        note(actor, "lift_suspension", f"patient:{patient.id}", now=now, reason=why.strip())
        outbox.refresh(patient.id, now=now)


def ahead(patient: Patient, now: datetime) -> Sequence[Visit]:
    """The patient's visits that are planned and have not begun."""
    rows = select(Visit).where(
        Visit.organisation_id == patient.organisation_id,
        Visit.patient_id == patient.id,
        Visit.state.in_(PLANNED_STATES),
        Visit.starts_at > now,
    )
    return db.session.scalars(rows.order_by(Visit.starts_at, Visit.id)).all()


def looks_good(row: Outbox, _now: datetime) -> str | None:
    """For outbox_truth: nothing about preparation leaves while a person looks at an answer."""
    quiet = row.kind in QUIET and row.patient.suspended_at is not None
    return A_PERSON_LOOKS if quiet else None


def still_asks(row: Outbox, _now: datetime) -> str | None:
    """For outbox_truth: the request to call holds while nobody has looked."""
    asked = row.about != _about(row.patient) or row.patient.suspended_at is not None
    return None if asked else "Somebody has looked at the answer."


def _words_of(patient: Patient) -> list[str]:
    return patient.suspended_why.split(", ") if patient.suspended_why else []


def _about(patient: Patient) -> str:
    return f"suspended:{patient.id}"


def _tell_staff(patient: Patient, visit: Visit, said: Said) -> None:
    """One urgent task, however often the patient says so."""
    tasks.add_once(
        NewTask(
            organisation_id=patient.organisation_id,
            site_id=visit.site_id,
            kind=SUSPENDED,
            due_at=said.now,
            what=f"Says before the next visit: {patient.suspended_why}. Call; a provider decides.",
            patient_id=patient.id,
            visit_id=visit.id,
            priority=URGENT,
        ),
        now=said.now,
    )


def _ask_to_call(patient: Patient, visit: Visit, *, now: datetime) -> None:
    """The neutral "please call us"; without an electronic way the task is all there is."""
    site = db.session.get_one(Site, visit.site_id)
    new = NewMessage(
        kind=CALL_US,
        about=_about(patient),
        due_at=now,
        useless_at=now + ASK_FOR,
        version=patient.version,
    )
    patient_messages.queue(patient, site, new, now=now)


def _end_asking(patient: Patient, said: Said, why: str) -> None:
    mine = (Outbox.organisation_id == patient.organisation_id, Outbox.about == _about(patient))
    outbox_rows.supersede("A provider has looked at the answer.", *mine)
    for task in tasks.open_tasks(said.actor, patient_id=patient.id):
        if task.kind == SUSPENDED:
            task.state, task.outcome = "done", f"Lifted: {why}"[:500]
            task.done_by_name, task.done_at = said.actor.name, said.now
