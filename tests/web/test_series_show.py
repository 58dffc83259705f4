"""One series by its page: its line, its rules, what was sent, undo and cancel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from config import Settings
from scheduler.extensions import db
from scheduler.models import ChairClaim, Outbox, Series, Visit
from scheduler.services.booking import book
from scheduler.services.policy import Policy
from scheduler.services.proposals import offer
from scheduler.transaction import transaction
from tests.clinic import NOW, Clinic, make_clinic
from tests.desk import Desk, add_staff


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def app_settings(app_settings: Settings) -> Settings:
    return replace(app_settings, undo_seconds=180)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    with app.app_context():
        return make_clinic()


@pytest.fixture
def series_id(app: Flask, clinic: Clinic) -> int:
    """Six visits, booked a moment ago; their mails wait for three minutes."""
    with app.app_context():
        key = offer(clinic.query(), clinic.anybody, now=NOW).plans[0].key
        policy = Policy(undo_seconds=180)
        booked = book(clinic.booking(key), clinic.anybody, now=NOW, policy=policy)
        assert booked.series_id is not None
        return booked.series_id


def states(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Visit.state).order_by(Visit.number)))


def test_the_page_shows_visits_rules_and_what_was_sent(desk: Desk, series_id: int) -> None:
    assert desk.get(f"/series/{series_id}").status_code == 200
    for said in ("All gaps between 2 and 7 days", "At most 3 in 7 days", "Mon 11 Jan", "Chair 1"):
        assert said in desk.text
    assert desk.text.count("Booked") >= 6
    assert "What was sent" in desk.text
    assert "New York time" in desk.text


def test_the_title_of_the_page_names_no_patient(desk: Desk, series_id: int) -> None:
    page = desk.get(f"/series/{series_id}").text
    title = page[page.index("<title>") : page.index("</title>")]
    assert "Pat1" not in title


def test_undo_takes_everything_back_and_no_mail_leaves(
    app: Flask, desk: Desk, series_id: int, clinic: Clinic
) -> None:
    desk.get(f"/series/{series_id}")
    answer = desk.post(f"/series/{series_id}/undo?version=1")
    assert answer.status_code == 302
    desk.get(answer.location)
    assert "Undone. Nothing is booked, and no message leaves." in desk.text
    assert states(app) == ["cancelled"] * 6
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ChairClaim)) == 0
        assert db.session.scalar(select(func.count()).where(Outbox.state == "waiting")) == 0


def test_undo_is_refused_once_something_has_left(app: Flask, desk: Desk, series_id: int) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Outbox).values(state="sent", sent_at=NOW))
    desk.get(f"/series/{series_id}")
    desk.get(desk.post(f"/series/{series_id}/undo?version=1").location)
    assert "This was not undone." in desk.text
    assert states(app) == ["booked"] * 6


def test_undo_is_refused_when_somebody_changed_the_series(
    app: Flask, desk: Desk, series_id: int
) -> None:
    with app.app_context(), transaction():
        db.session.get_one(Series, series_id).version = 2
    desk.get(f"/series/{series_id}")
    desk.get(desk.post(f"/series/{series_id}/undo?version=1").location)
    assert "This was not undone." in desk.text
    assert states(app) == ["booked"] * 6


def test_cancelling_asks_why_and_tells_the_patient(app: Flask, desk: Desk, series_id: int) -> None:
    desk.get(f"/series/{series_id}/cancel")
    form = desk.form(f"/series/{series_id}/cancel")
    answer = desk.press(form, "Cancel all six visits ahead", reason="<b>moves away</b>")
    assert answer.status_code == 422
    assert "Say why." in desk.text
    kept = desk.form(f"/series/{series_id}/cancel")
    assert kept.value("reason") == "<b>moves away</b>"
    desk.press(kept, "Cancel all six visits ahead", reason_code="patient")
    assert "Six visits are cancelled." in desk.text
    assert states(app) == ["cancelled"] * 6


def test_cancelling_a_series_that_changed_meanwhile_asks_again(
    app: Flask, desk: Desk, series_id: int
) -> None:
    desk.get(f"/series/{series_id}/cancel")
    form = desk.form(f"/series/{series_id}/cancel")
    with app.app_context(), transaction():
        db.session.get_one(Series, series_id).version = 2
    answer = desk.press(form, "Cancel all six", reason_code="clinic", reason="flood")
    assert answer.status_code == 409
    assert "Somebody changed this series" in desk.text
    assert states(app) == ["booked"] * 6
    kept = desk.form(f"/series/{series_id}/cancel")
    assert (kept.value("reason"), kept.value("reason_code")) == ("flood", "clinic")
    desk.press(kept, "Cancel all six")
    assert states(app) == ["cancelled"] * 6


def test_a_series_whose_visits_are_past_offers_no_change(
    app: Flask, clinic: Clinic, series_id: int, monday_at_ten: time_machine.Traveller
) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Visit).values(state="discharged"))
    monday_at_ten.move_to(NOW + timedelta(days=60))
    with app.app_context():
        desk = Desk(app, add_staff(clinic.organisation_id, "desk"))
    desk.get(f"/series/{series_id}")
    assert "Discharged" in desk.text
    assert "Move a visit" not in desk.text
    assert "Cancel series" not in desk.text


def test_another_clinic_does_not_see_the_series(app: Flask, series_id: int) -> None:
    with app.app_context():
        other = make_clinic(patients=1)
        stranger = Desk(app, add_staff(other.organisation_id, "manager"))
    for url in (f"/series/{series_id}", f"/series/{series_id}/cancel", "/series/999999"):
        assert stranger.get(url).status_code == 404
    assert stranger.post(f"/series/{series_id}/undo?version=1").status_code == 404
    assert stranger.post(f"/series/{series_id}/cancel", {}).status_code == 404
    assert states(app) == ["booked"] * 6


def test_a_nurse_sees_the_series_and_cannot_change_it(
    app: Flask, clinic: Clinic, series_id: int
) -> None:
    with app.app_context():
        nurse = Desk(app, add_staff(clinic.organisation_id, "nurse"))
    nurse.get(f"/series/{series_id}")
    assert "Mon 11 Jan" in nurse.text
    assert "Cancel series" not in nurse.text
    assert nurse.get(f"/series/{series_id}/cancel").status_code == 403
    assert nurse.post(f"/series/{series_id}/cancel", {}).status_code == 403
