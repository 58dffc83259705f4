"""What the truth of a message was read from, so that one statement can ask whether it stands.

Between claim and begin lie seconds. If visit and patient are as they were, the message holds as it
did; if anything of this changed, the whole question is asked again (trust I10).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_

from scheduler.models import Outbox, Patient, Visit

KINDS = frozenset({"invite", "update", "cancel", "r1", "r2", "r3", "r4", "r5"})
"""Kinds whose truth is read from the row, its visit and its patient alone."""
FRESH = timedelta(seconds=5)
"""What only the clock can change may be so old when a message leaves."""
VISIT = (Visit.state, Visit.version, Visit.sequence, Visit.starts_at, Visit.coming)
PATIENT = (
    Patient.version, Patient.channel, Patient.email, Patient.phone, Patient.email_ok,
    Patient.sms_ok, Patient.voice_ok, Patient.email_bad_at, Patient.phone_bad_at,
    Patient.suspended_at,
)  # fmt: skip


@dataclass(frozen=True)
class Stamp:
    """The values of `VISIT` and `PATIENT` at the claim."""

    visit_id: int
    patient_id: int
    visit: tuple[Any, ...]
    patient: tuple[Any, ...]


def stamp_of(row: Outbox) -> Stamp | None:
    """None for a kind that asks more than a stamp can tell."""
    if row.visit is None or row.kind not in KINDS:
        return None
    return Stamp(
        visit_id=row.visit.id,
        patient_id=row.patient_id,
        visit=tuple(getattr(row.visit, column.key) for column in VISIT),
        patient=tuple(getattr(row.patient, column.key) for column in PATIENT),
    )


def stands(stamp: Stamp, now: datetime) -> ColumnElement[bool]:
    """As a condition on an outbox row: nothing that was looked at is different now."""
    same_visit = [column == value for column, value in zip(VISIT, stamp.visit, strict=True)]
    same_patient = [column == value for column, value in zip(PATIENT, stamp.patient, strict=True)]
    visit = exists().where(Visit.id == stamp.visit_id, Visit.starts_at > now, *same_visit)
    patient = exists().where(Patient.id == stamp.patient_id, *same_patient)
    useful = or_(Outbox.useless_at.is_(None), Outbox.useless_at > now)
    return visit & patient & useful
