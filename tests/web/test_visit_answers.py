"""Answers that staff note: story 7 of domain I, a refused form; who lifts a suspension; the end of
links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Task, Visit
from scheduler.models.task import URGENT
from scheduler.services.booking import book
from scheduler.services.outgoing import escalations
from scheduler.services.own import links
from scheduler.services.proposals import offer
from tests.clinic import AT_ONCE, NOW, Clinic, make_clinic, wall
from tests.desk import Desk, add_staff
from tests.own_pages import Phone, minted

SATURDAY = date(2027, 1, 9)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    with app.app_context():
        return make_clinic()


@pytest.fixture
def visit_id(app: Flask, clinic: Clinic) -> int:
    """On Monday 11 January 2027; a driver is required."""
    with app.app_context():
        key = offer(clinic.query(), clinic.anybody, now=NOW).plans[0].key
        done = book(clinic.booking(key), clinic.anybody, now=NOW, policy=AT_ONCE)
        return done.visit_ids[0]


def urgent(app: Flask, visit_id: int) -> list[Task]:
    with app.app_context():
        rows = select(Task).where(Task.visit_id == visit_id, Task.state == "open")
        return [task for task in db.session.scalars(rows) if task.priority == URGENT]


def test_no_driver_two_days_before_is_urgent_and_a_call_completes_the_confirmation(
    app: Flask, visit_id: int, clinic: Clinic, clock: time_machine.Traveller
) -> None:
    at_three = wall(SATURDAY, 15)
    with app.app_context():
        escalations.open_due(now=at_three)
    (task,) = urgent(app, visit_id)
    assert task.due_at == at_three

    clock.move_to(at_three)
    with app.app_context():
        email = add_staff(clinic.organisation_id, "desk")
    desk = Desk(app, email)
    desk.get(f"/visits/{visit_id}")
    driver = desk.form(f"/visits/{visit_id}/driver")
    desk.press(driver, "Save", driver_name="Ben Lindholm", driver_phone="12")
    assert "Too short. Example: 555-0123" in desk.text
    driver = desk.form(f"/visits/{visit_id}/driver")
    desk.press(driver, "Save", driver_phone="555-0123")
    assert "Ben Lindholm takes the patient home." in desk.text
    desk.press(desk.form(f"/visits/{visit_id}/coming"), "Is coming")

    assert "Confirmed" in desk.text
    assert "told to Dana Front" in desk.text
    with app.app_context():
        assert db.session.get_one(Visit, visit_id).state == "confirmed"
    assert urgent(app, visit_id) == []


def test_only_a_provider_lifts_what_an_answer_suspended(
    app: Flask, visit_id: int, clinic: Clinic
) -> None:
    with app.app_context():
        emails = [add_staff(clinic.organisation_id, role) for role in ("desk", "provider")]
    desk, provider = (Desk(app, email) for email in emails)
    patient_id = clinic.patient_ids[0]
    desk.get(f"/visits/{visit_id}")
    desk.press(desk.form(f"/visits/{visit_id}/changed"), "Note what changed", changed=["ill"])

    for page in (f"/visits/{visit_id}", f"/patients/{patient_id}"):
        desk.get(page)
        assert "The patient said: feels ill or has a fever." in desk.text
        assert "Lift" not in desk.text
    assert desk.post(f"/patients/{patient_id}/lift", {"why": "Fine"}).status_code == 403

    provider.get(f"/visits/{visit_id}")
    provider.press(provider.form(f"/patients/{patient_id}/lift"), "Lift", why="No fever any more")
    assert "Answers count again" in provider.text
    assert "A provider must look" not in provider.text


def test_the_desk_ends_every_link_that_was_sent(app: Flask, visit_id: int, clinic: Clinic) -> None:
    with app.app_context():
        token, email = minted(links.PAGE, visit_id), add_staff(clinic.organisation_id, "desk")
    phone = Phone(app, token)
    assert phone.get().status_code == 200

    desk, patient_id = Desk(app, email), clinic.patient_ids[0]
    desk.get(f"/patients/{patient_id}")
    desk.press(desk.form(f"/patients/{patient_id}/links/end"), "End all links")
    assert "No link that was sent opens any more." in desk.text
    assert phone.get().status_code == 404
