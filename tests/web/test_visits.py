"""One visit by its page: what it holds, its history, moving it, cancelling it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from config import Settings
from scheduler.extensions import db
from scheduler.models import Outbox, Visit
from scheduler.services.booking import book
from scheduler.services.policy import Policy
from scheduler.services.proposals import offer
from scheduler.transaction import transaction
from tests.clinic import NOW, Clinic, make_clinic, new_token
from tests.desk import Desk, add_staff
from tests.page_forms import PageForm, text_of


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
        return make_clinic()


@pytest.fixture
def visit_ids(app: Flask, clinic: Clinic) -> tuple[int, ...]:
    """Six visits on Mondays, Wednesdays and Fridays from 11 January 2027, first chair."""
    with app.app_context():
        key = offer(clinic.query(), clinic.anybody, now=NOW).plans[0].key
        policy = Policy(undo_seconds=180)
        return book(clinic.booking(key), clinic.anybody, now=NOW, policy=policy).visit_ids


@pytest.fixture
def last(visit_ids: tuple[int, ...]) -> int:
    """The last visit: moving it a day later keeps every rule."""
    return visit_ids[-1]


def move_form(desk: Desk, visit_id: int) -> PageForm:
    desk.get(f"/visits/{visit_id}/move")
    return desk.form("move")


def where(app: Flask, visit_id: int) -> tuple[str, int, int]:
    with app.app_context():
        visit = db.session.get_one(Visit, visit_id)
        return visit.local_starts, visit.sequence, visit.version


def test_the_page_shows_parts_preparation_and_history(
    desk: Desk, visit_ids: tuple[int, ...]
) -> None:
    desk.get(f"/visits/{visit_ids[0]}")
    assert "Monday 11 January 2027" in desk.text
    for said in ("session 1 of 6", "infusion 40", "No food from", "Dana Front"):
        assert said in desk.text, said


def test_the_form_starts_from_where_the_visit_is(app: Flask, desk: Desk, last: int) -> None:
    form = move_form(desk, last)
    starts = where(app, last)[0]
    assert form.value("starts_on").endswith("2027")
    assert f"T{starts[11:13]}" in starts
    assert form.value("version") == "1"


def test_looking_first_changes_nothing_and_shows_before_and_after(
    app: Flask, desk: Desk, last: int
) -> None:
    form = move_form(desk, last)
    before = where(app, last)
    desk.press(form, "See what it does", starts="1:00 pm", chair_id="")
    assert "This works." in desk.text
    assert "1:00 pm" in desk.text
    assert where(app, last) == before


def test_accepting_moves_it_and_says_when_the_message_leaves(
    app: Flask, desk: Desk, last: int
) -> None:
    day = where(app, last)[0][:10]
    answer = desk.press(
        move_form(desk, last), "Accept", starts="1:00 pm", words="flight <delayed>", chair_id=""
    )
    assert answer.request.path == f"/visits/{last}"
    assert "Moved to" in desk.text
    assert "The message leaves at 10:03 am." in desk.text
    assert "Patient asked: flight <delayed>" in desk.text
    starts, sequence, version = where(app, last)
    assert (starts, version) == (f"{day}T13:00", 2)
    assert sequence == 1


def test_a_gap_rule_that_would_break_is_named_and_only_a_provider_passes_it(
    app: Flask, clinic: Clinic, desk: Desk, visit_ids: tuple[int, ...]
) -> None:
    second = visit_ids[1]
    form = move_form(desk, second)
    first_day = where(app, visit_ids[0])[0][:10]
    assert first_day == "2027-01-11"
    changes = {"starts_on": "12 Jan 2027", "starts": "2:00 pm", "chair_id": ""}
    desk.press(form, "See what it does", **changes)
    assert "1 day after session 1" in desk.text
    answer = desk.press(form, "Accept", **changes)
    assert answer.status_code == 409
    assert desk.form("move").value("starts_on") == "Tue 12 Jan 2027"
    assert where(app, second)[2] == 1
    with app.app_context():
        provider = Desk(app, add_staff(clinic.organisation_id, "provider", "Dr Achter"))
    form = move_form(provider, second)
    provider.press(form, "Accept", **changes, override="y", words="agreed by phone")
    assert where(app, second)[0] == "2027-01-12T14:00"
    assert "keeps not every rule" in provider.text


def test_one_press_accepts_the_smallest_change_of_the_series(
    app: Flask, desk: Desk, visit_ids: tuple[int, ...]
) -> None:
    fifth, sixth = visit_ids[4:]
    days = [where(app, one)[0][8:10] for one in visit_ids]
    assert days == ["11", "13", "15", "18", "20", "22"]
    changes = {"starts_on": "21 Jan 2027", "chair_id": ""}
    desk.press(move_form(desk, fifth), "See what it does", **changes)
    assert "Session 6 moves too." in desk.text
    assert "would be 1 day after session 5" in desk.text
    assert [where(app, one)[2] for one in (fifth, sixth)] == [1, 1]
    desk.press(desk.form("move"), "Accept, move 2 visits", **changes)
    assert "and 1 more of the series with it" in desk.text
    assert [where(app, one)[0][8:10] for one in (fifth, sixth)] == ["21", "23"]


def test_a_place_that_is_taken_is_refused_with_its_reason(
    app: Flask, clinic: Clinic, desk: Desk, visit_ids: tuple[int, ...]
) -> None:
    with app.app_context():
        chair_id = db.session.get_one(Visit, visit_ids[0]).chair_id
        starts = where(app, visit_ids[0])[0]
        query = clinic.query(1, single=True, wished_chair_id=chair_id)
        key = f"{chair_id}:2027-01-12T18:00Z"
        policy = Policy(undo_seconds=180)
        book(replace(clinic.booking(key, 1), query=query), clinic.anybody, now=NOW, policy=policy)
    assert starts.startswith("2027-01-11")
    changes = {"starts_on": "12 Jan 2027", "starts": "1:30 pm", "chair_id": str(chair_id)}
    answer = desk.press(move_form(desk, visit_ids[0]), "Accept", **changes)
    assert answer.status_code == 409
    assert "is taken" in desk.text
    assert desk.form("move").value("starts") == "1:30 pm"
    assert where(app, visit_ids[0])[2] == 1


@pytest.mark.parametrize(
    ("day", "time", "said"),
    [
        ("14 Mar 2027", "2:30 am", "There is no 2:30 am on Sun 14 Mar 2027"),
        ("7 Nov 2027", "1:30 am", "1:30 am on Sun 7 Nov 2027 comes twice"),
        ("3 Jan 2027", "9:00 am", "This day is past. Today is Mon 4 Jan 2027."),
        ("", "9:00 am", "Say the new day."),
        ("14 Jan 2027", "", "Say the new time."),
        ("14 Jan 2027", "25:00", "There is no such time."),
        ("Tue 14 Jan 2027", "9:00 am", "14 Jan 2027 is a Thursday."),
    ],
)
def test_a_time_that_cannot_be_is_refused_at_its_field(
    app: Flask, desk: Desk, last: int, day: str, time: str, said: str
) -> None:
    form = move_form(desk, last)
    answer = desk.press(form, "Accept", starts_on=day, starts=time, words="typed long")
    assert answer.status_code == 422
    assert said in desk.text
    assert desk.form("move").value("words") == "typed long"
    assert where(app, last)[2] == 1
    part = desk.post(f"/visits/{last}/move/preview", form.filled(starts_on=day, starts=time))
    assert said in text_of(part.text)
    assert "<html" not in part.text


def test_two_browsers_move_the_same_visit_and_the_second_is_told(
    app: Flask, clinic: Clinic, desk: Desk, last: int
) -> None:
    with app.app_context():
        other = Desk(app, add_staff(clinic.organisation_id, "provider", "Rae Rival"))
    mine, theirs = move_form(desk, last), move_form(other, last)
    other.press(theirs, "Accept", starts="1:00 pm", chair_id="")
    answer = desk.press(mine, "Accept", starts="2:00 pm", chair_id="", words="as agreed")
    assert answer.status_code == 409
    assert "Rae Rival changed it" in desk.text
    assert "1:00 pm" in desk.text
    kept = desk.form("move")
    assert (kept.value("starts"), kept.value("words")) == ("2:00 pm", "as agreed")
    assert where(app, last)[0].endswith("T13:00")
    desk.press(kept, "Accept")
    assert where(app, last)[0].endswith("T14:00")


def test_the_same_move_sent_twice_moves_once(app: Flask, desk: Desk, last: int) -> None:
    form = move_form(desk, last)
    for _ in range(2):
        desk.press(form, "Accept", starts="1:00 pm", chair_id="")
    assert where(app, last)[1:] == (1, 2)


def test_a_move_is_undone_and_the_patient_hears_of_neither(
    app: Flask, desk: Desk, last: int
) -> None:
    before = where(app, last)[0]
    desk.press(move_form(desk, last), "Accept", starts="1:00 pm", chair_id="")
    desk.press(desk.form(f"/visits/{last}/move/undo?version=2"), "Undo")
    assert "Undone. The visit is where it was before." in desk.text
    assert where(app, last)[0] == before
    with app.app_context():
        told = select(Outbox.facts).where(Outbox.visit_id == last, Outbox.state == "waiting")
        assert len(db.session.scalars(told.where(Outbox.method == "REQUEST")).all()) == 1
    desk.get(desk.post(f"/visits/{last}/move/undo?version=2").location)
    assert "This was not undone." in desk.text
    assert where(app, last)[0] == before


def test_the_minutes_of_one_visit_change_within_their_range(
    app: Flask, desk: Desk, last: int
) -> None:
    form = move_form(desk, last)
    names = [name for name, _ in form.fields if name.startswith("minutes_")]
    assert names
    desk.press(form, "Accept", **{names[0]: "999"})
    assert desk.page
    assert where(app, last)[2] == 1


def test_cancelling_asks_why_and_frees_the_place(app: Flask, desk: Desk, last: int) -> None:
    desk.get(f"/visits/{last}/move")
    open_elsewhere = desk.form("move")
    desk.get(f"/visits/{last}/cancel")
    form = desk.form(f"/visits/{last}/cancel")
    assert desk.press(form, "Cancel this visit", reason="x" * 500).status_code == 422
    desk.get(f"/visits/{last}/cancel")
    form = desk.form(f"/visits/{last}/cancel")
    desk.press(form, "Cancel this visit", reason_code="patient", reason="moved away")
    assert "is cancelled" in desk.text
    with app.app_context():
        assert db.session.get_one(Visit, last).state == "cancelled"
    again = desk.press(open_elsewhere, "Accept", starts="1:00 pm", version="2")
    assert again.status_code == 409
    assert "Only a visit that still lies ahead can be moved." in desk.text


@pytest.mark.parametrize("page", ["move", "cancel"])
def test_a_form_that_is_bound_to_fail_is_not_offered(
    app: Flask, desk: Desk, last: int, page: str
) -> None:
    with app.app_context(), transaction():
        db.session.get_one(Visit, last).state = "discharged"
    answer = desk.get(f"/visits/{last}/{page}")
    assert (answer.status_code, answer.location) == (302, f"/visits/{last}")
    desk.get(f"/visits/{last}")
    assert "This visit does not lie ahead." in desk.text


def test_cancelling_with_an_old_page_shows_what_changed(
    app: Flask, clinic: Clinic, desk: Desk, last: int
) -> None:
    desk.get(f"/visits/{last}/cancel")
    form = desk.form(f"/visits/{last}/cancel")
    with app.app_context():
        other = Desk(app, add_staff(clinic.organisation_id, "provider", "Rae Rival"))
    other.press(move_form(other, last), "Accept", starts="1:00 pm", chair_id="")
    answer = desk.press(form, "Cancel this visit", reason_code="clinic", reason="flood")
    assert answer.status_code == 409
    assert "Rae Rival changed it" in desk.text
    assert desk.form(f"/visits/{last}/cancel").value("reason") == "flood"


def test_a_single_booking_is_undone_while_nothing_has_left(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    with app.app_context():
        query = clinic.query(0, single=True)
        key = offer(query, clinic.anybody, now=NOW).plans[0].key
        policy = Policy(undo_seconds=180)
        wanted = replace(clinic.booking(key), query=query)
        (visit_id,) = book(wanted, clinic.anybody, now=NOW, policy=policy).visit_ids
    desk.get(f"/visits/{visit_id}")
    desk.get(desk.post(f"/visits/{visit_id}/undo?version=1").location)
    assert "Undone." in desk.text
    with app.app_context():
        assert db.session.get_one(Visit, visit_id).state == "cancelled"


class TestTheBoardsDrag:
    """JSON in, JSON out."""

    JSON = {"Accept": "application/json"}

    def test_a_drop_moves_the_visit(self, app: Flask, desk: Desk, last: int) -> None:
        desk.get(f"/visits/{last}")
        day = where(app, last)[0][:10]
        sent = {"chair_id": "", "starts_local": f"{day}T13:00", "version": 1, "token": new_token()}
        answer = desk.client.post(
            f"/visits/{last}/move",
            json={**sent, "reason": "Dropped"},
            headers={**self.JSON, "X-CSRFToken": desk.csrf()},
        )
        assert answer.status_code == 200, answer.text
        assert "Moved to" in answer.get_json()["note"]
        assert where(app, last)[0] == f"{day}T13:00"

    @pytest.mark.parametrize(
        ("starts", "status"),
        [
            ("2027-03-14T02:30", 422),
            ("2027-11-07T01:30", 422),
            ("2027-01-03T09:00", 422),
            ("soon", 422),
            ("2027-01-16T22:00", 409),
        ],
    )
    def test_a_drop_that_cannot_be_says_why(
        self, app: Flask, desk: Desk, last: int, starts: str, status: int
    ) -> None:
        desk.get(f"/visits/{last}")
        sent = {"chair_id": "", "starts_local": starts, "version": "1", "token": new_token()}
        answer = desk.post(f"/visits/{last}/move", sent, **self.JSON)
        assert answer.status_code == status
        assert answer.get_json()["message"]
        assert where(app, last)[2] == 1

    def test_a_drop_with_an_old_version_is_a_conflict(self, desk: Desk, last: int) -> None:
        desk.get(f"/visits/{last}")
        sent = {"starts_local": "2027-01-27T13:00", "version": "7", "token": new_token()}
        answer = desk.post(f"/visits/{last}/move", sent, **self.JSON)
        assert answer.status_code == 409

    def test_hovering_says_what_a_place_means(self, app: Flask, desk: Desk, last: int) -> None:
        day = where(app, last)[0][:10]
        url = f"/visits/{last}/move/preview?chair_id=&starts_local={day}T13:00&version=1"
        answer = desk.get(url, **self.JSON)
        assert answer.get_json()["allowed"] is True
        part = desk.get(url)
        assert "Before and after" in part.text
        assert "<html" not in part.text
        wrong = desk.get(f"/visits/{last}/move/preview?starts_local=never")
        assert wrong.status_code == 422
        assert "no place on the board" in text_of(wrong.text)


def test_another_clinic_finds_none_of_the_pages(app: Flask, last: int) -> None:
    with app.app_context():
        stranger = Desk(app, add_staff(make_clinic(patients=1).organisation_id, "manager"))
    for page in ("", "/move", "/cancel", "/move/preview?starts_local=2027-01-27T13:00"):
        assert stranger.get(f"/visits/{last}{page}").status_code == 404
    for page in ("/move", "/cancel", "/undo?version=1", "/move/preview"):
        assert stranger.post(f"/visits/{last}{page}", {}).status_code == 404
    with app.app_context():
        assert db.session.scalar(select(Visit.state).where(Visit.id == last)) == "booked"
