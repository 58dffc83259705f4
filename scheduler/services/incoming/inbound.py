"""Judges what came in, and does the little that it may do (calendar 7, trust I24).

One transaction for each message and always one row, with the verdict and its reason. Nothing is
ever answered (I8), no chair is ever freed, and the same message twice has one effect (I1).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from scheduler.extensions import db
from scheduler.models import Inbound, Patient
from scheduler.services import tasks
from scheduler.services.incoming import inbound_answers, inbound_letters, inbound_patient, mailboxes
from scheduler.services.incoming.inbound_facts import MailIn
from scheduler.services.incoming.inbound_outcome import Outcome
from scheduler.services.incoming.inbound_tasks import Wanted, ask
from scheduler.services.incoming.mailboxes import Place
from scheduler.services.incoming.reply_rules import IGNORED, PERSON
from scheduler.transaction import retried, transaction

NOT_JUDGED = "A reply came that could not be judged. Look for it in the mailbox itself."


def receive(mail: MailIn, *, now: datetime, place: Place | None = None) -> str:
    """As `take`; a message on which judging itself fails is put aside for a person, not lost.

    Raises OperationalError where the database is in trouble: then it is read again later.
    """
    try:
        return take(mail, now=now, place=place)
    except OperationalError:
        raise
    except Exception:
        _put_aside(mail, now=now, place=place)
        raise


@retried
def _put_aside(mail: MailIn, *, now: datetime, place: Place | None) -> None:
    """Nothing of it is applied; if it is known whose it is, somebody is asked to look."""
    with transaction():
        if place is not None:
            mailboxes.advance(place, now=now)
        if _came_before(mail):
            return
        patient = inbound_patient.patient_of(mail)
        wanted = Wanted(kind=tasks.LOOK, what=NOT_JUDGED)
        outcome = Outcome(
            kind="letter",
            verdict=PERSON,
            reason=NOT_JUDGED,
            patient=patient,
            task=ask(patient, wanted, now=now) if patient is not None else None,
        )
        _keep(mail, outcome, now)


@retried
def take(mail: MailIn, *, now: datetime, place: Place | None = None) -> str:
    """Judge one message and act on it; its verdict, or "" if it had come before.

    `place` is where it lay: the mailbox counts as read up to there in the same transaction.
    """
    with transaction():
        if place is not None:
            mailboxes.advance(place, now=now)
        if _came_before(mail):
            return ""
        outcome = _outcome(mail, now)
        _keep(mail, outcome, now)
        return outcome.verdict


def _came_before(mail: MailIn) -> bool:
    same = select(Inbound.id).where(Inbound.digest == mail.digest)
    return db.session.scalar(same) is not None


def _outcome(mail: MailIn, now: datetime) -> Outcome:
    patient = inbound_patient.patient_of(mail)
    if mail.bounce is not None:
        return inbound_letters.bounced(mail.bounce, patient, now)
    if patient is not None and _copy_came(mail, patient):
        return Outcome(kind="letter", verdict=IGNORED, reason="It came twice.", patient=patient)
    if mail.calendar is not None and mail.calendar.method in ("REPLY", "COUNTER"):
        return inbound_answers.answered(mail, mail.calendar, patient, now)
    return inbound_letters.letter(mail, patient, now)


def _copy_came(mail: MailIn, patient: Patient) -> bool:
    """The same message by another way has other bytes, and the same Message-ID."""
    if not mail.message_id:
        return False
    same = select(Inbound.id).where(
        Inbound.message_id == mail.message_id, Inbound.patient_id == patient.id
    )
    return db.session.scalar(same.limit(1)) is not None


def _keep(mail: MailIn, outcome: Outcome, now: datetime) -> None:
    patient, visit = outcome.patient, outcome.visit
    db.session.add(
        Inbound(
            organisation_id=patient.organisation_id if patient is not None else None,
            digest=mail.digest,
            message_id=mail.message_id,
            source="mail",
            kind=outcome.kind,
            verdict=outcome.verdict,
            reason=outcome.reason[:200],
            comment=outcome.comment[:1000],
            patient_id=patient.id if patient is not None else None,
            visit_id=visit.id if visit is not None else None,
            outbox_id=outcome.outbox_id,
            task_id=outcome.task.id if outcome.task is not None else None,
            received_at=now,
        )
    )
