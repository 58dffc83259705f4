"""New series by its page: from a name on the phone to six booked visits, and what can go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from config import Settings
from scheduler.extensions import db
from scheduler.models import Chair, Organisation, Patient, ProtocolVersion, Series, Visit
from scheduler.transaction import transaction
from tests.clinic import NOW, Clinic, make_clinic
from tests.desk import Desk, add_staff
from tests.factories import make_organisation, make_site

STRANGE = {
    "long": "x" * 10_000,
    "emoji": "\U0001f9d1\U0001f3fd\u200d\U0001f52c",
    "right to left": "\u202eevil \u05e9\u05dc\u05d5\u05dd",
    "control": "a\x00b\x1b[31mc\x7f",
    "quote": "\"' or 1=1; --",
    "markup": "<script>alert(1)</script>",
}


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def app_settings(app_settings: Settings) -> Settings:
    return replace(app_settings, undo_seconds=180)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    with app.app_context():
        made = make_clinic()
        with transaction():
            first = db.session.get_one(Patient, made.patient_ids[0])
            first.find_text = "pat1 invented 5550101"
            first.weekdays = [0, 2, 4]
        return made


@pytest.fixture
def open_page(desk: Desk, clinic: Clinic) -> Desk:
    """The page with the first patient chosen and plans shown."""
    desk.get(f"/series/new?patient_id={clinic.patient_ids[0]}")
    return desk


def how_many(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def choose_mood(clinic: Clinic) -> dict[str, str]:
    version = str(clinic.versions["ket-mood-3x2"])
    return {"protocol_version_id": version, "phase": "induction"}


def test_the_page_asks_for_the_patient_before_it_plans(desk: Desk) -> None:
    desk.get("/series/new")
    assert "Choose the patient first" in desk.text
    assert not [one for one in desk.form("wishes").buttons if one.name == "plan"]


def test_patients_are_found_while_typing_by_post(desk: Desk) -> None:
    desk.get("/series/new")
    found = desk.post("/series/patients", {"who": "pat1 inv"})
    assert "Pat1 Invented" in found.text
    assert 'name="pick"' in found.text
    assert "Pat2" not in found.text
    assert "Nobody found" in desk.post("/series/patients", {"who": "zzz"}).text


def test_the_only_match_is_taken_with_the_wishes_that_are_known(desk: Desk) -> None:
    desk.get("/series/new")
    desk.press(desk.form("wishes"), "Find", who="pat1")
    form = desk.form("wishes")
    assert form.values("weekdays") == ["0", "2", "4"]
    assert len([one for one in form.buttons if one.text.startswith("Book")]) == 3


def test_typed_wishes_stay_when_the_patient_is_changed(open_page: Desk) -> None:
    open_page.press(open_page.form("wishes"), "Change", wished_start="2:15 pm", weekdays=["3"])
    assert "Choose the patient first" in open_page.text
    form = open_page.form("wishes")
    assert (form.value("wished_start"), form.values("weekdays")) == ("2:15 pm", ["3"])


def test_six_visits_are_booked_within_five_pages_after_sign_in(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    loads = [desk.get("/"), desk.get("/series/new")]
    loads.append(desk.press(desk.form("wishes"), "Find", who="pat1", **choose_mood(clinic)))
    assert "Three plans that work" in desk.text
    loads.append(desk.press(desk.form("wishes"), "Book all six"))
    assert len(loads) <= 5
    assert "Six visits booked for Pat1 Invented." in desk.text
    assert "The confirmation leaves at 10:03 am." in desk.text
    assert how_many(app, Visit) == 6
    assert how_many(app, Series) == 1


def test_a_plan_is_read_aloud_with_arrival_leaving_and_rules(
    open_page: Desk, clinic: Clinic
) -> None:
    open_page.press(open_page.form("wishes"), "Find plans", **choose_mood(clinic))
    assert "6 visits, 2 to 7 days apart" in open_page.text
    assert "Six visits on" in open_page.text
    assert "please arrive at" in open_page.text
    assert "New York time" in open_page.text


def test_the_same_form_sent_twice_books_once(app: Flask, open_page: Desk, clinic: Clinic) -> None:
    open_page.press(open_page.form("wishes"), "Find plans", **choose_mood(clinic))
    form = open_page.form("wishes")
    first = open_page.press(form, "Book all six")
    again = open_page.press(form, "Book all six")
    assert first.request.path == again.request.path
    assert "it was booked once" in open_page.text
    assert how_many(app, Visit) == 6


def test_a_lost_race_gives_fresh_plans_and_keeps_what_was_typed(
    app: Flask, open_page: Desk, clinic: Clinic
) -> None:
    wishes = {**choose_mood(clinic), "wished_start": "9:00 am", "chair_kind": ""}
    open_page.press(open_page.form("wishes"), "Find plans", **wishes)
    form = open_page.form("wishes")
    with app.app_context():
        rival = Desk(app, add_staff(clinic.organisation_id, "provider", "Rae Rival"))
    for chair_id in clinic.chair_ids:
        rival.get(f"/series/new?patient_id={clinic.patient_ids[1]}&single=1")
        rival.press(
            rival.form("wishes"),
            "Find plans",
            **choose_mood(clinic),
            wished_start="9:00 am",
            earliest_on=form.value("earliest_on"),
            wished_chair_id=str(chair_id),
        )
        plan = form.button("Book all six").value.split(",")[0]
        button = rival.form("wishes").button("Book this")
        button.value = plan
        if rival.press(rival.form("wishes"), button).status_code == 200:
            break
    before = how_many(app, Visit)
    answer = open_page.press(form, "Book all six")
    assert answer.status_code == 409
    assert "That time was taken a moment ago." in open_page.text
    assert "Nothing was booked" in open_page.text
    assert "The plans below are fresh" in open_page.text
    kept = open_page.form("wishes")
    assert kept.value("wished_start") == "9:00 am"
    assert kept.button("Book all six").value != form.button("Book all six").value
    assert how_many(app, Visit) == before
    assert open_page.press(kept, "Book all six").status_code == 200


@pytest.mark.parametrize("kind", STRANGE)
def test_strange_text_in_every_box_at_once_is_refused_kindly(open_page: Desk, kind: str) -> None:
    form = open_page.form("wishes")
    typed = {name for name, value in form.fields if not value} | {"earliest_on", "who"}
    sent = form.filled(**dict.fromkeys(typed, STRANGE[kind]))
    for url in ("/series/new", "/series/book"):
        answer = open_page.post(url, sent)
        assert answer.status_code == 422
        assert "<script>alert" not in answer.text
        assert "What you typed is kept." in open_page.text


@pytest.mark.parametrize("kind", ["control", "markup"])
def test_no_field_breaks_the_page_by_itself(open_page: Desk, kind: str) -> None:
    form = open_page.form("wishes")
    for name in sorted({*dict(form.fields), "weekdays", "plan", "use", "pick"} - {"csrf_token"}):
        answer = open_page.post("/series/new", form.filled(**{name: STRANGE[kind]}))
        assert answer.status_code in (200, 422), name
        assert "<script>alert" not in answer.text


def test_what_cannot_be_read_comes_back_as_it_was_typed(open_page: Desk) -> None:
    typed = {"earliest_on": "someday", "wished_start": "half past", "away": "next week"}
    answer = open_page.press(open_page.form("wishes"), "Find plans", **typed)
    assert answer.status_code == 422
    kept = open_page.form("wishes")
    assert {name: kept.value(name) for name in typed} == typed
    assert "Write a date like 13 Jan 2027." in open_page.text
    assert "Write a time like 8:50 am." in open_page.text
    assert "What you typed is kept." in open_page.text


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"earliest_on": ""}, "Say the first day that works."),
        ({"earliest_on": "3 Jan 2027"}, "This day is past. Today is Mon 4 Jan 2027."),
        ({"latest_on": "3 Jan 2027"}, "This is before Mon 4 Jan 2027."),
        ({"starts_from": "10 am", "starts_until": "9 am"}, "This is not after 10:00 am."),
        ({"earliest_on": "4 Jan 2028"}, "days ahead"),
        ({"minutes_infusion": "0"}, "Say why"),
        ({"count": "99", "reason": "order"}, "visits"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_at_its_field(
    open_page: Desk, clinic: Clinic, wishes: dict[str, str], said: str
) -> None:
    changed = {**choose_mood(clinic), **wishes}
    answer = open_page.press(open_page.form("wishes"), "Find plans", **changed)
    assert answer.status_code == 422
    assert said in open_page.text


def test_a_horizon_too_short_for_the_series_says_what_stops_it(
    open_page: Desk, clinic: Clinic
) -> None:
    wishes = {**choose_mood(clinic), "latest_on": "8 Jan 2027"}
    answer = open_page.press(open_page.form("wishes"), "Find plans", **wishes)
    assert answer.status_code == 200
    assert "No plan keeps every wish" in open_page.text
    assert "What stops it" in open_page.text


def test_the_cheapest_way_out_is_a_whole_plan_with_its_own_button(
    app: Flask, open_page: Desk, clinic: Clinic
) -> None:
    wishes = {**choose_mood(clinic), "starts_from": "5:30 pm", "starts_until": "6:00 pm"}
    open_page.press(open_page.form("wishes"), "Find plans", **wishes)
    assert "No plan keeps every wish" in open_page.text
    assert "Cheapest way out" in open_page.text
    open_page.press(open_page.form("wishes"), "Use this and book all six")
    assert "Six visits booked" in open_page.text
    assert how_many(app, Visit) == 6


def test_a_weekly_phase_is_planned_as_a_whole(open_page: Desk, clinic: Clinic) -> None:
    wishes = {**choose_mood(clinic), "phase": "taper"}
    open_page.press(open_page.form("wishes"), "Find plans", **wishes)
    assert "4 visits, 5 to 14 days apart" in open_page.text
    assert open_page.form("wishes").button("Book all four")


def test_one_visit_is_booked_by_the_same_page(app: Flask, desk: Desk, clinic: Clinic) -> None:
    desk.get(f"/series/new?patient_id={clinic.patient_ids[0]}&single=1")
    assert "New visit" in desk.text
    answer = desk.press(desk.form("wishes"), "Book this visit")
    assert answer.request.path.startswith("/visits/")
    assert "One visit booked for Pat1 Invented." in desk.text
    assert how_many(app, Series) == 0


def test_another_count_needs_who_and_why(app: Flask, open_page: Desk, clinic: Clinic) -> None:
    wishes = {**choose_mood(clinic), "count": "7"}
    open_page.press(open_page.form("wishes"), "Find plans", **wishes)
    assert "Say why this series differs from its template." in open_page.text
    wishes |= {"reason": "Order of 2 Jan", "ordered_by": "Dr Achter"}
    open_page.press(open_page.form("wishes"), "Find plans", **wishes)
    open_page.press(open_page.form("wishes"), "Book all seven")
    assert how_many(app, Visit) == 7
    assert "Order of 2 Jan" in open_page.text
    assert "Dr Achter" in open_page.text


def test_wider_gaps_than_the_template_need_a_provider(open_page: Desk, clinic: Clinic) -> None:
    wishes = {**choose_mood(clinic), "gap_most": "9", "reason": "travels"}
    answer = open_page.press(open_page.form("wishes"), "Find plans", **wishes)
    assert answer.status_code == 422
    assert "Only a provider may allow it." in open_page.text


def test_a_template_that_was_retired_meanwhile_is_not_planned(
    app: Flask, open_page: Desk, clinic: Clinic
) -> None:
    form = open_page.form("wishes")
    version_id = clinic.versions["ket-mood-3x2"]
    with app.app_context(), transaction():
        db.session.get_one(ProtocolVersion, version_id).status = "retired"
    answer = open_page.press(form, "Find plans", **choose_mood(clinic))
    assert answer.status_code == 422
    assert "not in use any more" in open_page.text


def test_the_patient_of_another_clinic_is_not_found(app: Flask, desk: Desk) -> None:
    with app.app_context():
        other = make_clinic(patients=1)
    desk.get(f"/series/new?patient_id={other.patient_ids[0]}")
    assert "We cannot find this patient" in desk.text
    assert "Choose the patient first" in desk.text


def test_a_change_gets_only_the_part_that_it_concerns(open_page: Desk, clinic: Clinic) -> None:
    sent = open_page.form("wishes").filled(**choose_mood(clinic), wished_start="nonsense")
    answer = open_page.post("/series/new", sent, **{"HX-Request": "true"})
    assert "<html" not in answer.text
    assert 'data-wrong="wished_start"' in answer.text
    sent = open_page.form("wishes").filled(**choose_mood(clinic), wished_start="1:00 pm")
    answer = open_page.post("/series/new", sent, **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'id="plans-said" hx-swap-oob="true"' in answer.text
    assert "3 plans" in answer.text


def test_a_clinic_without_site_or_template_is_told_what_is_missing(app: Flask) -> None:
    with app.app_context():
        with transaction():
            empty = make_organisation("New Clinic").id
        manager = Desk(app, add_staff(empty, "manager"))
    assert manager.get("/series/new").status_code == 200
    assert "No site yet" in manager.text
    with app.app_context(), transaction():
        make_site(db.session.get_one(Organisation, empty))
    manager.get("/series/new")
    assert "No approved series template yet" in manager.text
    assert manager.post("/series/new", {}).status_code == 200
    assert manager.post("/series/book", {}).status_code == 422


def test_without_a_chair_in_service_no_plan_is_made_up(
    app: Flask, open_page: Desk, clinic: Clinic
) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Chair).values(in_service=False))
    open_page.press(open_page.form("wishes"), "Find plans", **choose_mood(clinic))
    assert "No plan keeps every wish" in open_page.text
    assert not [one for one in open_page.form("wishes").buttons if one.name == "plan"]


def test_a_nurse_does_not_book(app: Flask, clinic: Clinic) -> None:
    with app.app_context():
        nurse = Desk(app, add_staff(clinic.organisation_id, "nurse"))
    assert nurse.get("/series/new").status_code == 403
    assert nurse.post("/series/book", {}).status_code == 403
