"""Preparation pages: a layer is typed in hours, shows what holds without it, and where from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from scheduler.extensions import db
from scheduler.models import Patient, Series
from scheduler.services import booking, proposals
from tests.clinic import AT_ONCE, NOW, Clinic, make_clinic
from tests.desk import Desk, add_staff


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """With a booked series of the first patient."""
    with app.app_context():
        made = make_clinic()
        offer = proposals.offer(made.query(), made.anybody, now=NOW)
        request = made.booking(offer.plans[0].key)
        booking.book(request, made.anybody, now=NOW, policy=AT_ONCE)
        return made


@pytest.fixture
def desk(app: Flask, clinic: Clinic) -> Desk:
    with app.app_context():
        return Desk(app, add_staff(clinic.organisation_id, "provider"))


def test_a_patient_s_own_word_is_typed_in_hours_and_named_as_the_source(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    url = f"/patients/{clinic.patient_ids[0]}/preparation"
    assert desk.get(url).status_code == 200
    assert "Without this: 4 h (template)" in desk.text
    form = desk.form("preparation")
    desk.press(form, "Save", fasting_solids_minutes="6 h", limit_fluids_minutes="none")
    assert "6 coming visits have another preparation now" in desk.text
    with app.app_context():
        patient = db.session.get_one(Patient, clinic.patient_ids[0])
        assert patient.prep == {"fasting_solids_minutes": 360, "limit_fluids_minutes": 0}
        series_id = db.session.query(Series.id).scalar()
    desk.get(f"/series/{series_id}")
    assert "patient's own" in desk.text
    desk.get(url)
    assert desk.form("preparation").value("fasting_solids_minutes") == "6 h"


def test_what_is_no_span_is_refused_at_its_field_and_kept(desk: Desk, clinic: Clinic) -> None:
    url = f"/setup/sites/{clinic.site_id}/preparation"
    desk.get(url)
    sent = desk.form("preparation").filled(fasting_solids_minutes="a while", hydrate="yes")
    assert desk.post(url, sent).status_code == 422
    assert "Write hours or minutes" in desk.text
    assert desk.form("preparation").value("fasting_solids_minutes") == "a while"
