"""E-mail that came back: the address is marked, somebody calls (domain G; trust I13)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.invites.clean_text import one_line
from scheduler.models import Outbox, Patient, Task
from scheduler.services import tasks
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.incoming.inbound_facts import Bounce
from scheduler.services.incoming.inbound_tasks import Wanted, ask
from scheduler.services.outgoing import outbox

CALL = "E-mail does not reach this patient: call, tell the dates, ask for an address that works."
CALL_ONCE = "A message did not arrive: call and tell what it says."
UNDELIVERED = "undelivered"


def message_of(bounce: Bounce) -> Outbox | None:
    """The message of ours that a report is about, by its Message-ID."""
    if not bounce.message_ids:
        return None
    ours = select(Outbox).where(Outbox.message_id.in_(bounce.message_ids[:20]))
    return db.session.scalar(ours.order_by(Outbox.id).limit(1))


def moved_since(row: Outbox) -> bool:
    """Whether the patient has another address by now, as the CANCEL to the old one expects."""
    return row.recipient.casefold() != row.patient.email.casefold()


def concerns(bounce: Bounce, patient: Patient, row: Outbox | None) -> bool:
    """Whether the address that failed is the one we wrote to, and still the patient's.

    A copy that the patient's own mailbox sent on may fail elsewhere: that says nothing of ours.
    """
    written_to = row.recipient if row is not None else patient.email
    same = bounce.recipient in ("", written_to.casefold())
    return same and written_to.casefold() == patient.email.casefold()


def came_back(row: Outbox, said: str, *, now: datetime) -> None:
    """One message did not arrive, for whatever reason. Inside the caller's transaction."""
    row.delivery, row.delivered_at = UNDELIVERED, now
    row.server_said = one_line(said, 300) or row.server_said


def nobody_there(patient: Patient, outbox_id: int | None, *, now: datetime) -> Task:
    """The address is bad until somebody writes another: mark it, and have the patient called.

    Inside the caller's transaction. Reminders find another way, if the patient has one; mail that
    still waits ends by itself, since its address no longer leads to the patient.
    """
    if patient.email_bad_at is None:
        patient.email_bad_at = now
        by = Actor(
            organisation_id=patient.organisation_id,
            user_id=None,
            name="the mail server",
            rights=frozenset(),
        )
        note(by, "address_bad", f"patient:{patient.id}", now=now)
        db.session.flush()
        outbox.refresh(patient.id, now=now)
    return ask(patient, Wanted(kind=tasks.BOUNCE, what=CALL, outbox_id=outbox_id), now=now)


def hard_no(row: Outbox, *, now: datetime) -> None:
    """The server refused the recipient itself (RCPT 5xx). Inside the caller's transaction; its
    task is the message's own."""
    patient = row.patient
    if row.channel == "email" and patient.email.casefold() == row.recipient.casefold():
        patient.email_bad_at = patient.email_bad_at or now
