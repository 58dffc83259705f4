"""A provider's vacation, 1 to 5 February: who is left, who is cleared, what is offered then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from scheduler.errors import NeedsConfirmation
from scheduler.extensions import db
from scheduler.models import Chair, Site, Task, Visit
from scheduler.planning.opening import CoverSpan
from scheduler.planning.visit import Part, VisitShape
from scheduler.services import cover, daybooks, staffing
from scheduler.services.booking import book
from scheduler.services.closed_over import Consent
from scheduler.services.proposals import offer
from scheduler.services.staffing import StaffRequest
from scheduler.transaction import transaction
from tests import factories as make
from tests.clinic import AT_ONCE, NOW, Clinic, make_clinic, wall

FIRST = date(2027, 2, 1)
"""A Monday."""
IRON = VisitShape(
    parts=(
        Part(name="infusion", minutes=60, nurse=((60, 25),)),
        Part(name="turnaround", minutes=15),
    )
)
DAY = timedelta(days=1)


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Clinic]:
    """One provider; 14 sedating visits from 1 to 5 February, 4 around it, 2 without sedation."""
    with ground.app_context():
        found = make_clinic(chairs=4, nurses=4)
        week = [CoverSpan(day, time(8), time(17), 1) for day in range(6)]
        was = cover.fingerprint(cover.providers(found.site_id, found.anybody))
        cover.set_providers(found.site_id, week, found.anybody, was=was, consent=consent())
        for on, sedating in ((-3, 2), (0, 4), (1, 3), (2, 3), (3, 2), (4, 2), (7, 2)):
            fill(found, FIRST + DAY * on, sedating, make.MOOD)
        fill(found, FIRST + DAY, 2, IRON, "13:00")
        yield found


def fill(clinic: Clinic, on: date, number: int, shape: VisitShape, at: str = "09:00") -> None:
    with transaction():
        site = db.session.get_one(Site, clinic.site_id)
        for chair_id in clinic.chair_ids[:number]:
            make.make_visit(site, db.session.get_one(Chair, chair_id), on, at, shape=shape)


def consent(*accepted: int) -> Consent:
    return Consent(accepted=frozenset(accepted), why="The provider is away.", now=NOW)


def change(number: int, first: date, until: date) -> StaffRequest:
    """Whole days, `until` not included."""
    return StaffRequest(
        role="provider", starts_at=wall(first, 0), ends_at=wall(until, 0), number=number, who="Dr."
    )


def vacation(clinic: Clinic, *accepted: int) -> tuple[int, ...]:
    away = change(-1, FIRST, FIRST + DAY * 5)
    return staffing.add(clinic.site_id, away, clinic.anybody, consent=consent(*accepted))[1]


def asked_for_vacation(clinic: Clinic) -> NeedsConfirmation:
    with pytest.raises(NeedsConfirmation) as asked:
        vacation(clinic)
    return asked.value


def calls() -> list[date]:
    """The days of visits that wait for a call."""
    rows = select(Visit.starts_on).join(Task, Task.visit_id == Visit.id)
    return sorted(db.session.scalars(rows.where(Task.state == "open")))


def test_the_vacation_lists_fourteen_sedating_visits(clinic: Clinic) -> None:
    asked = asked_for_vacation(clinic)
    assert asked.why == ("14 sedating visits would have no provider on site.",)
    days = db.session.scalars(select(Visit.starts_on).where(Visit.id.in_(asked.visit_ids)))
    assert {FIRST + DAY * n for n in range(5)} == set(days)


def test_a_stand_in_for_three_days_clears_ten_and_four_wait_for_a_call(clinic: Clinic) -> None:
    assert len(vacation(clinic, *asked_for_vacation(clinic).visit_ids)) == 14
    assert len(calls()) == 14
    stand_in = change(1, FIRST, FIRST + DAY * 3)
    staffing.add(clinic.site_id, stand_in, clinic.anybody, consent=consent())
    assert calls() == [FIRST + DAY * n for n in (3, 3, 4, 4)]


def test_who_has_a_stand_in_first_is_asked_about_four(clinic: Clinic) -> None:
    stand_in = change(1, FIRST, FIRST + DAY * 3)
    staffing.add(clinic.site_id, stand_in, clinic.anybody, consent=consent())
    assert len(asked_for_vacation(clinic).visit_ids) == 4


def test_new_visits_are_refused_then_and_offered_on_other_days(clinic: Clinic) -> None:
    vacation(clinic, *asked_for_vacation(clinic).visit_ids)
    days = [FIRST + DAY * n for n in range(5)]
    site = db.session.get_one(Site, clinic.site_id)
    for on, day in daybooks.load(site, days).items():
        rules = {one.rule for one in day.refusals(make.MOOD, clinic.chair_ids[3], wall(on, 14))}
        assert rules == {"H9"}
        assert not day.free(make.MOOD)
        assert day.free(IRON)  # nothing sedating: no provider needed
    offered = offer(clinic.query(earliest_on=FIRST), clinic.anybody, now=NOW).plans
    booked = book(
        clinic.booking(offered[0].key, earliest_on=FIRST), clinic.anybody, now=NOW, policy=AT_ONCE
    )
    rows = select(Visit.starts_on).where(Visit.id.in_(booked.visit_ids))
    assert min(db.session.scalars(rows)) == FIRST + DAY * 5  # the Saturday after
