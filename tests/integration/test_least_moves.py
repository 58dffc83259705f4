"""A move that breaks the series: the smallest legal change is shown, and done in one act."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from scheduler.errors import Invalid, Stale
from scheduler.extensions import db
from scheduler.models import Outbox, Visit
from scheduler.planning.opening import local
from scheduler.services import least_moves
from scheduler.services.booking import book
from scheduler.services.move_preview import MovePreview, preview
from scheduler.services.moving import MoveRequest, move
from scheduler.services.outgoing.letters import letter
from scheduler.services.outgoing.outbox_facts import facts_of
from scheduler.services.proposals import offer
from scheduler.transaction import transaction
from tests.clinic import AT_ONCE, NEW_YORK, NOW, Clinic, make_clinic, new_token

THURSDAY = date(2027, 1, 21)


@pytest.fixture(scope="session")
def engine_name() -> str:
    """The stricter one; the pages' tests go the same ways on SQLite."""
    return "postgresql"


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Clinic]:
    with ground.app_context():
        yield make_clinic(chairs=3, nurses=4)


def series_of(clinic: Clinic, *weekdays: int) -> list[Visit]:
    """Mon 11, Wed 13, Fri 15, Mon 18, Wed 20, Fri 22 January 2027 at 9:00 am."""
    query = clinic.query(wished_start=time(9), weekdays=frozenset(weekdays))
    plan = offer(query, clinic.anybody, now=NOW).plans[0]
    booking = clinic.booking(plan.key, wished_start=time(9), weekdays=frozenset(weekdays))
    booked = book(booking, clinic.anybody, now=NOW, policy=AT_ONCE)
    visits = [db.session.get_one(Visit, one) for one in booked.visit_ids]
    assert [visit.starts_on.day for visit in visits] == [11, 13, 15, 18, 20, 22]
    return visits


def to(visit: Visit, on: date, at: time = time(9)) -> MoveRequest:
    return MoveRequest(
        visit_id=visit.id, starts_on=on, starts=at, version=visit.version, reason="Patient asked"
    )


def shown(clinic: Clinic, request: MoveRequest) -> MovePreview:
    return preview(request, clinic.somebody("desk"), now=NOW)


def days_of(visits: list[Visit]) -> list[int]:
    db.session.expire_all()
    return [db.session.get_one(Visit, visit.id).starts_on.day for visit in visits]


def test_the_smallest_change_is_shown_with_what_forces_it_and_changes_nothing(
    clinic: Clinic,
) -> None:
    visits = series_of(clinic)
    answer = shown(clinic, to(visits[4], THURSDAY))
    assert answer.needs_provider
    assert answer.least.words == (
        (6, "Session 6 on Fri 22 Jan would be 1 day after session 5. The least gap is 2 days."),
    )
    assert [(row.label, row.moved) for row in answer.rows][-2:] == [("5", True), ("6", True)]
    assert [(row.gap_was, row.gap) for row in answer.rows][-2:] == [(2, 3), (2, 2)]
    assert days_of(visits) == [11, 13, 15, 18, 20, 22]


def test_all_of_it_moves_in_one_act_and_one_message_lists_the_new_dates(clinic: Clinic) -> None:
    visits = series_of(clinic)
    _as_if_told()
    request = to(visits[4], THURSDAY)
    also = least_moves.read(shown(clinic, request).least.key, request)
    move([request, *also], new_token(), clinic.somebody("desk"), now=NOW, policy=AT_ONCE)
    assert days_of(visits) == [11, 13, 15, 18, 21, 23]
    (digest,) = db.session.scalars(
        select(Outbox).where(Outbox.kind == "digest", Outbox.state == "waiting")
    )
    text = letter(facts_of(digest, now=NOW))
    news = next(block for block in text.blocks if "have a new time" in " ".join(block.paragraphs))
    assert [item[:10] for item in news.items] == ["Thu 21 Jan", "Sat 23 Jan"]


def _as_if_told() -> None:
    """What was queued for the booking has left."""
    with transaction():
        for row in db.session.scalars(select(Outbox).where(Outbox.state == "waiting")):
            row.state, row.sent_at = "sent", NOW


def test_who_refused_saturdays_gets_other_days(clinic: Clinic) -> None:
    visits = series_of(clinic, 0, 1, 2, 3, 4)
    answer = shown(clinic, to(visits[4], THURSDAY))
    dates = [local(NEW_YORK, one.after.starts_at).date() for one in answer.least.moves]
    assert dates == [date(2027, 1, 25)]


def test_a_legal_move_moves_nothing_else(clinic: Clinic) -> None:
    visits = series_of(clinic)
    answer = shown(clinic, to(visits[5], date(2027, 1, 23)))
    assert answer.allowed
    assert answer.least.moves == ()


def test_where_no_change_is_legal_the_reason_is_said(clinic: Clinic) -> None:
    visits = series_of(clinic)
    after_the_first = visits[0].leaves_at + timedelta(days=1)
    late = to(visits[5], date(2027, 3, 1))
    answer = preview(late, clinic.somebody("desk"), now=after_the_first)
    assert not answer.allowed
    assert answer.least.moves == ()
    assert "No place keeps every rule" in answer.least.reason


def test_a_plan_that_somebody_else_has_changed_meanwhile_is_refused_whole(clinic: Clinic) -> None:
    visits = series_of(clinic)
    request = to(visits[4], THURSDAY)
    also = least_moves.read(shown(clinic, request).least.key, request)
    later = to(visits[5], date(2027, 1, 23), time(10))
    move([later], new_token(), clinic.anybody, now=NOW, policy=AT_ONCE)
    with pytest.raises(Stale):
        move([request, *also], new_token(), clinic.anybody, now=NOW, policy=AT_ONCE)
    assert days_of(visits) == [11, 13, 15, 18, 20, 23]


@pytest.mark.parametrize("key", ["x", "1.2.3", "1.1.2027-13-45T09:00.1", "a.b.c.d"])
def test_a_key_that_was_tampered_with_is_refused_in_words(clinic: Clinic, key: str) -> None:
    visits = series_of(clinic)
    with pytest.raises(Invalid, match="Look at it again"):
        least_moves.read(key, to(visits[0], THURSDAY))
