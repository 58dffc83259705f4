"""Offers, bookings and moves keep to the clearances on file, by the visit's own date (H11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from scheduler.errors import NotAllowed, NotFound, OutsideRule
from scheduler.extensions import db
from scheduler.models import Clearance, Visit
from scheduler.planning.opening import local
from scheduler.services import clearances
from scheduler.services.booking import book
from scheduler.services.clearances import ClearanceRequest
from scheduler.services.moving import MoveRequest, move
from scheduler.services.proposals import offer
from tests.clinic import AT_ONCE, NEW_YORK, NOW, Clinic, make_clinic, new_token

LAST_DAY = date(2027, 1, 22)
"""The Friday on which the series of `Clinic.query` ends."""
TELLS = "The clearance 'Blood pressure' ends on Thu 21 Jan, before this visit."


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Clinic]:
    with ground.app_context():
        yield make_clinic(nurses=4)


def clear(clinic: Clinic, until: date) -> None:
    asked = ClearanceRequest(what="Blood pressure", until=until)
    patient_id = clinic.patient_ids[0]
    clearances.add(patient_id, asked, clinic.anybody, token=new_token(), now=NOW)


def test_a_series_is_offered_inside_its_clearances_and_never_beyond(clinic: Clinic) -> None:
    clear(clinic, LAST_DAY)
    offered = offer(clinic.query(), clinic.anybody, now=NOW)
    assert offered.plans
    assert all(max(plan.visits) <= LAST_DAY for plan in offered.plans)
    clear(clinic, date(2027, 1, 12))
    assert offer(clinic.query(), clinic.anybody, now=NOW).plans == ()


def test_a_clearance_that_was_shortened_after_the_offer_stops_the_whole_booking(
    clinic: Clinic,
) -> None:
    plan = offer(clinic.query(), clinic.anybody, now=NOW).plans[0]
    clear(clinic, LAST_DAY - timedelta(days=1))
    with pytest.raises(OutsideRule, match=TELLS) as refused:
        book(clinic.booking(plan.key), clinic.anybody, now=NOW, policy=AT_ONCE)
    assert refused.value.rule == "H11"
    assert db.session.scalar(select(func.count(Visit.id))) == 0
    (row,) = clearances.of_patient(clinic.patient_ids[0], clinic.anybody)
    renewed = ClearanceRequest(what=row.what, until=LAST_DAY)
    was = clearances.fingerprint(row)
    clearances.change(row.id, renewed, clinic.anybody, was=was, now=NOW)
    assert book(clinic.booking(plan.key), clinic.anybody, now=NOW, policy=AT_ONCE).visit_ids


def test_a_visit_is_not_moved_beyond_a_clearance(clinic: Clinic) -> None:
    plan = offer(clinic.query(), clinic.anybody, now=NOW).plans[0]
    booked = book(clinic.booking(plan.key), clinic.anybody, now=NOW, policy=AT_ONCE)
    last = db.session.get_one(Visit, booked.visit_ids[-1])
    clear(clinic, last.starts_on)
    wall = local(NEW_YORK, last.starts_at).time()
    later = last.starts_on + timedelta(days=1)
    to = MoveRequest(visit_id=last.id, starts_on=later, starts=wall, version=last.version)
    with pytest.raises(OutsideRule, match="The clearance 'Blood pressure' ends on"):
        move([to], new_token(), clinic.anybody, now=NOW, policy=AT_ONCE)


def test_who_may_not_change_patients_records_no_clearance(clinic: Clinic) -> None:
    nurse, patient_id = clinic.somebody("nurse"), clinic.patient_ids[0]
    asked = ClearanceRequest(what="Blood pressure", until=LAST_DAY)
    with pytest.raises(NotAllowed):
        clearances.add(patient_id, asked, nurse, token=new_token(), now=NOW)
    other = make_clinic()
    with pytest.raises(NotFound):
        clearances.add(patient_id, asked, other.anybody, token=new_token(), now=NOW)
    assert db.session.scalar(select(func.count(Clearance.id))) == 0
