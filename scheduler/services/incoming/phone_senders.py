"""Who writes from a number: patients who have it, a driver who was asked, and what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Outbox, Patient
from scheduler.planning.find_text import digits
from scheduler.services.incoming.phone_answers import KIND as ANSWER
from scheduler.services.outgoing import reach

LOOK_BACK = timedelta(days=30)
TO_DRIVER = "r6"


@dataclass(frozen=True, kw_only=True)
class Sender:
    """`patients` have this number; `asked` is what left for it last, answers of ours aside."""

    number: str
    patients: tuple[Patient, ...]
    asked: Outbox | None

    @property
    def drives(self) -> bool:
        return self.asked is not None and self.asked.kind == TO_DRIVER

    @property
    def patient(self) -> Patient | None:
        """Whose number it is, if it is one patient's only."""
        return self.patients[0] if len(self.patients) == 1 else None

    @property
    def somebody(self) -> Patient | None:
        """Whom a person looks at first."""
        if self.asked is not None:
            return self.asked.patient
        return self.patients[0] if self.patients else None


def of(number: str, *, now: datetime) -> Sender:
    """In every organisation: a provider's number says nothing about whose it is."""
    return Sender(number=number, patients=_patients(number), asked=_asked(number, now))


def _patients(number: str) -> tuple[Patient, ...]:
    """The search text holds digits as they were typed: with or without the country."""
    bare = digits(number)
    last = bare[-7:]
    if len(last) < 7:
        return ()
    likely = select(Patient).where(Patient.find_text.contains(last, autoescape=True))
    return tuple(
        patient
        for patient in db.session.scalars(likely.order_by(Patient.id))
        if reach.number(patient.phone) == number
    )


def _asked(number: str, now: datetime) -> Outbox | None:
    rows = select(Outbox).where(
        Outbox.state == "sent",
        Outbox.due_at > now - LOOK_BACK,
        Outbox.channel.in_(("sms", "voice")),
        Outbox.recipient == number,
        Outbox.kind != ANSWER,
    )
    return db.session.scalar(rows.order_by(Outbox.sent_at.desc(), Outbox.id.desc()).limit(1))
