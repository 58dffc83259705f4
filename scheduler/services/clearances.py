"""Clearances of a patient: what is on file, and until which day it covers visits (domain H11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from scheduler.errors import Invalid, Stale
from scheduler.extensions import db
from scheduler.models import Clearance, Patient, Visit
from scheduler.planning import request as asked
from scheduler.services import audit, fingerprints, form_tokens, scope
from scheduler.services.actor import Actor
from scheduler.services.patient_lock import lock_patient
from scheduler.transaction import retried, transaction

MOST = 30
"""Clearances that one patient can have on file."""


@dataclass(frozen=True, kw_only=True)
class ClearanceRequest:
    """`until` is the last day that is covered, in the visits' own local dates."""

    what: str
    until: date


@dataclass(frozen=True, kw_only=True)
class Uncovered:
    """A clearance that ends before booked visits: the first of them, and how many there are."""

    clearance: Clearance
    first: Visit
    count: int


def find(clearance_id: int, actor: Actor) -> Clearance:
    """Raises NotFound."""
    return scope.find(Clearance, clearance_id, actor)


def of_patient(patient_id: int, actor: Actor) -> list[Clearance]:
    """The one that ends first comes first."""
    rows = scope.scoped(Clearance, actor).where(Clearance.patient_id == patient_id)
    return list(db.session.scalars(rows.order_by(Clearance.until, Clearance.id)))


def limits_of(patient: Patient) -> tuple[asked.Clearance, ...]:
    """For the planner; read afresh, so that a check under lock sees what was saved last."""
    rows = db.session.execute(
        select(Clearance.what, Clearance.until)
        .where(
            Clearance.organisation_id == patient.organisation_id,
            Clearance.patient_id == patient.id,
        )
        .order_by(Clearance.until, Clearance.id)
    )
    return tuple(asked.Clearance(what=what, until=until) for what, until in rows)


def uncovered(clearances: Sequence[Clearance], ahead: Sequence[Visit]) -> list[Uncovered]:
    """Which clearances end before a booked visit; `ahead` is in order of time."""
    found = []
    for clearance in clearances:
        after = [visit for visit in ahead if visit.starts_on > clearance.until]
        if after:
            found.append(Uncovered(clearance=clearance, first=after[0], count=len(after)))
    return found


@retried
def add(
    patient_id: int, request: ClearanceRequest, actor: Actor, *, token: str, now: datetime
) -> None:
    """The same form sent twice makes one (trust I5). Raises Invalid, NotFound, NotAllowed."""
    actor.require("edit_patient")
    with transaction():
        lock_patient(patient_id, actor)
        patient = scope.find(Patient, patient_id, actor)
        if form_tokens.result_of(token, actor) is not None:
            return
        if len(of_patient(patient_id, actor)) >= MOST:
            raise Invalid("So many are on file already: change or remove one.", field="what")
        row = Clearance(organisation_id=actor.organisation_id, patient_id=patient.id)
        _set(row, request, actor, now)
        db.session.add(row)
        db.session.flush()
        form_tokens.use(token, f"clearance:{row.id}", actor, now=now)
        audit.note(actor, "add_clearance", f"clearance:{row.id}", now=now)


@retried
def change(
    clearance_id: int, request: ClearanceRequest, actor: Actor, *, was: str, now: datetime
) -> None:
    """Booked visits stay as they are. Raises Stale (trust I6), NotFound, NotAllowed."""
    actor.require("edit_patient")
    with transaction():
        row = _locked(clearance_id, actor)
        if fingerprint(row) != was:
            raise Stale
        _set(row, request, actor, now)
        audit.note(actor, "change_clearance", f"clearance:{row.id}", now=now)


@retried
def remove(clearance_id: int, actor: Actor, *, now: datetime) -> None:
    """It then stops nothing any more. Raises NotFound, NotAllowed."""
    actor.require("edit_patient")
    with transaction():
        db.session.delete(_locked(clearance_id, actor))
        audit.note(actor, "remove_clearance", f"clearance:{clearance_id}", now=now)


def fingerprint(row: Clearance) -> str:
    """Which version of the clearance a form was made from."""
    return fingerprints.fingerprint((row.what, row.until))


def _locked(clearance_id: int, actor: Actor) -> Clearance:
    """Read again once the patient is ours, as bookings lock the patient too (house decision 2)."""
    lock_patient(find(clearance_id, actor).patient_id, actor)
    row = find(clearance_id, actor)
    db.session.refresh(row)
    return row


def _set(row: Clearance, request: ClearanceRequest, actor: Actor, now: datetime) -> None:
    row.what, row.until = request.what, request.until
    row.by_name, row.recorded_at = actor.name, now
