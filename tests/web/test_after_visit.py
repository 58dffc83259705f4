"""The desk records that a patient came, prints what they take home, and works the recalls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from scheduler.extensions import db
from scheduler.models import Closure, Recall, Visit
from scheduler.services import booking, proposals
from scheduler.transaction import transaction
from tests.clinic import AT_ONCE, NOW, Clinic, make_clinic
from tests.desk import Desk, add_staff
from tests.page_forms import forms_on


@pytest.fixture
def clinic(app: Flask) -> Iterator[Clinic]:
    """With a booked series; the clock stands after its first visit."""
    with app.app_context():
        made = make_clinic()
        offer = proposals.offer(made.query(), made.anybody, now=NOW)
        booking.book(made.booking(offer.plans[0].key), made.anybody, now=NOW, policy=AT_ONCE)
        first = db.session.query(Visit).order_by(Visit.starts_at).first()
        assert first is not None
        after = first.leaves_at + timedelta(minutes=5)
    with time_machine.travel(after, tick=True):
        yield made


def visit_ids(app: Flask) -> list[int]:
    with app.app_context():
        return [one for (one,) in db.session.query(Visit.id).order_by(Visit.starts_at)]


def test_done_is_recorded_printed_and_taken_back(app: Flask, desk: Desk, clinic: Clinic) -> None:
    first, second, *_ = visit_ids(app)
    desk.get(f"/visits/{second}")
    assert "What happened" not in desk.text
    desk.get(f"/visits/{first}")
    form = next(one for one in forms(desk) if one.endswith(f"/visits/{first}/attendance"))
    press(desk, form, "discharged")
    assert "Recorded: the visit is done." in desk.text
    desk.get(f"/visits/{first}/after")
    assert "Do not drive before" in desk.text
    assert "After your appointment" in desk.text
    desk.get(f"/visits/{first}")
    press(desk, form, "undone")
    assert "Taken back." in desk.text


def forms(desk: Desk) -> list[str]:
    return [form.action for form in forms_on(desk.page).values()]


def press(desk: Desk, action: str, outcome: str) -> None:
    (form,) = [one for one in forms_on(desk.page).values() if one.action == action]
    answer = desk.post(action, {**form.filled(), "outcome": [outcome]})
    desk.get(answer.location)


def test_the_letter_tells_every_date_in_the_patient_s_language(
    app: Flask, desk: Desk, clinic: Clinic
) -> None:
    patient = clinic.patient_ids[0]
    desk.get(f"/patients/{patient}/letter")
    assert desk.text.count("arrive at") == 5
    assert "Someone must take you home." in desk.text
    assert "call Cedar House: 555-0100" in desk.text
    with app.app_context(), transaction():
        db.session.query(Visit).first().patient.language = "es"  # type: ignore[union-attr]
    desk.get(f"/patients/{patient}/letter")
    assert '<html lang="es">' in desk.page
    assert "Sus citas" in desk.text


def test_a_recall_is_worked_from_its_list(app: Flask, desk: Desk, clinic: Clinic) -> None:
    last = visit_ids(app)[-1]
    with app.app_context(), transaction():
        visit = db.session.get_one(Visit, last)
        recall = Recall(
            organisation_id=clinic.organisation_id,
            site_id=clinic.site_id,
            patient_id=visit.patient_id,
            after_visit_id=visit.id,
            protocol_version_id=visit.protocol_version_id,
            phase="booster",
            due_on=NOW.date() - timedelta(days=20),
            overdue_on=NOW.date() - timedelta(days=6),
            created_at=NOW,
        )
        db.session.add(recall)
        db.session.flush()
        recall_id = recall.id
    desk.get("/tasks/recalls")
    assert "days overdue" in desk.text
    action = f"/tasks/recalls/{recall_id}"
    sent = {"say": "stop", "why": "", "version": "1"}
    assert desk.post(action, sent).status_code == 422
    assert "Say in a few words why" in desk.text
    assert desk.post(action, {**sent, "why": "moved away"}).status_code == 302
    desk.get("/tasks/recalls")
    assert "Nobody is due" in desk.text


def test_who_is_booked_under_a_closure_is_told_by_a_press(app: Flask, clinic: Clinic) -> None:
    with app.app_context():
        email = add_staff(clinic.organisation_id, "manager")
        second = db.session.get_one(Visit, visit_ids(app)[1])
        with transaction():
            closure = Closure(
                organisation_id=clinic.organisation_id,
                site_id=clinic.site_id,
                starts_at=second.starts_at,
                ends_at=second.leaves_at,
                reason="Snow",
            )
            db.session.add(closure)
            db.session.flush()
            closure_id = closure.id
    manager = Desk(app, email)
    manager.get(f"/setup/closures/{closure_id}/visits")
    manager.press(manager.form("tell"), "Tell them")
    assert "1 patient is told." in manager.text
    assert "told" in manager.text
