"""Others take other chairs so that a visit fits: shown first, part of the move, told to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

import pytest
from flask import Flask
from sqlalchemy import select

from scheduler.errors import ChairTaken
from scheduler.extensions import db
from scheduler.models import ChairClaim, Outbox, Visit, VisitHistory
from scheduler.services.booking import book
from scheduler.services.move_preview import preview
from scheduler.services.moving import MoveRequest, move
from scheduler.services.proposals import offer
from tests.clinic import AT_ONCE, NOW, Clinic, make_clinic, new_token

TUESDAY = date(2027, 1, 12)


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Clinic]:
    with ground.app_context():
        yield make_clinic(chairs=2, nurses=4, patients=3)


def visit_at(clinic: Clinic, patient: int, on: date, at: time, chair: int) -> Visit:
    wish = {"single": True, "earliest_on": on, "latest_on": on, "wished_start": at}
    plan = offer(clinic.query(patient, **wish), clinic.anybody, now=NOW).plans[0]
    booking = clinic.booking(plan.key, patient, **wish)
    booked = book(booking, clinic.anybody, now=NOW, policy=AT_ONCE)
    visit = db.session.get_one(Visit, booked.visit_ids[0])
    to = MoveRequest(
        visit_id=visit.id,
        starts_on=on,
        starts=at,
        chair_id=clinic.chair_ids[chair - 1],
        version=visit.version,
        reason="Clinic asked",
    )
    move([to], new_token(), clinic.anybody, now=NOW, policy=AT_ONCE)
    db.session.expire_all()
    return db.session.get_one(Visit, visit.id)


def to_nine(visit: Visit, reseat: bool = False) -> MoveRequest:
    return MoveRequest(
        visit_id=visit.id,
        starts_on=TUESDAY,
        starts=time(9),
        version=visit.version,
        reason="Patient asked",
        reseat=reseat,
    )


def three_visits(clinic: Clinic) -> tuple[Visit, Visit, Visit]:
    """The first holds chair 1 until 10:00 am, the second chair 2 from 10:30 am; the third shall go
    to 9:00 am, for two hours."""
    early = visit_at(clinic, 0, TUESDAY, time(8), 1)
    late = visit_at(clinic, 1, TUESDAY, time(10, 30), 2)
    third = visit_at(clinic, 2, date(2027, 1, 13), time(9), 1)
    return early, late, third


def test_it_is_shown_how_many_change_chairs_and_nothing_changes(clinic: Clinic) -> None:
    early, late, third = three_visits(clinic)
    answer = preview(to_nine(third), clinic.somebody("desk"), now=NOW)
    assert not answer.allowed
    assert answer.reseats == 1
    db.session.expire_all()
    assert (early.chair_id, late.chair_id) == clinic.chair_ids


def test_without_the_word_for_it_no_chair_changes(clinic: Clinic) -> None:
    *_, third = three_visits(clinic)
    with pytest.raises(ChairTaken, match="Nothing was moved"):
        move([to_nine(third)], new_token(), clinic.anybody, now=NOW, policy=AT_ONCE)


def test_the_move_changes_chairs_in_one_act_and_tells_the_others_nothing(clinic: Clinic) -> None:
    early, late, third = three_visits(clinic)
    told = _messages(early, late)
    times = (early.starts_at, late.starts_at)
    wanted = to_nine(third, reseat=True)
    move([wanted], new_token(), clinic.anybody, now=NOW, policy=AT_ONCE)
    db.session.expire_all()
    assert (early.starts_at, late.starts_at) == times
    assert early.chair_id == late.chair_id != third.chair_id
    assert _messages(early, late) == told
    claims = {one.visit_id: one.chair_id for one in db.session.scalars(select(ChairClaim))}
    assert claims == {one.id: one.chair_id for one in (early, late, third)}
    changed = late if late.version > 2 else early
    rows = db.session.scalars(select(VisitHistory).where(VisitHistory.visit_id == changed.id))
    assert "Another chair" in rows.all()[-1].reason


def _messages(*visits: Visit) -> set[int]:
    rows = select(Outbox.id).where(
        Outbox.visit_id.in_([visit.id for visit in visits]), Outbox.method.is_not(None)
    )
    return set(db.session.scalars(rows))
