"""Each way of reaching a patient is allowed by itself, closed at once, and remembered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from scheduler.errors import Invalid
from scheduler.extensions import db
from scheduler.models import Consent, Patient, Site
from scheduler.services import patients
from scheduler.services.own import consents
from scheduler.services.own.consents import Word
from scheduler.services.patients import Edit, Saving, request_of
from scheduler.transaction import transaction
from tests.clinic import new_token
from tests.desk import Desk, add_staff
from tests.post_office import PostOffice, post_office


@pytest.fixture
def office(app: Flask) -> Iterator[PostOffice]:
    """A patient by e-mail who allows text messages too, with six visits booked."""
    with post_office(app) as running:
        running.change_patient(sms_ok=True)
        with transaction():
            db.session.get_one(Site, running.clinic.site_id).sms_on = True
        running.book_series()
        running.deliver(minutes=4)
        yield running


def patient(office: PostOffice) -> Patient:
    db.session.rollback()
    return db.session.get_one(Patient, office.clinic.patient_ids[0], populate_existing=True)


def change(office: PostOffice, **changes: object) -> None:
    """As the desk's form does."""
    row = patient(office)
    saving = Saving(token=new_token(), now=office.now)
    request = replace(request_of(row), **changes)  # type: ignore[arg-type]
    edit = Edit(patient_id=row.id, version=row.version)
    patients.change(edit, request, office.clinic.somebody("desk"), saving)


def reminders(office: PostOffice) -> set[str]:
    return {row.channel for row in office.rows("r3", "r4", state="waiting")}


def test_a_withdrawn_consent_sends_reminders_by_another_way_and_is_remembered(
    office: PostOffice,
) -> None:
    assert "email" in reminders(office)
    actor = office.clinic.somebody("desk")
    word = Word(actor=actor, how="page", now=office.now)
    assert consents.set_one(patient(office).id, "email", False, word)
    assert not consents.set_one(patient(office).id, "email", False, word)
    assert reminders(office) == {"sms"}
    assert not office.tasks("letter")
    consents.set_one(patient(office).id, "sms", False, word)
    assert reminders(office) == set()
    assert len(office.tasks("letter")) == 1
    said = [(one.channel, one.given, one.how) for one in db.session.scalars(select(Consent))]
    assert said == [("email", False, "page"), ("sms", False, "page")]


def test_the_desks_form_asks_for_the_consent_of_the_way_that_is_wished(office: PostOffice) -> None:
    with pytest.raises(Invalid) as refused:
        change(office, channel="voice")
    assert refused.value.field == "voice_ok"
    change(office, channel="sms")
    assert "sms" in reminders(office)
    desk = Desk(office.app, add_staff(office.clinic.organisation_id, "desk"))
    desk.get(f"/patients/{patient(office).id}/edit")
    answer = desk.press(desk.form("patient"), "Save", channel="voice")
    assert "consent is needed" in answer.text


def test_who_subscribes_has_no_invitations_and_a_new_number_is_good_again(
    office: PostOffice,
) -> None:
    change(office, calendar="feed")
    assert {row.recipient for row in office.rows("cancel", state="waiting")} == {
        "pat1@mail.example"
    }
    office.change_patient(phone_bad_at=office.now)
    change(office, phone="555-0177")
    assert patient(office).phone_bad_at is None
