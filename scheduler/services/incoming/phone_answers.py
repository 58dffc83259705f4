"""Short answers to text messages, sent like any other message and kept with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Visit
from scheduler.services.outgoing import outbox_rows

KIND = "answer"
THANKS, THANKS_DRIVER, NOTED, DRIVER_THANKS, STOPPED, STARTED, HELP, PERSON = (
    "thanks", "thanks_driver", "noted", "driver_thanks", "stopped", "started", "help", "person",
)  # fmt: skip
"""The tables of answer.* in phone.toml; a row says which as its `rule_id`."""
USEFUL = timedelta(hours=1)
QUIET = timedelta(minutes=10)
"""The same answer goes to the same number once in so long: two machines must not chat."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is said to whom; `which` is one of the texts above."""

    patient: Patient
    site_id: int
    number: str
    which: str
    visit: Visit | None = None


def queue(reply: Reply, *, now: datetime) -> None:
    """Inside the caller's transaction; at any hour, since somebody is writing right now."""
    patient, visit = reply.patient, reply.visit
    if _said_lately(reply, now):
        return
    outbox_rows.add(
        Outbox(
            organisation_id=patient.organisation_id,
            site_id=reply.site_id,
            patient_id=patient.id,
            visit_id=visit.id if visit else None,
            kind=KIND,
            channel="sms",
            rule_id=reply.which,
            about="" if visit else f"answer:{patient.id}",
            recipient=reply.number,
            sequence=visit.sequence if visit else 0,
            version=visit.version if visit else 1,
            due_at=now,
            useless_at=now + USEFUL,
            state="waiting",
            created_at=now,
        )
    )


def why_not(_row: Outbox, _now: datetime) -> str | None:
    """For outbox_truth: who asked gets an answer, also one who has just ended the messages."""
    return None


def _said_lately(reply: Reply, now: datetime) -> bool:
    same = select(Outbox.id).where(
        Outbox.patient_id == reply.patient.id,
        Outbox.kind == KIND,
        Outbox.rule_id == reply.which,
        Outbox.recipient == reply.number,
        Outbox.created_at > now - QUIET,
    )
    return db.session.scalar(same.limit(1)) is not None
