"""Takes and releases the spans that visits hold: release first, then take (house decision 1).

All of it is called inside `transaction()`, after `site_days.lock_days()`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from scheduler.errors import ChairTaken, PatientBusy
from scheduler.extensions import db
from scheduler.models import ChairClaim, PatientClaim, Visit


def release(visit_ids: Collection[int]) -> None:
    """Give up every claim of these visits, in one statement per table."""
    for claims in (ChairClaim, PatientClaim):
        statement = delete(claims).where(claims.visit_id.in_(visit_ids))
        db.session.execute(statement.execution_options(synchronize_session=False))


def take(visit: Visit) -> None:
    """Claim the visit's chair until it is clean, and its patient from arrival to leaving.

    Raises ChairTaken or PatientBusy; the transaction must then end.
    """
    try:
        db.session.execute(insert(ChairClaim), [chair_row(visit)])
        db.session.execute(insert(PatientClaim), [patient_row(visit)])
    except IntegrityError as clash:
        raise _told(clash) from clash


def chair_row(visit: Visit) -> dict[str, Any]:
    """From the start until the chair is clean again."""
    return {
        "organisation_id": visit.organisation_id,
        "visit_id": visit.id,
        "chair_id": visit.chair_id,
        "starts_at": visit.starts_at,
        "ends_at": visit.chair_until,
    }


def patient_row(visit: Visit) -> dict[str, Any]:
    """From arrival to leaving, and the one sedating visit of a local day (domain H2)."""
    return {
        "organisation_id": visit.organisation_id,
        "visit_id": visit.id,
        "patient_id": visit.patient_id,
        "starts_at": visit.arrives_at,
        "ends_at": visit.leaves_at,
        "sedating_on": visit.starts_on if visit.sedating else None,
    }


def _told(clash: IntegrityError) -> Exception:
    """Which promise was broken, or the clash itself if it is none of ours."""
    text = str(clash.orig)
    if "ex_chair_claims_overlap" in text:
        return ChairTaken()
    if "ex_patient_claims_overlap" in text or "sedating" in text:
        return PatientBusy()
    return clash
