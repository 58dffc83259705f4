"""What patients answer on their own page, and what comes of it (domain F)."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Outbox
from scheduler.models.task import URGENT
from scheduler.services import suspension
from tests.clinic import NOW, Clinic
from tests.own_pages import DRIVER, Phone, answers, open_tasks, patient, visit


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
