"""What a message from outside asks a person to do; inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Patient, Task, Visit
from scheduler.models.task import LATER, TODAY, URGENT
from scheduler.services import tasks
from scheduler.services.incoming.inbound_patient import next_visit, site_of
from scheduler.services.tasks import NewTask

SOON = timedelta(hours=48)
"""A visit so near makes a task urgent."""
TEXT_IN_TASK = 400


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One task. `text` is what the sender wrote, if anything; a later one takes its place."""

    kind: str
    what: str
    text: str = ""
    visit: Visit | None = None
    outbox_id: int | None = None
    later: bool = False


def ask(patient: Patient, wanted: Wanted, *, now: datetime) -> Task:
    """One open task of a kind for each visit, or patient: who writes twice is called once."""
    what = wanted.what + (f": {wanted.text[:TEXT_IN_TASK]}" if wanted.text else "")
    if (task := _open(patient, wanted)) is not None:
        if wanted.text:
            number = int(task.facts.get("messages", 1)) + 1
            task.facts = {**task.facts, "messages": number}
            task.what = f"{what} ({number} messages; all are under Messages, Received.)"[:500]
        return task
    new = NewTask(
        organisation_id=patient.organisation_id,
        site_id=wanted.visit.site_id if wanted.visit else site_of(patient),
        kind=wanted.kind,
        due_at=now,
        what=what,
        patient_id=patient.id,
        visit_id=wanted.visit.id if wanted.visit else None,
        outbox_id=wanted.outbox_id,
        priority=_priority(patient, wanted, now),
    )
    return tasks.add(new, now=now)


def _open(patient: Patient, wanted: Wanted) -> Task | None:
    same = select(Task).where(
        Task.organisation_id == patient.organisation_id,
        Task.patient_id == patient.id,
        Task.kind == wanted.kind,
        Task.state == "open",
        Task.visit_id == wanted.visit.id if wanted.visit else Task.visit_id.is_(None),
    )
    return db.session.scalar(same.order_by(Task.id).limit(1))


def _priority(patient: Patient, wanted: Wanted, now: datetime) -> int:
    if wanted.later:
        return LATER
    visit = wanted.visit or next_visit(patient, now)
    return URGENT if visit is not None and visit.starts_at - now <= SOON else TODAY
