"""A visit that goes on in a recovery bay: both places are its own, on real databases (domain C)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from scheduler.errors import NeedsConfirmation, PlaceTaken
from scheduler.extensions import db
from scheduler.models import Chair, ChairClaim, Visit, VisitHistory
from scheduler.planning.opening import local
from scheduler.planning.utilisation import Slice
from scheduler.services import board, booking, chairs, closures, proposals, reports
from scheduler.services.cancelling import CancelRequest, cancel
from scheduler.services.chairs import ChairRequest
from scheduler.services.closed_over import opening
from scheduler.services.closures import ClosureRequest
from scheduler.services.moving import MoveRequest, move
from scheduler.services.plan_key import Choice, write
from scheduler.services.reports import Period
from scheduler.transaction import transaction
from tests.clinic import AT_ONCE, MONDAY, NEW_YORK, NOW, Clinic, make_clinic, new_token, wall

PATIENCE = 60


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Clinic]:
    """One chair and one bay; patients enough."""
    with ground.app_context():
        made = make_clinic(chairs=1, nurses=4, patients=4)
        add_bay(made, "Bay 1")
        yield made


def add_bay(clinic: Clinic, name: str) -> int:
    asked = ChairRequest(name=name, kind="bay", in_service=True, position=90)
    return chairs.add(clinic.site_id, asked, clinic.anybody, now=NOW)


def bay_ids(clinic: Clinic) -> list[int]:
    rows = select(Chair.id).where(Chair.kind == "bay", Chair.site_id == clinic.site_id)
    return list(db.session.scalars(rows.order_by(Chair.id)))


def book(clinic: Clinic, patient: int, at: datetime, chair: int = 0) -> Visit:
    """One visit on that chair, as the desk books it."""
    key = write([Choice(clinic.chair_ids[chair], at)])
    request = clinic.booking(key, patient, single=True)
    booked = booking.book(request, clinic.anybody, now=NOW, policy=AT_ONCE)
    return db.session.get_one(Visit, booked.visit_ids[0])


def held(visit: Visit) -> dict[int, tuple[int, int]]:
    """Place -> minutes from the visit's start, from and until."""
    rows = db.session.scalars(select(ChairClaim).where(ChairClaim.visit_id == visit.id))
    return {row.chair_id: (since(visit, row.starts_at), since(visit, row.ends_at)) for row in rows}


def since(visit: Visit, at: datetime) -> int:
    return (at - visit.starts_at) // timedelta(minutes=1)


def first_length(visit: Visit) -> int:
    return since(visit, visit.chair_until)


def fill(clinic: Clinic) -> tuple[Visit, Visit]:
    """A visit at noon, and one before it that has to leave the chair for it."""
    later = book(clinic, 0, wall(MONDAY, 12))
    return later, book(clinic, 1, wall(MONDAY, 12) - timedelta(minutes=first_length(later) - 15))


def test_a_visit_goes_on_in_a_bay_only_where_its_chair_is_needed_again(clinic: Clinic) -> None:
    later, visit = fill(clinic)
    (bay,) = bay_ids(clinic)
    assert (later.bay_id, visit.bay_id) == (None, bay)
    assert list(held(later)) == [clinic.chair_ids[0]]
    spans = held(visit)
    chair_until, bay_from = spans[clinic.chair_ids[0]][1], spans[bay][0]
    assert spans[clinic.chair_ids[0]][0] == 0
    assert chair_until == bay_from + 15
    assert spans[bay][1] == first_length(visit)
    last = db.session.scalars(select(VisitHistory).where(VisitHistory.visit_id == visit.id)).one()
    assert (last.chair_id, last.bay_id) == (clinic.chair_ids[0], bay)


def test_what_is_offered_names_the_bay_and_books(clinic: Clinic) -> None:
    book(clinic, 0, wall(MONDAY, 12))
    asked = clinic.query(1, single=True, latest_on=MONDAY, wished_start=time(10, 30))
    plan = proposals.offer(asked, clinic.anybody, now=NOW).plans[0]
    assert "then Bay 1" in plan.where
    request = clinic.booking(plan.key, 1, single=True, latest_on=MONDAY, wished_start=time(10, 30))
    booked = booking.book(request, clinic.anybody, now=NOW, policy=AT_ONCE)
    assert db.session.get_one(Visit, booked.visit_ids[0]).place == "Chair 1, then Bay 1"


def test_a_cancelled_visit_gives_both_places_back_and_without_a_bay_nobody_takes_them(
    clinic: Clinic,
) -> None:
    _, visit = fill(clinic)
    starts_at = visit.starts_at
    closed = ClosureRequest(
        chair_id=visit.bay_id, starts_at=wall(MONDAY, 8), ends_at=wall(MONDAY, 17), reason="Paint"
    )
    cancel_now(clinic, visit)
    assert held(visit) == {}
    closures.add(clinic.site_id, closed, clinic.anybody, consent=opening(NOW))
    with pytest.raises(PlaceTaken):
        book(clinic, 2, starts_at)
    assert db.session.scalar(select(func.count(ChairClaim.visit_id))) == 1


def cancel_now(clinic: Clinic, visit: Visit) -> None:
    asked = CancelRequest(reason_code="patient", version=visit.version, token=new_token())
    cancel(visit.id, asked, clinic.anybody, now=NOW, policy=AT_ONCE)


