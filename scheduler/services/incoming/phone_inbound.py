"""Rows of `inbound` for what came by phone, and what a provider reports about a message of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Inbound, Outbox
from scheduler.services import tasks
from scheduler.services.incoming.inbound_outcome import Outcome
from scheduler.services.incoming.reply_rules import APPLIED, IGNORED
from scheduler.services.outgoing import reach
from scheduler.services.own import consents
from scheduler.services.tasks import NewTask
from scheduler.transaction import retried, transaction

DELIVERED = ("delivered", "answered", "completed")
UNDELIVERED = ("undelivered", "failed", "rejected")
BAD_NUMBER = "A message does not reach this number: call, and ask for the right one."


@dataclass(frozen=True, kw_only=True)
class Report:
    """What became of the message that the provider calls `id`; `at` is aware UTC."""

    id: str
    status: str
    at: datetime


@retried
def report(news: Report, digest: str, *, now: datetime) -> bool:
    """False if no message of ours has this number (yet): the provider may tell it again."""
    with transaction():
        row = db.session.scalar(
            select(Outbox)
            .where(Outbox.provider_ref == news.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if row is None:
            return False
        if came_before(digest):
            return True
        keep(_reported(row, news, now), digest, now=now)
        return True


def came_before(digest: str) -> bool:
    return db.session.scalar(select(Inbound.id).where(Inbound.digest == digest)) is not None


def keep(outcome: Outcome, digest: str, *, now: datetime) -> None:
    """Inside the caller's transaction."""
    patient, visit, task = outcome.patient, outcome.visit, outcome.task
    db.session.add(
        Inbound(
            organisation_id=patient.organisation_id if patient else None,
            digest=digest,
            source="sms",
            kind=outcome.kind,
            verdict=outcome.verdict,
            reason=outcome.reason[:200],
            comment=outcome.comment[:1000],
            patient_id=patient.id if patient else None,
            visit_id=visit.id if visit else None,
            outbox_id=outcome.outbox_id,
            task_id=task.id if task else None,
            received_at=now,
        )
    )


def _reported(row: Outbox, news: Report, now: datetime) -> Outcome:
    if news.status in DELIVERED:
        row.delivery, row.delivered_at = "delivered", news.at
        return _outcome(row, APPLIED, "Delivered.")
    if news.status not in UNDELIVERED:
        return _outcome(row, IGNORED, f"On its way: {news.status[:40]}.")
    if row.delivery == "delivered":
        return _outcome(row, IGNORED, "It had been delivered already.")
    row.delivery, row.delivered_at = "undelivered", None
    _ask_for_a_call(row, now)
    patient = row.patient
    if reach.address(patient, row.channel) == row.recipient and patient.phone_bad_at is None:
        consents.mark_bad_number(patient, now=now)
    return _outcome(row, APPLIED, "Not delivered: the patient is called.")


def _ask_for_a_call(row: Outbox, now: datetime) -> None:
    new = NewTask(
        organisation_id=row.organisation_id,
        site_id=row.site_id,
        kind=tasks.FAILED_MESSAGE,
        due_at=now,
        what=BAD_NUMBER,
        patient_id=row.patient_id,
        visit_id=row.visit_id,
        outbox_id=row.id,
    )
    tasks.add_once(new, now=now)


def _outcome(row: Outbox, verdict: str, reason: str) -> Outcome:
    return Outcome(
        kind="status",
        verdict=verdict,
        reason=reason,
        patient=row.patient,
        visit=row.visit,
        outbox_id=row.id,
    )
