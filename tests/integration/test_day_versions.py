"""A plan knows the days it was made from: unchanged it books; changed, the desk is told so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from scheduler.errors import PlaceTaken
from scheduler.extensions import db
from scheduler.models import Visit
from scheduler.services import plan_key
from scheduler.services.booking import book
from scheduler.services.proposals import offer
from tests.clinic import AT_ONCE, MONDAY, NOW, Clinic, make_clinic


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Clinic]:
    with ground.app_context():
        yield make_clinic(patients=8)


def test_a_plan_of_unchanged_days_always_books_however_full_they_are(clinic: Clinic) -> None:
    for place in range(8):
        wishes = {"wished_start": time(8 + place), "earliest_on": MONDAY + timedelta(days=place)}
        plans = offer(clinic.query(place, **wishes), clinic.anybody, now=NOW).plans
        key = plans[place % len(plans)].key
        request = clinic.booking(key, place, **wishes)
        assert len(book(request, clinic.anybody, now=NOW, policy=AT_ONCE).visit_ids) == 6
        db.session.rollback()


def test_a_plan_that_was_overtaken_is_refused_whole_and_says_that_the_days_changed(
    clinic: Clinic,
) -> None:
    keys = [offer(clinic.query(n), clinic.anybody, now=NOW).plans[0].key for n in (0, 1)]
    assert keys[0] == keys[1]
    book(clinic.booking(keys[0], 0), clinic.anybody, now=NOW, policy=AT_ONCE)
    with pytest.raises(PlaceTaken) as refused:
        book(clinic.booking(keys[1], 1), clinic.anybody, now=NOW, policy=AT_ONCE)
    assert refused.value.days_changed is True
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 6


def test_a_plan_refused_for_another_reason_is_not_blamed_on_the_days(clinic: Clinic) -> None:
    key = offer(clinic.query(0), clinic.anybody, now=NOW).plans[0].key
    noon = NOW + timedelta(hours=3)
    late = clinic.booking(key, 0, earliest_on=MONDAY + timedelta(days=3))
    with pytest.raises(PlaceTaken) as refused:
        book(late, clinic.anybody, now=noon, policy=AT_ONCE)
    assert refused.value.days_changed is False


def test_a_key_without_versions_or_with_nonsense_is_read_all_the_same() -> None:
    plain = "3:2027-01-13T14:00Z"
    assert plan_key.made_from(plain) is None
    assert plan_key.made_from(f"{plain}@7.x") is None
    assert plan_key.made_from(f"{plain}@7.2") == (7, 2)
    assert plan_key.read(f"{plain}@7.x") == plan_key.read(plain)
    assert plan_key.write(plan_key.read(plain), (7, 2)) == f"{plain}@7.2"
