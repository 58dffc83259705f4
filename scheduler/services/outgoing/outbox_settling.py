"""Ends rows of the outbox that must not leave, or not now; always inside a transaction."""

from __future__ import annotations

from datetime import datetime

from scheduler.models import Outbox
from scheduler.services import tasks
from scheduler.services.outgoing import outbox_rows
from scheduler.services.outgoing.outbox_truth import shut_until, untrue
from scheduler.services.tasks import NewTask

TOO_LATE = "It could not leave in time to be of use."
WORDS = {
    "email": "E-mail does not reach this patient: call, tell the dates, check the address.",
    "sms": "A text message does not reach this patient: call, check the number.",
    "voice": "A recorded call does not reach this patient: call, check the number.",
}


def settled(row: Outbox, now: datetime) -> bool:
    """True if the row must not leave now: it was ended, or put off to the morning (trust I10)."""
    if row.useless_at is not None and row.useless_at <= now:
        _too_late(row, now)
    elif (why := untrue(row, now)) is not None:
        row.state, row.why = "superseded", why
    elif (opens_at := shut_until(row, now)) is not None:
        row.claimed_until = opens_at
    else:
        return False
    row.claimed_by = None
    return True


def fail(row: Outbox, why: str, now: datetime) -> None:
    """It will not leave any more: a person calls instead (trust I13)."""
    if row.state == "waiting":
        row.state, row.why = "failed", why[:200]
        row.claimed_by = row.claimed_until = None
        ask_for_a_call(row, now)


def ask_for_a_call(row: Outbox, now: datetime) -> None:
    """One open task is enough for a patient."""
    new = NewTask(
        organisation_id=row.organisation_id,
        site_id=row.site_id,
        kind=tasks.FAILED_MESSAGE,
        due_at=now,
        what=WORDS[row.channel],
        patient_id=row.patient_id,
        visit_id=row.visit_id,
        outbox_id=row.id,
    )
    tasks.add_once(new, now=now)


def _too_late(row: Outbox, now: datetime) -> None:
    """Late but useful is sent, useless is not: nobody is woken for it (trust I16)."""
    if row.kind in outbox_rows.REMINDER_KINDS and row.attempts == 0:
        row.state, row.why = "skipped", TOO_LATE
    else:
        fail(row, TOO_LATE, now)
