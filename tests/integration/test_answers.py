"""Answers and links on both engines: what is locked, counted and settled there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from scheduler.extensions import db
from scheduler.models import Visit
from scheduler.services.booking import book
from scheduler.services.own import answers, link_gate, links, suspension
from scheduler.services.own.answer_rows import Driver
from scheduler.services.own.answers import Asked
from scheduler.services.plan_key import Choice, write
from tests.clinic import AT_ONCE, MONDAY, NOW, Clinic, make_clinic, new_token, wall
from tests.own_pages import minted

DATES = tuple(MONDAY + timedelta(days=days) for days in (0, 2, 4, 7, 9, 11))


def asked(visit_id: int) -> Asked:
    db.session.rollback()
    visit = db.session.get_one(Visit, visit_id)
    return Asked(visit_id=visit_id, version=visit.version, token=new_token())


def state(visit_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Visit, visit_id).state


def first_of_series(clinic: Clinic) -> int:
    chosen = write([Choice(clinic.chair_ids[0], wall(on, 9)) for on in DATES])
    wanted = clinic.booking(chosen, earliest_on=MONDAY)
    return book(wanted, clinic.anybody, now=NOW, policy=AT_ONCE).visit_ids[0]


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Clinic]:
    with ground.app_context():
        yield make_clinic()


def test_a_link_opens_confirms_suspends_and_is_lifted(clinic: Clinic) -> None:
    visit_id = first_of_series(clinic)
    link = link_gate.opened(minted(links.PAGE, visit_id), links.PAGE, now=NOW)
    assert link_gate.try_birth_date(link, date(1978, 3, 9), now=NOW).left == 4
    assert link_gate.try_birth_date(link, date(1951, 1, 5), now=NOW).right

    person = answers.by_link(link)
    ben = Driver(name="Ben Lindholm", phone="555-0123", may_text=True)
    assert answers.coming(asked(visit_id), ben, person, now=NOW)
    assert state(visit_id) == "confirmed"
    assert answers.changed(asked(visit_id), ["pressure"], person, now=NOW)
    assert state(visit_id) == "booked"
    suspension.lift(clinic.patient_ids[0], "Measured", clinic.somebody("provider"), now=NOW)
    assert state(visit_id) == "confirmed"
    assert answers.not_coming(asked(visit_id), person, now=NOW)
    assert state(visit_id) == "booked"
