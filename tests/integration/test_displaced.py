"""A closure over booked visits: patients are told when a person says so (R13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from flask import Flask

from scheduler.extensions import db
from scheduler.models import Closure
from scheduler.services.outgoing import displaced, escalations
from scheduler.transaction import transaction
from tests.clinic import NEW_YORK, wall
from tests.post_office import DATES, PostOffice, post_office


@pytest.fixture(scope="session")
def engine_name() -> str:
    """The stricter one: it compares no JSON."""
    return "postgresql"


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as running:
        yield running


def test_patients_under_a_closure_are_told_when_somebody_says_so(office: PostOffice) -> None:
    visits = office.book_series()
    manager = office.clinic.somebody("manager")
    with transaction():
        closure = Closure(
            organisation_id=office.clinic.organisation_id,
            site_id=office.clinic.site_id,
            starts_at=wall(DATES[1], 0),
            ends_at=wall(DATES[2] + timedelta(days=1), 0),
            reason="Snow",
        )
        db.session.add(closure)
        db.session.flush()
        closure_id = closure.id
    there = displaced.affected(closure_id, manager, now=office.now)
    assert [visit.id for visit in there] == [visits[1].id, visits[2].id]
    assert office.rows("r13") == []
    ids = [visit.id for visit in there]
    assert displaced.tell(closure_id, ids, manager, now=office.now) == 1
    assert displaced.tell(closure_id, ids, manager, now=office.now) == 0
    (row,) = office.rows("r13", state="waiting")
    assert f"{row.due_at.astimezone(NEW_YORK):%a %d %b %H:%M}" == "Mon 04 Jan 10:00"
    assert len(office.tasks("displaced", "planned")) == 2
    office.move(visits[1], date(2027, 1, 12), time(9))
    office.now += timedelta(hours=2)
    escalations.open_due(now=office.now)
    assert [task.visit_id for task in office.tasks("displaced")] == [visits[2].id]
