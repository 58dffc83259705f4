"""Patients are found, entered once, never overwritten, and seen by their own clinic only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from flask import Flask
from sqlalchemy import func, select

from scheduler.errors import Invalid, NotAllowed, NotFound, PossibleDuplicate, Stale
from scheduler.extensions import db
from scheduler.models import Chair, Outbox, Patient, PatientBlackout, Site
from scheduler.services import lookalikes, patient_page, patients
from scheduler.services.patients import Away, Edit, PatientRequest, Saving
from scheduler.transaction import transaction
from tests import factories as make

NOW = datetime(2027, 1, 11, 15, tzinfo=UTC)
ODETTE = PatientRequest(
    first_name="Odette",
    last_name="Varga",
    birth_on=date(1979, 3, 14),
    email="odette@mail.example",
    phone="(415) 555-0142",
    weekdays=(4, 0, 2),
    band_from=time(8),
    band_until=time(12),
    driver_name="Ben Varga",
    neutral_alarms=True,
    note="Likes the window.",
    away=(Away(starts_on=date(2027, 2, 1), ends_on=date(2027, 2, 5), reason="Trip"),),
)


class Setting:
    def __init__(self) -> None:
        with transaction():
            self.site_id = make.make_clinic(chairs=1).id
            organisation = db.session.scalars(select(Chair.organisation_id)).one()
        self.organisation_id = organisation
        self.desk = make.make_actor(organisation, "desk")
        self.sent = 0

    def saving(self, *accepted: int, token: str = "") -> Saving:
        self.sent += 1
        return Saving(
            token=token or f"form-number-{self.sent:08}", now=NOW, accepted=frozenset(accepted)
        )

    def add(self, request: PatientRequest = ODETTE, *accepted: int) -> int:
        return patients.add(request, self.desk, self.saving(*accepted))


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Setting]:
    with ground.app_context():
        yield Setting()


def count() -> int:
    return db.session.scalar(select(func.count(Patient.id))) or 0


def test_what_was_entered_is_what_is_there(clinic: Setting) -> None:
    patient = patients.find(clinic.add(), clinic.desk)
    assert replace(patients.request_of(patient), weekdays=(4, 0, 2)) == ODETTE
    assert patient.weekdays == [0, 2, 4]


def test_every_patient_gets_a_reply_token_of_128_bits(clinic: Setting) -> None:
    one = clinic.add()
    two = clinic.add(replace(ODETTE, first_name="Bea", email="bea@mail.example", phone=""), one)
    tokens = {patients.find(each, clinic.desk).reply_token for each in (one, two)}
    assert len(tokens) == 2
    assert {len(bytes.fromhex(token)) for token in tokens} == {16}


def test_the_same_form_sent_twice_makes_one_patient(clinic: Setting) -> None:
    once = clinic.saving(token="the-only-form-of-today")
    assert patients.add(ODETTE, clinic.desk, once) == patients.add(ODETTE, clinic.desk, once)
    assert count() == 1


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"first_name": "Odete", "email": "", "phone": ""}, "birth date and a similar name"),
        ({"first_name": "Varga", "last_name": "Odette", "email": "", "phone": ""}, "birth date"),
        ({"last_name": "Miller", "email": "", "phone": ""}, "birth date"),
        ({"first_name": "Zo\u00eb", "birth_on": date(1990, 1, 1), "email": ""}, "phone"),
        ({"phone": "+1 415 555 0142", "birth_on": date(1990, 1, 1), "email": ""}, "phone"),
        ({"email": "ODETTE@mail.example", "birth_on": date(1990, 1, 1), "phone": ""}, "e-mail"),
    ],
)
def test_a_look_alike_is_pointed_out_before_anything_is_saved(
    clinic: Setting, changes: dict[str, object], same: str
) -> None:
    first = clinic.add()
    twin = replace(ODETTE, channel="letter", address="1 Elm Street", **changes)  # type: ignore[arg-type]
    with pytest.raises(PossibleDuplicate) as found:
        clinic.add(twin)
    assert found.value.patient_ids == (first,)
    who = lookalikes.Who(
        names=(twin.first_name, twin.last_name),
        birth_on=twin.birth_on,
        phone=twin.phone,
        email=twin.email,
    )
    (alike,) = lookalikes.by_ids((first,), who, clinic.desk)
    assert same in " ".join(alike.same)
    assert count() == 1
    assert clinic.add(twin, first) != first


def test_a_stranger_with_the_same_birth_date_is_no_look_alike(clinic: Setting) -> None:
    clinic.add()
    other = replace(ODETTE, first_name="Rufus", last_name="Tan", email="r@mail.example", phone="")
    assert clinic.add(other)


def test_a_look_alike_of_another_clinic_is_never_shown(clinic: Setting) -> None:
    clinic.add()
    with transaction():
        elsewhere = make.make_organisation("Elsewhere").id
    stranger = make.make_actor(elsewhere, "desk")
    assert patients.add(ODETTE, stranger, clinic.saving())


def test_an_edit_that_changes_nothing_about_who_it_is_does_not_ask_again(clinic: Setting) -> None:
    first = clinic.add()
    twin_id = clinic.add(replace(ODETTE, first_name="Odet"), first)
    twin = replace(ODETTE, first_name="Odet", note="Another note.")
    edit = Edit(patient_id=twin_id, version=1)
    patients.change(edit, twin, clinic.desk, clinic.saving())
    assert patients.find(twin_id, clinic.desk).note == "Another note."


def test_a_stale_edit_is_refused_and_the_first_one_stays(clinic: Setting) -> None:
    edit = Edit(patient_id=clinic.add(), version=1)
    patients.change(edit, replace(ODETTE, phone="555-0101"), clinic.desk, clinic.saving())
    with pytest.raises(Stale):
        patients.change(edit, replace(ODETTE, phone="555-0202"), clinic.desk, clinic.saving())
    assert patients.find(edit.patient_id, clinic.desk).phone == "555-0101"


def test_days_away_are_replaced_as_a_whole(clinic: Setting) -> None:
    edit = Edit(patient_id=clinic.add(), version=1)
    new = (Away(starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 1)),)
    patients.change(edit, replace(ODETTE, away=new), clinic.desk, clinic.saving())
    assert patients.request_of(patients.find(edit.patient_id, clinic.desk)).away == new
    assert db.session.scalar(select(func.count(PatientBlackout.id))) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": ""}, "email"),
        ({"channel": "phone", "phone": ""}, "phone"),
        ({"channel": "letter"}, "address"),
        ({"channel": "pigeon"}, "channel"),
        ({"band_from": time(12), "band_until": time(8)}, "band_until"),
        ({"away": (Away(starts_on=date(2027, 2, 2), ends_on=date(2027, 2, 1)),)}, "away"),
    ],
)
def test_what_cannot_be_is_refused_at_the_field(
    clinic: Setting, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        clinic.add(replace(ODETTE, **changes))  # type: ignore[arg-type]
    assert refused.value.field == field
    assert count() == 0


def test_she_is_found_as_one_types(clinic: Setting) -> None:
    patient_id = clinic.add()
    ways = ("VARGA", "odet", "odette varga", "0142", "415 555 0142", "14 Mar 1979", "3/14/1979")
    for typed in ways:
        assert [one.id for one in patients.search(typed, clinic.desk)] == [patient_id], typed


def test_nobody_is_found_by_tricks_or_by_nothing(clinic: Setting) -> None:
    clinic.add()
    for typed in ("", "   ", "%", "_", "v_rga", "Bea", "' OR 1=1 --", "\\"):
        assert patients.search(typed, clinic.desk) == [], typed


def test_the_search_follows_a_changed_name(clinic: Setting) -> None:
    edit = Edit(patient_id=clinic.add(), version=1)
    patients.change(edit, replace(ODETTE, last_name="\u0141ukasz"), clinic.desk, clinic.saving())
    assert patients.search("lukasz", clinic.desk)
    assert not patients.search("varga", clinic.desk)


def test_another_organisation_s_patient_answers_like_a_missing_one(clinic: Setting) -> None:
    patient_id = clinic.add()
    with transaction():
        elsewhere = make.make_organisation("Elsewhere").id
    stranger = make.make_actor(elsewhere, "admin")
    assert patients.search("varga", stranger) == []
    assert patients.count(stranger) == 0
    for call in (
        lambda: patients.find(patient_id, stranger),
        lambda: patient_page.read(patient_id, stranger, now=NOW),
        lambda: patients.change(
            Edit(patient_id=patient_id, version=1), ODETTE, stranger, clinic.saving()
        ),
    ):
        with pytest.raises(NotFound):
            call()


def test_a_nurse_may_look_but_not_change(clinic: Setting) -> None:
    nurse = make.make_actor(clinic.organisation_id, "nurse")
    patient_id = clinic.add()
    assert patients.find(patient_id, nurse)
    with pytest.raises(NotAllowed):
        patients.add(ODETTE, nurse, clinic.saving())
    with pytest.raises(NotAllowed):
        patients.change(Edit(patient_id=patient_id, version=1), ODETTE, nurse, clinic.saving())


def test_a_new_address_hears_of_the_coming_visits_in_the_same_commit(clinic: Setting) -> None:
    patient_id = clinic.add()
    with transaction():
        patient = db.session.get_one(Patient, patient_id)
        chair = db.session.scalars(select(Chair)).one()
        site = db.session.get_one(Site, clinic.site_id)
        visit_id = make.make_visit(site, chair, date(2027, 1, 20), patient=patient).id
    moved = replace(ODETTE, email="new@mail.example")
    leaving = patients.change(
        Edit(patient_id=patient_id, version=1), moved, clinic.desk, clinic.saving()
    )
    rows = db.session.scalars(select(Outbox).where(Outbox.visit_id == visit_id)).all()
    assert leaving.mails
    assert "new@mail.example" in {row.recipient for row in rows if row.method == "REQUEST"}


def test_visits_on_days_away_are_shown_as_in_the_way(clinic: Setting) -> None:
    patient_id = clinic.add()
    with transaction():
        site = db.session.get_one(Site, clinic.site_id)
        chair = db.session.scalars(select(Chair)).one()
        patient = db.session.get_one(Patient, patient_id)
        wanted = make.make_visit(site, chair, date(2027, 2, 5), patient=patient).id
        make.make_visit(site, chair, date(2027, 2, 8), patient=patient)
    page = patient_page.read(patient_id, clinic.desk, now=NOW)
    assert [visit.id for visit in page.in_the_way] == [wanted]
    assert len(page.ahead) == 2
