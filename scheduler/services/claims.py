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
from scheduler.planning.interval import Interval
from scheduler.planning.visit import VisitShape


def release(visit_ids: Collection[int]) -> None:
    """Give up every claim of these visits, in one statement per table."""
    for claims in (ChairClaim, PatientClaim):
        statement = delete(claims).where(claims.visit_id.in_(visit_ids))
        db.session.execute(statement.execution_options(synchronize_session=False))


def take(*visits: Visit) -> None:
    """Claim each visit's chair and bay until they are clean, and its patient from arrival to
    leaving; one statement per table.

    Raises ChairTaken or PatientBusy; the transaction must then end.
    """
    try:
        db.session.execute(insert(ChairClaim), [row for one in visits for row in chair_rows(one)])
        db.session.execute(insert(PatientClaim), [patient_row(one) for one in visits])
    except IntegrityError as clash:
        raise _told(clash) from clash


def retake_chairs(visits: Collection[Visit]) -> None:
    """Give up the chairs that these visits hold, then claim those that they have now; their
    patients' claims stay.

    Raises ChairTaken; the transaction must then end.
    """
    statement = delete(ChairClaim).where(ChairClaim.visit_id.in_([one.id for one in visits]))
    db.session.execute(statement.execution_options(synchronize_session=False))
    try:
        db.session.execute(insert(ChairClaim), [row for one in visits for row in chair_rows(one)])
    except IntegrityError as clash:
        raise _told(clash) from clash


def retake_patients(visits: Collection[Visit]) -> None:
    """Give up the patients' spans of these visits, then claim those that they have now.

    Raises PatientBusy; the transaction must then end.
    """
    statement = delete(PatientClaim).where(PatientClaim.visit_id.in_([one.id for one in visits]))
    db.session.execute(statement.execution_options(synchronize_session=False))
    try:
        db.session.execute(insert(PatientClaim), [patient_row(one) for one in visits])
    except IntegrityError as clash:
        raise _told(clash) from clash


def chair_rows(visit: Visit) -> list[dict[str, Any]]:
    """The chair from the start until it is clean; with a bay, each for its part of the stay.

    The two overlap by the turnaround: the patient has moved on while the chair is cleaned.
    """
    shape, starts_at = VisitShape.from_plain(visit.shape), visit.starts_at
    bay = shape.bay_span(starts_at) if visit.bay_id is not None else None
    if visit.bay_id is None or bay is None:
        return [_chair_row(visit, visit.chair_id, shape.chair_span(starts_at))]
    chair = shape.chair_span(starts_at, with_bay=True)
    return [_chair_row(visit, visit.chair_id, chair), _chair_row(visit, visit.bay_id, bay)]


def _chair_row(visit: Visit, chair_id: int, span: Interval) -> dict[str, Any]:
    return {
        "organisation_id": visit.organisation_id,
        "visit_id": visit.id,
        "chair_id": chair_id,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
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
