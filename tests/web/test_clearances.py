"""Clearances on the patient's page: added, changed, removed, and what they cover said in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import AuditEntry, Clearance
from scheduler.services import booking, clearances, proposals
from scheduler.services.clearances import ClearanceRequest
from tests.clinic import AT_ONCE, NOW, Clinic, make_clinic, new_token
from tests.desk import Desk

PRESSURE = {"what": "Blood pressure", "until": "1 Mar 2027"}


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    with app.app_context():
        return make_clinic()


@pytest.fixture
def home(clinic: Clinic) -> str:
    return f"/patients/{clinic.patient_ids[0]}"


def rows(app: Flask) -> list[Clearance]:
    with app.app_context():
        return list(db.session.scalars(select(Clearance)))


def add(desk: Desk, home: str, **changes: str) -> int:
    desk.get(f"{home}/clearances/new")
    typed = {**PRESSURE, **changes}
    return desk.press(desk.form("clearance"), "Add clearance", **typed).status_code


def test_a_clearance_is_added_changed_and_removed_with_who_and_when(
    desk: Desk, home: str, app: Flask
) -> None:
    desk.get(home)
    assert "None on file" in desk.text
    assert add(desk, home) == 200
    assert "valid until Mon 1 Mar 2027 Recorded by Dana Front, Mon 4 Jan 2027" in desk.text
    (row,) = rows(app)
    desk.get(f"{home}/clearances/{row.id}/edit")
    assert desk.form("clearance").value("until") == "Mon 1 Mar 2027"
    desk.press(desk.form("clearance"), "Save", until="3 Jan 2027")
    assert "Blood pressure Ended was valid until Sun 3 Jan 2027" in desk.text
    desk.get(f"{home}/clearances/{row.id}/edit")
    desk.press(desk.form("remove"), "Remove clearance")
    assert rows(app) == []
    with app.app_context():
        said = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert said[-3:] == ["add_clearance", "change_clearance", "remove_clearance"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"what": ""}, "Say what was cleared."),
        ({"what": "x" * 121}, "At most 120 characters; this has 121."),
        ({"until": ""}, "Write the last day it covers."),
        ({"until": "soon"}, "Write a date like 13 Jan 2027."),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_stays_typed(
    desk: Desk, home: str, app: Flask, typed: dict[str, str], said: str
) -> None:
    assert add(desk, home, **typed) == 422
    assert said in desk.text
    for name, value in typed.items():
        assert desk.form("clearance").value(name) == value
    assert rows(app) == []


def test_a_form_sent_twice_makes_one_clearance(desk: Desk, home: str, app: Flask) -> None:
    desk.get(f"{home}/clearances/new")
    form = desk.form("clearance")
    for _ in range(2):
        desk.press(form, "Add clearance", **PRESSURE)
    assert len(rows(app)) == 1


def test_a_change_over_somebody_elses_is_shown_beside_theirs(
    desk: Desk, home: str, app: Flask, clinic: Clinic
) -> None:
    add(desk, home)
    (row,) = rows(app)
    desk.get(f"{home}/clearances/{row.id}/edit")
    form = desk.form("clearance")
    later = ClearanceRequest(what="Blood pressure", until=date(2027, 4, 1))
    with app.app_context():
        was = clearances.fingerprint(row)
        clearances.change(row.id, later, clinic.anybody, was=was, now=NOW)
    assert desk.press(form, "Save", until="1 May 2027").status_code == 409
    assert "Thu 1 Apr 2027" in desk.text
    assert desk.form("clearance").value("until") == "Sat 1 May 2027"
    desk.press(desk.form("clearance"), "Save")
    assert rows(app)[0].until == date(2027, 5, 1)


def test_a_clearance_is_found_under_its_own_patient_only(
    desk: Desk, home: str, app: Flask, clinic: Clinic
) -> None:
    add(desk, home)
    (row,) = rows(app)
    other = clinic.patient_ids[1]
    assert desk.get(f"/patients/{other}/clearances/{row.id}/edit").status_code == 404


def test_patient_and_series_warn_of_visits_booked_beyond_a_clearance(
    desk: Desk, home: str, app: Flask, clinic: Clinic
) -> None:
    with app.app_context():
        offer = proposals.offer(clinic.query(), clinic.anybody, now=NOW)
        plan = clinic.booking(offer.plans[0].key)
        booked = booking.book(plan, clinic.anybody, now=NOW, policy=AT_ONCE)
        ends = ClearanceRequest(what="Blood pressure", until=date(2027, 1, 19))
        patient_id = clinic.patient_ids[0]
        clearances.add(patient_id, ends, clinic.anybody, token=new_token(), now=NOW)
    for url in (home, f"/series/{booked.series_id}"):
        desk.get(url)
        assert "The clearance 'Blood pressure' ends before session 5 of 6." in desk.text
        assert "Wed 20 Jan and 1 later visit lie after it." in desk.text
