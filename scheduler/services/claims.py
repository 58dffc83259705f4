"""Takes and releases the spans that visits hold: release first, then take (house decision 1).

All of it is called inside `transaction()`, after `site_days.lock_days()`.
"""

from __future__ import annotations

from collections.abc import Collection

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
    common = {"organisation_id": visit.organisation_id, "visit_id": visit.id}
    chair = {"chair_id": visit.chair_id, "starts_at": visit.starts_at, "ends_at": visit.chair_until}
    stay = {
        "patient_id": visit.patient_id,
        "starts_at": visit.arrives_at,
        "ends_at": visit.leaves_at,
        "sedating_on": visit.starts_on if visit.sedating else None,
    }
    try:
        db.session.execute(insert(ChairClaim), [{**common, **chair}])
        db.session.execute(insert(PatientClaim), [{**common, **stay}])
    except IntegrityError as clash:
        raise _told(clash) from clash


def _told(clash: IntegrityError) -> Exception:
    """Which promise was broken, or the clash itself if it is none of ours."""
    text = str(clash.orig)
    if "ex_chair_claims_overlap" in text:
        return ChairTaken()
    if "ex_patient_claims_overlap" in text or "sedating" in text:
        return PatientBusy()
    return clash
