"""What patients answer on their own page, and what comes of it (domain F)."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask
from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Outbox, Recall
from scheduler.models.task import URGENT
from scheduler.services import attendance
from scheduler.services.attendance import Attendance
from scheduler.services.own import links, suspension
from scheduler.transaction import transaction
from tests.clinic import NOW, Clinic
from tests.own_pages import DRIVER, Phone, answers, minted, open_tasks, patient, visit


def test_naming_a_driver_confirms_and_says_thank_you(
    opened: Phone, visits: tuple[int, ...]
) -> None:
    opened.send("coming", driver_name="", driver_phone="")
    assert opened.status == 422
    assert "Write the name of the person who takes you home." in opened.text
    assert visit(visits[0]).state == "booked"

    opened.send("coming", **DRIVER)

    assert "Thank you. See you Monday at" in opened.text
    assert "Ben Lindholm is asked to be here at" in opened.text
    assert "Ben Lindholm picks you up" in opened.text
    one = visit(visits[0])
    assert (one.state, one.coming, one.driver_phone, one.driver_ok) == (
        "confirmed", "yes", "555-0123", True,
    )  # fmt: skip
    assert visit(visits[1]).state == "booked"
    assert len(answers("driver")) == len(answers("coming")) == 1


def test_the_same_form_twice_has_one_effect(opened: Phone) -> None:
    page = opened.page
    opened.send("coming", **DRIVER)
    opened.page = page
    opened.send("coming", **{**DRIVER, "driver_name": "Somebody else"})

    assert "This was sent already" in opened.text
    assert [one.facts["name"] for one in answers("driver")] == ["Ben Lindholm"]
    assert "Somebody else" not in opened.text


def test_steps_that_are_past_are_ticked_and_eating_means_calling(
    opened: Phone, visits: tuple[int, ...], clinic: Clinic, clock: time_machine.Traveller
) -> None:
    assert "past: Stop eating." not in opened.text
    clock.move_to(visit(visits[0]).arrives_at - timedelta(minutes=30))
    opened.prove(patient(clinic))

    assert "past: Stop eating." in opened.text
    assert "past: Arrive." not in opened.text
    assert "please call 555-0100 before you leave home." in opened.text


def test_a_yes_suspends_until_a_provider_has_looked(
    opened: Phone, visits: tuple[int, ...], clinic: Clinic
) -> None:
    opened.send("coming", **DRIVER)
    opened.send("changed", button="Tell the clinic")
    assert "Tick at least one" in opened.text

    opened.send("changed", button="Tell the clinic", changed=["pregnant", "medicines"])

    assert "Please call 555-0100 before your visit" in opened.text
    assert "Stop eating" not in opened.text
    assert visit(visits[0]).state == "booked"
    assert patient(clinic).suspended_why == "pregnant or may be, new medicine"
    (task,) = open_tasks("suspended")
    assert task.priority == URGENT
    waiting = db.session.scalars(select(Outbox.kind).where(Outbox.state == "waiting")).all()
    assert not set(waiting) & set(suspension.QUIET)
    assert list(waiting).count("call_us") == 1

    suspension.lift(
        patient(clinic).id, "Talked on the phone.", clinic.somebody("provider"), now=NOW
    )
    assert visit(visits[0]).state == "confirmed"
    assert not open_tasks("suspended")
    again = db.session.scalars(select(Outbox.kind).where(Outbox.state == "waiting")).all()
    assert "r4" in again
    assert "call_us" not in again


def test_nothing_has_changed_is_an_answer_too(opened: Phone, visits: tuple[int, ...]) -> None:
    opened.send("changed", button="Nothing has changed", changed=["ill"])

    assert "You told us that nothing has changed." in opened.text
    (answer,) = answers("changed")
    assert (answer.visit_id, answer.facts) == (visits[0], {"yes": []})


def test_after_a_visit_the_page_asks_how_it_is_and_a_call_is_one_button_away(
    app: Flask, visits: tuple[int, ...], clinic: Clinic, clock: time_machine.Traveller
) -> None:
    first = visit(visits[0])
    clock.move_to(first.leaves_at + timedelta(hours=1))
    done = Attendance(outcome="discharged", version=first.version)
    attendance.record(first.id, done, clinic.anybody, now=first.leaves_at)
    phone = Phone(app, minted(links.PAGE, first.id, kind="r9"))
    phone.prove(patient(clinic))
    assert "After your visit on Mon 11 Jan." in phone.text
    assert "Wednesday, 13 January" in phone.text

    phone.send("well", button="Please call me")
    assert "A nurse will call you." in phone.text
    assert "How are you?" not in phone.text
    assert [task.priority for task in open_tasks("nurse_call")] == [URGENT]
    phone.send("score")
    assert "Choose a number." in phone.text
    phone.send("score", score="7")
    assert "Your answer is with the clinic." in phone.text
    assert answers("score")[0].facts == {"score": 7}


def test_a_recall_is_answered_by_one_button(
    app: Flask, visits: tuple[int, ...], clinic: Clinic
) -> None:
    first = visit(visits[0])
    with transaction():
        recall = Recall(
            organisation_id=clinic.organisation_id,
            site_id=clinic.site_id,
            patient_id=first.patient_id,
            after_visit_id=first.id,
            protocol_version_id=first.protocol_version_id,
            phase="boosters",
            due_on=NOW.date(),
            created_at=NOW,
        )
        db.session.add(recall)
    phone = Phone(app, minted(links.PAGE, first.id, kind="r11"))
    phone.prove(patient(clinic))
    phone.send("recall", button="Please do not ask again")

    assert "We will not ask again." in phone.text
    db.session.rollback()
    assert db.session.scalar(select(Recall.state)) == "stopped"
