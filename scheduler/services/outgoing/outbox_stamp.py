"""What the truth of a message was read from, so that one statement can ask whether it stands.

Between claim and begin lie seconds. If visit and patient are as they were, the message holds as it
did; if anything of this changed, the whole question is asked again (trust I10).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_

from scheduler.models import Outbox, Patient, Visit

KINDS = frozenset({"invite", "update", "cancel", "r1", "r2", "r3", "r4", "r5"})
"""Kinds whose truth is read from the row, its visit and its patient alone."""
FRESH = timedelta(seconds=5)
"""What only the clock can change may be so old when a message leaves."""
VISIT = (
    Visit.state, Visit.version, Visit.sequence, Visit.starts_at, Visit.held_until, Visit.coming,
    Visit.driver_name, Visit.driver_phone, Visit.driver_says,
)  # fmt: skip
PATIENT = (
    Patient.version, Patient.channel, Patient.email, Patient.phone, Patient.email_ok,
    Patient.sms_ok, Patient.voice_ok, Patient.email_bad_at, Patient.phone_bad_at,
    Patient.suspended_at,
)  # fmt: skip
ROOMS = {"visit": VISIT, "patient": PATIENT}


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


def stands() -> ColumnElement[bool]:
    """As a condition on an outbox row: nothing that was looked at is different now. Made once;
    `values` and "now" are its parameters."""
    seen = [
        column.is_not_distinct_from(bindparam(f"{room}_{column.key}"))
        for room, columns in ROOMS.items()
        for column in columns
    ]
    same_visit, same_patient = seen[: len(VISIT)], seen[len(VISIT) :]
    coming = Visit.starts_at > bindparam("now")
    visit = exists().where(Visit.id == bindparam("the_visit"), coming, *same_visit)
    patient = exists().where(Patient.id == bindparam("the_patient"), *same_patient)
    useful = or_(Outbox.useless_at.is_(None), Outbox.useless_at > bindparam("now"))
    return and_(visit, patient, useful)


def values(stamp: Stamp) -> dict[str, Any]:
    """The parameters of `stands`, "now" apart."""
    found = {"the_visit": stamp.visit_id, "the_patient": stamp.patient_id}
    seen = {"visit": stamp.visit, "patient": stamp.patient}
    for room, columns in ROOMS.items():
        keys = (f"{room}_{column.key}" for column in columns)
        found |= dict(zip(keys, seen[room], strict=True))
    return found