def test_a_move_gives_the_bay_back_or_takes_one(clinic: Clinic) -> None:
    later, visit = fill(clinic)
    to_nine = to(visit, time(8))
    move([to_nine], new_token(), clinic.anybody, now=NOW, policy=AT_ONCE)
    db.session.expire_all()
    assert visit.bay_id is None
    assert list(held(visit)) == [clinic.chair_ids[0]]
    back = to(visit, local(NEW_YORK, later.starts_at - timedelta(minutes=90)).time())
    move([back], new_token(), clinic.anybody, now=NOW, policy=AT_ONCE)
    db.session.expire_all()
    assert [visit.bay_id] == bay_ids(clinic)
    assert set(held(visit)) == {clinic.chair_ids[0], visit.bay_id}


def to(visit: Visit, at: time, **changes: Any) -> MoveRequest:
    asked = {"visit_id": visit.id, "starts_on": MONDAY, "starts": at, "version": visit.version}
    return MoveRequest(**{**asked, **changes})


def test_the_database_itself_refuses_a_bay_to_two_visits(clinic: Clinic) -> None:
    _, visit = fill(clinic)
    other = book(clinic, 2, wall(MONDAY, 14))
    row = ChairClaim(
        organisation_id=clinic.organisation_id,
        visit_id=other.id,
        chair_id=visit.bay_id,
        starts_at=visit.leaves_at - timedelta(minutes=1),
        ends_at=visit.leaves_at,
    )
    with pytest.raises(IntegrityError, match="ex_chair_claims_overlap"), transaction():
        db.session.add(row)


def test_of_two_visits_at_once_for_the_last_bay_one_wins_whole(ground: Flask) -> None:
    with ground.app_context():
        clinic = make_clinic(chairs=2, nurses=4, patients=4)
        (bay,) = [add_bay(clinic, "Bay 1")]
        for chair in (0, 1):
            later = book(clinic, chair, wall(MONDAY, 12), chair)
        at = later.starts_at - timedelta(minutes=first_length(later) - 15)
        db.session.remove()
    ready, answers = threading.Barrier(2), []

    def run(number: int) -> None:
        with ground.app_context():
            ready.wait(PATIENCE)
            try:
                book(clinic, 2 + number, at, number)
                answers.append("booked")
            except PlaceTaken:
                answers.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(answers) == ["booked", "refused"]
    with ground.app_context():
        assert db.session.scalar(select(func.count(Visit.id))) == 3
        taken = select(ChairClaim).where(ChairClaim.chair_id == bay)
        assert len(db.session.scalars(taken).all()) == 1


def test_closing_a_bay_shows_who_recovers_there(clinic: Clinic) -> None:
    _, visit = fill(clinic)
    closed = ClosureRequest(
        chair_id=visit.bay_id, starts_at=wall(MONDAY, 8), ends_at=wall(MONDAY, 17), reason="Paint"
    )
    with pytest.raises(NeedsConfirmation) as asks:
        closures.add(clinic.site_id, closed, clinic.anybody, consent=opening(NOW))
    assert asks.value.visit_ids == (visit.id,)
    (bay,) = bay_ids(clinic)
    out = ChairRequest(name="Bay 1", kind="bay", in_service=False, position=90)
    with pytest.raises(NeedsConfirmation) as asks:
        chairs.change(bay, out, clinic.anybody, version=1, consent=opening(NOW))
    assert asks.value.visit_ids == (visit.id,)


def test_the_board_shows_the_chair_and_then_the_bay(clinic: Clinic) -> None:
    _, visit = fill(clinic)
    shown = board.board(clinic.site_id, MONDAY, clinic.anybody, week=False, now=NOW)
    (block,) = [one for one in shown.days[0].on_board if one.id == visit.id]
    assert block.place == visit.place == "Chair 1, then Bay 1"
    assert block.bay_span is not None
    spans = held(visit)
    assert since(visit, block.chair_span.ends_at) == spans[clinic.chair_ids[0]][1]
    assert (since(visit, block.bay_span.starts_at), since(visit, block.bay_span.ends_at)) == spans[
        bay_ids(clinic)[0]
    ]
    assert shown.next_free is None or shown.next_free.chair_name != "Bay 1"


def test_utilisation_counts_chair_and_bay_each_for_itself(clinic: Clinic) -> None:
    later, visit = fill(clinic)
    period = Period(site_id=clinic.site_id, first_on=MONDAY, last_on=MONDAY)
    chair, (bay,) = clinic.chair_ids[0], bay_ids(clinic)

    def figure(only: Slice) -> tuple[int, int]:
        total = reports.utilisation(period, only, clinic.anybody, now=NOW).total
        rows = reports.visits_behind(period, only, clinic.anybody)
        assert sum(row.minutes.booked for row in rows) == total.booked
        return total.open, total.booked

    on_chair = first_length(later) + held(visit)[chair][1]
    assert figure(Slice()) == figure(Slice(chair_id=chair)) == (540, on_chair)
    begins, ends = held(visit)[bay]
    assert figure(Slice(chair_id=bay)) == (540, ends - begins)


def test_a_bay_alone_is_no_place_to_start(clinic: Clinic) -> None:
    (bay,) = bay_ids(clinic)
    request = clinic.booking(write([Choice(bay, wall(MONDAY, 9))]), 0, single=True)
    with pytest.raises(PlaceTaken, match="Bay 1 is a recovery bay"):
        booking.book(request, clinic.anybody, now=NOW, policy=AT_ONCE)
    offered = proposals.offer(clinic.query(0, single=True), clinic.anybody, now=NOW)
    assert not any("Bay" in plan.where for plan in offered.plans)
