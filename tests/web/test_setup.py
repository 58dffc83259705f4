"""Setup pages: what is wrong is said at its field, what is booked is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Chair, Closure, OpeningHours, Site, Task, Visit
from scheduler.services import opening, sites
from scheduler.services.closed_over import Consent
from scheduler.transaction import transaction
from tests import factories as make
from tests.desk import Desk, add_staff

NOW = datetime(2027, 1, 11, 15, tzinfo=UTC)
"""Monday, 10:00 am in New York."""
HUGE = "x" * 10_000
NASTY = (
    "\U0001f600",
    "\u0645\u062d\u0645\u062f",
    "a\x00b",
    'O\'Neill "Ann"',
    "<script>alert(1)</script>",
)


@dataclass(frozen=True)
class Clinic:
    organisation_id: int
    site_id: int
    chair_id: int
    visit_id: int


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """Two chairs; on the first a visit on Wednesday 13 January at 9."""
    with app.app_context(), transaction():
        site = make.make_clinic(chairs=2)
        chair = db.session.scalars(select(Chair).order_by(Chair.position)).first()
        assert chair
        patient = make.make_patient(site, "Odette Varga")
        visit = make.make_visit(site, chair, date(2027, 1, 13), patient=patient)
        return Clinic(site.organisation_id, site.id, chair.id, visit.id)


@pytest.fixture
def desk(app: Flask, clinic: Clinic) -> Desk:
    with app.app_context():
        email = add_staff(clinic.organisation_id, "manager")
    return Desk(app, email)


def rows(app: Flask, model: type) -> list[object]:
    with app.app_context():
        return list(db.session.scalars(select(model)))


def test_setup_shows_each_site_at_a_glance(desk: Desk) -> None:
    desk.get("/setup")
    for words in ("2 in service", "Mon to Fri 8:00 am to 5:00 pm", "3 nurses", "None ahead"):
        assert words in desk.text


def test_a_site_without_chairs_hours_or_nurses_says_what_that_means(desk: Desk) -> None:
    desk.get("/setup/sites/new")
    form = desk.form("sites")
    desk.press(
        form,
        "Add site",
        name="Annex",
        public_name="Larkspur North",
        zone_name="America/Chicago",
        sender_address="north@larkspur.example",
    )
    assert "No chair yet" in desk.text
    desk.get("/setup")
    assert "Never open: nothing can be booked here." in desk.text
    assert "No nurse on duty" in desk.text


BAD_SITES: list[tuple[str, str, str]] = [
    ("name", "", "How do you call this place?"),
    ("name", HUGE, "At most 100 characters"),
    ("public_name", "Main Street Ketamine", "Leave out ketamine."),
    ("zone_name", "New York", "Did you mean America/New_York?"),
    ("zone_name", "Mars/Base", "Write one like America/New_York."),
    ("phone", "555", "Too short."),
    ("sender_address", "not an address", "This is no e-mail address."),
    ("horizon_days", "1e9", "Write a whole number."),
    ("horizon_days", "5000", "From 14 to 365."),
]


def test_a_site_is_refused_at_its_field_and_keeps_what_was_typed(
    desk: Desk, clinic: Clinic
) -> None:
    for field, typed, said in BAD_SITES:
        desk.get(f"/setup/sites/{clinic.site_id}/edit")
        answer = desk.press(
            desk.form("sites"), "Save", **{field: typed, "address": "Kept Street 1"}
        )
        assert answer.status_code == 422
        assert said in desk.text
        assert desk.form("sites").value(field) == typed
        assert "Kept Street 1" in desk.form("sites").value("address")


def test_any_text_can_name_a_chair_and_is_shown_as_text(desk: Desk, clinic: Clinic) -> None:
    for typed in NASTY:
        desk.get(f"/setup/sites/{clinic.site_id}/chairs/new")
        assert desk.press(desk.form("chairs"), "Add chair", name=typed).status_code == 200
        assert typed.replace("\x00", "") in desk.text
        assert "<script>alert" not in desk.page


def test_a_chair_with_visits_goes_out_of_service_only_after_the_question(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    desk.get(f"/setup/chairs/{clinic.chair_id}/edit")
    asked = desk.press(desk.form("chairs"), "Save", in_service=[])
    assert asked.status_code == 409
    assert "1 booked visit would be left without a place." in desk.text
    assert "Odette Varga" in desk.text
    assert not rows(app, Task)
    desk.press(desk.form("chairs"), "Take it out of service")
    assert "1 visit stays booked. A call waits under Tasks." in desk.text
    (task,) = rows(app, Task)
    assert isinstance(task, Task)
    assert task.what.startswith("Chair 1 is out of service.")


def test_a_closing_before_the_opening_is_refused_at_the_row(desk: Desk, clinic: Clinic) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/hours")
    answer = desk.press(
        desk.form("opening"), "Save", **{"rows-0-starts": "5 pm", "rows-0-ends": "8 am"}
    )
    assert answer.status_code == 422
    assert "This is before it begins." in desk.text
    assert desk.form("opening").value("rows-0-starts") == "5:00 pm"


BAD_HOURS: list[tuple[dict[str, str | list[str]], str]] = [
    (
        {"rows-1-weekdays": ["0", "2"], "rows-1-starts": "4 pm", "rows-1-ends": "6 pm"},
        "Monday, Wednesday: this time is there already",
    ),
    ({"rows-1-starts": "6 pm", "rows-1-ends": "8 pm"}, "Choose at least one day."),
    ({"rows-1-weekdays": "5", "rows-1-ends": "1 pm"}, "When does it begin?"),
    ({"rows-1-weekdays": "5", "rows-1-starts": "9 am"}, "When does it end?"),
    ({"rows-0-starts": HUGE}, "This is too long to be right."),
    ({"rows-0-starts": "3"}, "Say am or pm, such as 3:00 pm."),
]


def test_hours_that_cannot_be_are_refused_in_words(desk: Desk, clinic: Clinic) -> None:
    for typed, said in BAD_HOURS:
        desk.get(f"/setup/sites/{clinic.site_id}/hours")
        assert desk.press(desk.form("opening"), "Save", **typed).status_code == 422
        assert said in desk.text


def test_the_hours_of_a_whole_week_are_saved_at_once(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/hours")
    week: dict[str, str | list[str]] = {
        "rows-0-ends": "12 pm",
        "rows-3-weekdays": ["0", "1", "2", "3", "4"],
        "rows-3-starts": "1 pm",
        "rows-3-ends": "12 am",
    }
    desk.press(desk.form("opening"), "Save", **week)
    assert "8:00 am to 12:00 pm and 1:00 pm to 12:00 am (midnight)" in desk.text
    assert len(rows(app, OpeningHours)) == 10


def test_hours_that_somebody_else_changed_are_shown_beside_the_typed_ones(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/hours")
    form = desk.form("opening")
    with app.app_context():
        manager = make.make_actor(clinic.organisation_id, "manager")
        was = opening.fingerprint(opening.of_site(clinic.site_id, manager))
        seen = Consent(accepted=frozenset([clinic.visit_id]), why="", now=NOW)
        opening.set_week(clinic.site_id, [], manager, was=was, consent=seen)
    answer = desk.press(form, "Save", **{"rows-0-ends": "4 pm"})
    assert answer.status_code == 409
    assert "Someone changed this before you." in desk.text
    assert "Saved now: nothing." in desk.text
    assert desk.form("opening").value("rows-0-ends") == "4:00 pm"
    desk.press(desk.form("opening"), "Save")
    assert "Mon to Fri 8:00 am to 4:00 pm" in desk.text


def test_shorter_hours_list_the_visits_that_they_leave_out(desk: Desk, clinic: Clinic) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/hours")
    answer = desk.press(desk.form("opening"), "Save", **{"rows-0-starts": "10 am"})
    assert answer.status_code == 409
    assert "Wed 13 Jan" in desk.text
    assert "8:50 to 10:30 am" in desk.text
    desk.press(desk.form("opening"), "Save, leave the visits for a call")
    assert "Mon to Fri 10:00 am to 5:00 pm" in desk.text


def test_nurses_are_set_for_a_week(desk: Desk, clinic: Clinic) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/cover")
    desk.press(desk.form("cover"), "Save", **{"rows-0-nurses": "2"})
    assert "Mon to Fri 8:00 am to 5:00 pm 2 nurses" in desk.text
    desk.get(f"/setup/sites/{clinic.site_id}/cover")
    assert desk.press(desk.form("cover"), "Save", **{"rows-0-nurses": "0"}).status_code == 409
    assert "Odette Varga" in desk.text


def test_a_closure_over_a_visit_lists_it_and_asks(app: Flask, desk: Desk, clinic: Clinic) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/closures/new")
    typed = {"first_on": "13 Jan 2027", "first_time": "8 am", "last_time": "noon", "reason": "Snow"}
    assert desk.press(desk.form("closures"), "Close", **typed).status_code == 409
    assert "Odette Varga" in desk.text
    assert not rows(app, Closure)
    desk.press(desk.form("closures"), "Close it, leave the visits for a call")
    assert "Wed 13 Jan, 8:00 am to 12:00 pm" in desk.text
    (task,) = rows(app, Task)
    assert isinstance(task, Task)
    said = "Main Street is closed Wed 13 Jan, 8:00 am to 12:00 pm: Snow."
    assert task.what.startswith(said)
    with app.app_context():
        assert db.session.get_one(Visit, clinic.visit_id).state == "booked"


BAD_CLOSURES: list[tuple[dict[str, str], str]] = [
    ({"first_on": ""}, "Say from which day."),
    ({"first_on": "Tue 13 Jan 2027"}, "13 Jan 2027 is a Wednesday."),
    ({"last_on": "12 Jan 2027"}, "This is before Wed 13 Jan 2027."),
    ({"first_time": "noon", "last_time": "8 am"}, "It must end after it starts."),
    ({"first_time": "soon"}, "Write a time like 8:50 am."),
    ({"reason": ""}, "Staff will ask why."),
    ({"reason": HUGE}, "At most 150 characters"),
    ({"last_on": "13 Jan 2029"}, "Longer than a year"),
    ({"chair_id": "999"}, "Not a valid choice."),
]


def test_a_closure_that_cannot_be_is_refused_in_words(desk: Desk, clinic: Clinic) -> None:
    for typed, said in BAD_CLOSURES:
        desk.get(f"/setup/sites/{clinic.site_id}/closures/new")
        good = {"first_on": "13 Jan 2027", "reason": "Snow"}
        assert desk.press(desk.form("closures"), "Close", **{**good, **typed}).status_code == 422
        assert said in desk.text


def test_a_wall_time_that_the_clocks_skip_is_refused_with_the_next_one(
    desk: Desk, clinic: Clinic
) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/closures/new")
    typed = {"first_on": "14 Mar 2027", "first_time": "2:30 am", "reason": "Snow"}
    assert desk.press(desk.form("closures"), "Close", **typed).status_code == 422
    assert "On Sun 14 Mar 2027 the clocks skip 2:30 am. Write 3:30 am." in desk.text


def test_of_an_hour_that_comes_twice_a_closure_takes_both(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/closures/new")
    typed = {
        "first_on": "7 Nov 2027",
        "first_time": "1:15 am",
        "last_time": "1:45 am",
        "reason": "Power",
    }
    desk.press(desk.form("closures"), "Close", **typed)
    (closure,) = rows(app, Closure)
    assert isinstance(closure, Closure)
    assert closure.starts_at == datetime(2027, 11, 7, 5, 15, tzinfo=UTC)
    assert closure.ends_at == datetime(2027, 11, 7, 6, 45, tzinfo=UTC)
    assert "1:15 am EDT to 1:45 am EST" in desk.text


@pytest.mark.parametrize(("on", "hours"), [("14 Mar 2027", 23), ("7 Nov 2027", 25)])
def test_a_whole_day_closes_all_its_hours_when_the_clocks_change(
    app: Flask, desk: Desk, clinic: Clinic, on: str, hours: int
) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/closures/new")
    desk.press(desk.form("closures"), "Close", first_on=on, reason="Holiday")
    (closure,) = rows(app, Closure)
    assert isinstance(closure, Closure)
    assert (closure.ends_at - closure.starts_at).total_seconds() == hours * 3600


def test_a_closure_comes_back_as_it_was_typed_and_can_be_opened_again(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/closures/new")
    typed = {"first_on": "Sat 16 Jan 2027", "last_on": "Mon 18 Jan 2027", "reason": "Holiday"}
    desk.press(desk.form("closures"), "Close", **typed)
    (closure,) = rows(app, Closure)
    assert isinstance(closure, Closure)
    desk.get(f"/setup/closures/{closure.id}/edit")
    form = desk.form("closures")
    assert {name: form.value(name) for name in typed} == typed
    assert form.value("first_time") == form.value("last_time") == ""
    desk.press(form, "Save", last_on="17 Jan 2027")
    assert "Sat 16 to Sun 17 Jan" in desk.text
    desk.press(desk.form(f"/setup/closures/{closure.id}/remove"), "Open again")
    assert "No closure ahead" in desk.text
    assert not rows(app, Closure)


def test_a_stale_edit_of_a_site_shows_both_versions(app: Flask, desk: Desk, clinic: Clinic) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/edit")
    form = desk.form("sites")
    with app.app_context(), transaction():
        site = db.session.get_one(Site, clinic.site_id)
        site.name, site.version = "High Street", 2
    assert desk.press(form, "Save", name="Low Street").status_code == 409
    assert "Name High Street Low Street" in desk.text
    desk.press(desk.form("sites"), "Save")
    with app.app_context():
        manager = make.make_actor(clinic.organisation_id, "manager")
        assert sites.find(clinic.site_id, manager).name == "Low Street"


def test_the_time_zone_of_booked_visits_cannot_change(desk: Desk, clinic: Clinic) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/edit")
    answer = desk.press(desk.form("sites"), "Save", zone_name="America/Chicago")
    assert answer.status_code == 422
    assert "Visits are booked here in the present zone." in desk.text


def test_the_desk_sees_setup_but_no_capacity_form(app: Flask, clinic: Clinic) -> None:
    with app.app_context():
        email = add_staff(clinic.organisation_id, "desk")
    desk = Desk(app, email)
    assert desk.get("/setup").status_code == 200
    assert "/chairs" not in desk.page
    for path in ("edit", "chairs", "chairs/new", "hours", "cover", "closures", "closures/new"):
        assert desk.get(f"/setup/sites/{clinic.site_id}/{path}").status_code == 403, path


def test_another_clinic_s_setup_answers_like_a_missing_one(app: Flask, clinic: Clinic) -> None:
    with app.app_context():
        with transaction():
            other = make.make_organisation("Elsewhere").id
        email = add_staff(other, "manager")
    desk = Desk(app, email)
    for path in (
        f"/setup/sites/{clinic.site_id}/edit",
        f"/setup/sites/{clinic.site_id}/chairs",
        f"/setup/sites/{clinic.site_id}/hours",
        f"/setup/sites/{clinic.site_id}/cover",
        f"/setup/sites/{clinic.site_id}/closures",
        f"/setup/chairs/{clinic.chair_id}/edit",
        "/setup/sites/987654321987654321/edit",
    ):
        assert desk.get(path).status_code == 404, path
        assert desk.post(path, {}).status_code in (404, 405), path


def test_midnight_as_the_end_of_a_span_is_kept(app: Flask, desk: Desk, clinic: Clinic) -> None:
    desk.get(f"/setup/sites/{clinic.site_id}/hours")
    desk.press(desk.form("opening"), "Save", **{"rows-0-ends": "midnight"})
    assert {row.closes for row in rows(app, OpeningHours)} == {time(0)}  # type: ignore[attr-defined]
