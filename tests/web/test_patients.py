"""Patients' pages: found without a name in any address, entered once, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Chair, Patient, Site
from scheduler.transaction import transaction
from tests import factories as make
from tests.desk import Desk, add_staff

NOW = datetime(2027, 1, 11, 15, tzinfo=UTC)
HUGE = "x" * 10_000
NEW = {
    "first_name": "Odette",
    "last_name": "Varga",
    "birth_on": "14 Mar 1979",
    "email": "odette@mail.example",
    "phone": "555-0142",
}


@dataclass(frozen=True)
class Clinic:
    organisation_id: int
    site_id: int


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    with app.app_context(), transaction():
        site = make.make_clinic(chairs=1)
        return Clinic(site.organisation_id, site.id)


def everybody(app: Flask) -> list[Patient]:
    with app.app_context():
        return list(db.session.scalars(select(Patient).order_by(Patient.id)))


def add(desk: Desk, **changes: str | list[str]) -> int:
    """Fills in the form and presses its button; the status of the answer."""
    desk.get("/patients/new")
    return desk.press(desk.form("patient"), "Add patient", **{**NEW, **changes}).status_code


def test_a_new_patient_stands_on_a_page_of_their_own(desk: Desk) -> None:
    typed: dict[str, str | list[str]] = {
        "weekdays": ["0", "2", "4"],
        "band_from": "8 am",
        "band_until": "noon",
        "driver_name": "Ben Varga",
        "neutral_alarms": "y",
        "away-1-starts_on": "1 Feb 2027",
        "away-1-ends_on": "5 Feb 2027",
        "away-1-reason": "Trip",
        "away-2-starts_on": "9 Feb 2027",
        "desk_note": "Likes the window.",
    }
    assert add(desk, **typed) == 200
    for words in (
        "Odette Varga is there.", "Born 14 Mar 1979, 555-0142.", "Mon, Wed, Fri",
        "8:00 am to 12:00 pm", "Ben Varga", "neutral", "Mon 1 to Fri 5 Feb", "Tue 9 Feb 2027",
        "Likes the window.", "Nothing is booked",
    ):  # fmt: skip
        assert words in desk.text


def test_what_is_edited_comes_back_as_it_was_saved(desk: Desk, app: Flask) -> None:
    add(desk, **{"away-1-starts_on": "1 Feb 2027", "desk_note": "One\nTwo"})
    (patient,) = everybody(app)
    desk.get(f"/patients/{patient.id}/edit")
    form = desk.form("patient")
    assert form.value("birth_on") == "Wed 14 Mar 1979"
    assert form.value("away-0-ends_on") == "Mon 1 Feb 2027"
    assert form.value("desk_note").replace("\r", "") == "One\nTwo"
    desk.press(form, "Save", phone="555-0199")
    assert "Saved." in desk.text
    assert "555-0199" in desk.text


BAD: list[tuple[dict[str, str], str]] = [
    ({"first_name": ""}, "Write the first name."),
    ({"last_name": " \u200b\u202e "}, "Write the last name."),
    ({"first_name": HUGE}, "At most 100 characters; this has 10,000."),
    ({"birth_on": ""}, "Write the birth date, such as 14 Mar 1979."),
    ({"birth_on": "3/14/79"}, "Write a date like 13 Jan 2027."),
    ({"birth_on": "12 Jan 2027"}, "This day is still to come."),
    ({"birth_on": "1 Jan 1850"}, "The year 1850 cannot be right."),
    ({"email": "odette@"}, "This is no e-mail address."),
    ({"email": ""}, "This is how the patient is to be reached, so it is needed."),
    ({"channel": "letter"}, "This is how the patient is to be reached, so it is needed."),
    ({"channel": "pigeon"}, "Not a valid choice."),
    ({"phone": "12345"}, "Too short."),
    ({"weekdays": "9"}, "is not a valid choice"),
    ({"band_from": "noon", "band_until": "8 am"}, "This is before the band begins."),
    ({"away-3-ends_on": "1 Feb 2027"}, "From which day?"),
    ({"away-3-starts_on": "2 Feb 2027", "away-3-ends_on": "1 Feb 2027"}, "before it begins"),
    ({"desk_note": HUGE}, "At most 2,000 characters"),
]


SHOWN_AS = {
    "noon": "12:00 pm",
    "8 am": "8:00 am",
    "12 Jan 2027": "Tue 12 Jan 2027",
    "1 Feb 2027": "Mon 1 Feb 2027",
    "2 Feb 2027": "Tue 2 Feb 2027",
}
"""What can be read comes back the way every page writes it."""


def test_a_bad_value_is_refused_at_its_field_and_nothing_typed_is_lost(
    app: Flask, desk: Desk
) -> None:
    for typed, said in BAD:
        assert add(desk, **{"driver_name": "Ben", **typed}) == 422, typed
        assert said in desk.text, typed
        assert "What you typed is kept." in desk.text
        form = desk.form("patient")
        assert form.value("driver_name") == "Ben"
        for name in typed.keys() - {"weekdays", "channel", "last_name"}:
            shown = form.value(name.replace("away-3", "away-0")).replace("\r", "").strip()
            assert shown in (typed[name], SHOWN_AS.get(typed[name])), name
    assert not everybody(app)


def test_any_name_is_kept_and_shown_as_text(app: Flask, desk: Desk) -> None:
    names = (
        "\U0001f600 Smile",
        "\u0645\u062d\u0645\u062f \u0639\u0644\u064a",
        'O\'Neill "Ann" &amp;',
        "<script>alert(1)</script>",
        "{{ 7*7 }}",
        "x" * 100,
    )
    for number, name in enumerate(names):
        typed = {"last_name": name, "birth_on": f"{number + 1} Jan 1970", "phone": ""}
        assert add(desk, **typed, email=f"p{number}@mail.example") == 200
        assert name in desk.text
        assert "<script>alert" not in desk.page
    assert [patient.last_name for patient in everybody(app)] == list(names)


def test_controls_in_a_name_never_reach_the_database(app: Flask, desk: Desk) -> None:
    add(desk, last_name="Va\x00r\x1bga\u202e\r\nBcc: x")
    assert everybody(app)[0].last_name == "Varga Bcc: x"


def test_a_double_click_adds_one_patient(app: Flask, desk: Desk) -> None:
    desk.get("/patients/new")
    form = desk.form("patient")
    for _ in range(2):
        assert desk.press(form, "Add patient", **NEW).status_code == 200
    assert len(everybody(app)) == 1


def test_a_look_alike_is_shown_and_can_be_saved_anyway(app: Flask, desk: Desk) -> None:
    add(desk)
    assert add(desk, first_name="Odete", email="other@mail.example", phone="") == 409
    assert "Somebody like this is here already." in desk.text
    assert "The same: birth date and a similar name" in desk.text
    assert len(everybody(app)) == 1
    form = desk.form("patient")
    assert form.value("first_name") == "Odete"
    desk.press(form, "This is somebody else: save anyway")
    assert len(everybody(app)) == 2


def test_a_stale_edit_shows_both_versions_and_saves_nothing(app: Flask, desk: Desk) -> None:
    add(desk)
    (patient,) = everybody(app)
    desk.get(f"/patients/{patient.id}/edit")
    form = desk.form("patient")
    desk.press(form, "Save", phone="555-0101")
    assert desk.press(form, "Save", phone="555-0202").status_code == 409
    assert "Someone changed this before you." in desk.text
    assert "Phone 555-0101 555-0202" in desk.text
    assert everybody(app)[0].phone == "555-0101"
    desk.press(desk.form("patient"), "Save")
    assert everybody(app)[0].phone == "555-0202"


def test_people_are_found_by_post_and_never_by_address(desk: Desk) -> None:
    add(desk)
    for typed in ("varg", "ODETTE", "0142", "3/14/1979"):
        assert desk.post("/patients/find", {"q": typed}).status_code == 200
        assert "Varga, Odette" in desk.text
    assert "Varga" not in desk.get("/patients?q=zzz").request.url
    assert desk.client.get("/patients/find?q=Varg").status_code in (404, 405)
    for form in ("find", "q"):
        assert f'id="{form}"' in desk.page
    assert 'method="get"' not in desk.page


def test_the_find_box_answers_as_one_types(desk: Desk) -> None:
    add(desk)
    found = desk.post("/patients/suggest", {"q": "var"}, **{"HX-Request": "true"}).text
    assert "Odette Varga" in found
    assert "<html" not in found
    nobody = desk.post("/patients/suggest", {"q": "zzz"}, **{"HX-Request": "true"}).text
    assert "Nobody found." in nobody
    assert desk.post("/patients/suggest", {"q": HUGE}).status_code == 200
    assert desk.post("/patients/suggest", {"q": ""}).text.strip() == ""


def test_everybody_is_listed_by_last_name_in_pages(app: Flask, clinic: Clinic, desk: Desk) -> None:
    with app.app_context(), transaction():
        site = db.session.get_one(Site, clinic.site_id)
        for number in range(60):
            make.make_patient(site, f"Ann Name{number:02}")
    desk.get("/patients")
    assert "60 patients" in desk.text
    assert "Name49, Ann" in desk.text
    assert "Name50, Ann" not in desk.text
    desk.get("/patients?page=2")
    assert "Name50, Ann" in desk.text
    for odd in ("0", "-1", "x", "99999999999", "3.5"):
        assert desk.get(f"/patients?page={odd}").status_code == 200


def test_visits_on_days_away_are_named_on_the_page(app: Flask, clinic: Clinic, desk: Desk) -> None:
    add(desk, **{"away-1-starts_on": "1 Feb 2027", "away-1-ends_on": "5 Feb 2027"})
    (patient,) = everybody(app)
    with app.app_context(), transaction():
        site = db.session.get_one(Site, clinic.site_id)
        chair = db.session.scalars(select(Chair)).one()
        mine = db.session.get_one(Patient, patient.id)
        make.make_visit(site, chair, date(2027, 2, 3), patient=mine)
    desk.get(f"/patients/{patient.id}")
    assert "1 booked visit lies on days away. Wed 3 Feb" in desk.text
    assert "8:50 to 10:30 am" in desk.text


def test_a_page_s_title_and_address_name_nobody(app: Flask, desk: Desk) -> None:
    add(desk)
    (patient,) = everybody(app)
    answer = desk.get(f"/patients/{patient.id}")
    title = desk.page.split("<title>")[1].split("</title>")[0]
    assert "Varga" not in title
    assert "Varga" not in answer.request.url


def test_a_nurse_reads_and_does_not_edit(app: Flask, clinic: Clinic, desk: Desk) -> None:
    add(desk)
    (patient,) = everybody(app)
    with app.app_context():
        email = add_staff(clinic.organisation_id, "nurse")
    nurse = Desk(app, email)
    nurse.get(f"/patients/{patient.id}")
    assert "Odette Varga" in nurse.text
    assert "Edit" not in nurse.text
    for path in ("/patients/new", f"/patients/{patient.id}/edit"):
        assert nurse.get(path).status_code == 403
        assert nurse.post(path, NEW).status_code == 403


def test_another_clinic_s_patient_answers_like_a_missing_one(app: Flask, desk: Desk) -> None:
    add(desk)
    (patient,) = everybody(app)
    with app.app_context():
        with transaction():
            other = make.make_organisation("Elsewhere").id
        email = add_staff(other, "manager")
    stranger = Desk(app, email)
    for path in (f"/patients/{patient.id}", f"/patients/{patient.id}/edit", "/patients/99999"):
        assert stranger.get(path).status_code == 404
        assert "Varga" not in stranger.page
    stranger.post("/patients/find", {"q": "varga"})
    assert "Varga, Odette" not in stranger.text
