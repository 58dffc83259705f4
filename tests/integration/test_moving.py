"""Moves and cancellations: claims, history, versions, messages and the rest of the series."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from scheduler.errors import (
    ChairTaken,
    IllegalChange,
    Invalid,
    NotAllowed,
    OutsideRule,
    PlaceTaken,
    Stale,
)
from scheduler.extensions import db
from scheduler.models import ChairClaim, Outbox, Visit, VisitHistory
from scheduler.planning.opening import local
from scheduler.services.booking import book
from scheduler.services.cancelling import CancelRequest, cancel, cancel_series
from scheduler.services.move_preview import preview
from scheduler.services.moving import MoveRequest, move
from scheduler.services.proposals import offer
from tests.clinic import AT_ONCE, MONDAY, NEW_YORK, NOW, Clinic, make_clinic, new_token


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Clinic]:
    with ground.app_context():
        yield make_clinic(chairs=2, nurses=4)


def booked_series(clinic: Clinic, patient: int = 0, **changes: Any) -> list[Visit]:
    plan = offer(clinic.query(patient, **changes), clinic.anybody, now=NOW).plans[0]
    request = clinic.booking(plan.key, patient, **changes)
    booked = book(request, clinic.anybody, now=NOW, policy=AT_ONCE)
    rows = select(Visit).where(Visit.id.in_(booked.visit_ids)).order_by(Visit.number)
    return list(db.session.scalars(rows))


def to(visit: Visit, on: date, at: time, **changes: Any) -> MoveRequest:
    asked: dict[str, Any] = {
        "visit_id": visit.id,
        "starts_on": on,
        "starts": at,
        "version": visit.version,
    }
    return MoveRequest(**{**asked, **changes})


def where(visit: Visit) -> tuple[date, time]:
    wall = local(NEW_YORK, visit.starts_at)
    return wall.date(), wall.time()


def move_now(clinic: Clinic, *requests: MoveRequest, role: str = "desk") -> None:
    move(list(requests), new_token(), clinic.somebody(role), now=NOW, policy=AT_ONCE)


def fresh(visit: Visit) -> Visit:
    db.session.rollback()
    return db.session.get_one(Visit, visit.id, populate_existing=True)


def test_a_move_later_on_the_same_day_changes_claims_history_and_sequence(clinic: Clinic) -> None:
    third = booked_series(clinic)[2]
    on, _ = where(third)
    move_now(clinic, to(third, on, time(14), reason="patient asked"))
    moved = fresh(third)
    assert where(moved) == (on, time(14))
    assert (moved.sequence, moved.version, moved.state) == (1, 2, "booked")
    claim = db.session.scalars(select(ChairClaim).where(ChairClaim.visit_id == moved.id)).one()
    assert (claim.starts_at, claim.ends_at) == (moved.starts_at, moved.chair_until)
    last = db.session.scalars(
        select(VisitHistory).where(VisitHistory.visit_id == moved.id).order_by(VisitHistory.id)
    ).all()[-1]
    assert (last.by_name, last.reason) == ("A desk", "patient asked")


def test_two_visits_swap_their_times_in_one_transaction(clinic: Clinic) -> None:
    mine, theirs = booked_series(clinic, 0)[0], booked_series(clinic, 1)[0]
    here, there = (where(mine), mine.chair_id), (where(theirs), theirs.chair_id)
    assert here != there
    move_now(
        clinic,
        to(mine, *there[0], chair_id=there[1], override=True, reason="swap"),
        to(theirs, *here[0], chair_id=here[1], override=True, reason="swap"),
        role="provider",
    )
    mine, theirs = fresh(mine), fresh(theirs)
    assert (where(mine), mine.chair_id) == there
    assert (where(theirs), theirs.chair_id) == here


def test_a_cascade_in_which_each_visit_takes_the_next_ones_place_passes(ground: Flask) -> None:
    with ground.app_context():
        clinic = make_clinic(chairs=1, nurses=4, patients=4)
        single = {"single": True, "phase": "induction"}
        row = [booked_series(clinic, patient, **single)[0] for patient in range(4)]
        places = [where(visit) for visit in row]
        free = (MONDAY + timedelta(days=8), time(14))
        targets = [*places[1:], free]
        move_now(clinic, *(to(v, *place) for v, place in zip(row, targets, strict=True)))
        assert [where(fresh(visit)) for visit in row] == targets


def test_if_one_of_several_moves_fails_none_happens(clinic: Clinic) -> None:
    first, second = booked_series(clinic, 0)[0], booked_series(clinic, 1)[0]
    before = [where(first), where(second)]
    on, _ = where(first)
    with pytest.raises(PlaceTaken):
        move_now(clinic, to(first, on, time(14)), to(second, on, time(3)))
    assert [where(fresh(first)), where(fresh(second))] == before
    assert fresh(first).version == 1


def test_a_taken_place_is_refused_with_its_chair_and_time(clinic: Clinic) -> None:
    mine, theirs = booked_series(clinic, 0)[0], booked_series(clinic, 1)[0]
    with pytest.raises(ChairTaken, match=r"Chair \d is taken .* Nothing was moved"):
        move_now(clinic, to(mine, *where(theirs), chair_id=theirs.chair_id))


def test_a_move_that_breaks_the_least_gap_is_the_providers_alone(clinic: Clinic) -> None:
    visits = booked_series(clinic)
    fourth, fifth = visits[3], visits[4]
    day_before = fifth.starts_on - timedelta(days=1)
    request = to(fourth, day_before, time(14), reason="patient travels", override=True)
    with pytest.raises(OutsideRule, match="The least gap is 2 days"):
        move_now(clinic, request)
    move_now(clinic, request, role="provider")
    assert where(fresh(fourth))[0] == day_before


def test_the_preview_names_the_broken_rule_and_changes_nothing(clinic: Clinic) -> None:
    visits = booked_series(clinic)
    request = to(visits[3], visits[4].starts_on - timedelta(days=1), time(14))
    shown = preview(request, clinic.somebody("desk"), now=NOW)
    assert not shown.allowed
    assert shown.needs_provider
    assert "Session 5" in shown.broken[0]
    assert fresh(visits[3]).version == 1


def test_a_page_that_is_out_of_date_moves_nothing(clinic: Clinic) -> None:
    visit = booked_series(clinic)[5]
    on, _ = where(visit)
    request = to(visit, on, time(14))
    move_now(clinic, request)
    with pytest.raises(Stale):
        move_now(clinic, request)


def test_the_same_move_form_twice_moves_once(clinic: Clinic) -> None:
    visit = booked_series(clinic)[5]
    request, token = to(visit, visit.starts_on, time(14)), new_token()
    move([request], token, clinic.anybody, now=NOW, policy=AT_ONCE)
    again = move([request], token, clinic.anybody, now=NOW, policy=AT_ONCE)
    assert again.repeated
    assert fresh(visit).sequence == 1


def test_another_length_needs_a_reason_and_stays_within_the_range(clinic: Clinic) -> None:
    visit = booked_series(clinic)[1]
    longer = {"infusion": 60}
    with pytest.raises(Invalid) as refused:
        move_now(clinic, to(visit, *where(visit), minutes=longer))
    assert refused.value.field == "reason"
    with pytest.raises(Invalid) as refused:
        move_now(clinic, to(visit, *where(visit), minutes={"infusion": 300}, reason="x"))
    assert refused.value.field == "infusion"
    move_now(clinic, to(visit, *where(visit), minutes=longer, reason="ordered"))
    changed = fresh(visit)
    assert changed.chair_until - changed.starts_at == timedelta(minutes=125)
    assert changed.overrides[0]["who"] == "A desk"


def test_another_length_is_previewed_with_the_time_it_would_end(clinic: Clinic) -> None:
    visit = booked_series(clinic)[1]
    as_it_is = preview(to(visit, visit.starts_on, time(14)), clinic.anybody, now=NOW)
    longer = to(visit, visit.starts_on, time(14), minutes={"infusion": 60})
    assert as_it_is.stay == "1:45 pm to 3:30 pm"
    assert preview(longer, clinic.anybody, now=NOW).stay == "1:45 pm to 3:50 pm"
    too_long = to(visit, visit.starts_on, time(14), minutes={"infusion": 300})
    assert "40 to 60 minutes" in (preview(too_long, clinic.anybody, now=NOW).refusal or "")


def test_a_booster_is_lengthened_within_its_own_profile(clinic: Clinic) -> None:
    visits = booked_series(clinic)
    booster = booked_series(clinic, phase="booster")[0]
    assert booster.starts_on > visits[-1].starts_on
    move_now(clinic, to(booster, *where(booster), minutes={"infusion": 60}, reason="ordered"))
    changed = fresh(booster)
    assert changed.chair_until - changed.starts_at == timedelta(minutes=125)


def test_a_cancelled_visit_gives_its_place_back_at_once(clinic: Clinic) -> None:
    visits = booked_series(clinic)
    ended = CancelRequest(reason_code="patient", reason="travels", version=1, token=new_token())
    answer = cancel(visits[2].id, ended, clinic.anybody, now=NOW, policy=AT_ONCE)
    gone = fresh(visits[2])
    assert (gone.state, gone.sequence) == ("cancelled", 1)
    assert db.session.scalars(select(ChairClaim).where(ChairClaim.visit_id == gone.id)).all() == []
    assert not [one for one in answer.broken if "least" in one]
    other = booked_series(clinic, 1, wished_chair_id=gone.chair_id)
    assert gone.starts_on in {visit.starts_on for visit in other}


def test_a_cancelled_visit_cannot_be_moved_or_cancelled_again(clinic: Clinic) -> None:
    visit = booked_series(clinic)[2]
    ended = CancelRequest(reason_code="clinic", version=1, token=new_token())
    cancel(visit.id, ended, clinic.anybody, now=NOW, policy=AT_ONCE)
    again = CancelRequest(reason_code="clinic", version=2, token=new_token())
    with pytest.raises(IllegalChange):
        cancel(visit.id, again, clinic.anybody, now=NOW, policy=AT_ONCE)
    with pytest.raises(IllegalChange):
        move_now(clinic, to(fresh(visit), visit.starts_on, time(14)))


def test_a_late_cancellation_says_so_in_the_history(clinic: Clinic) -> None:
    visit = booked_series(clinic)[0]
    shortly_before = visit.starts_at - timedelta(hours=3)
    ended = CancelRequest(reason_code="patient", reason="ill", version=1, token=new_token())
    cancel(visit.id, ended, clinic.anybody, now=shortly_before, policy=AT_ONCE)
    last = fresh(visit).history[-1]
    assert (last.reason, last.reason_code) == ("Late: ill", "patient")


def test_a_series_is_cancelled_in_one_act(clinic: Clinic) -> None:
    visits = booked_series(clinic)
    ended = CancelRequest(reason_code="patient", reason="stops", version=1, token=new_token())
    assert visits[0].series_id is not None
    cancel_series(visits[0].series_id, ended, clinic.anybody, now=NOW, policy=AT_ONCE)
    assert {fresh(visit).state for visit in visits} == {"cancelled"}
    assert db.session.scalars(select(ChairClaim)).all() == []


def test_undo_before_anything_left_sends_nothing_at_all(clinic: Clinic) -> None:
    visits = booked_series(clinic)
    undo = CancelRequest(
        reason_code="clinic", reason="Undo", version=1, token=new_token(), only_unsent=True
    )
    assert visits[0].series_id is not None
    cancel_series(visits[0].series_id, undo, clinic.anybody, now=NOW, policy=AT_ONCE)
    waiting = db.session.scalars(select(Outbox).where(Outbox.state == "waiting")).all()
    assert waiting == []


def test_the_nurse_may_look_but_not_move(clinic: Clinic) -> None:
    visit = booked_series(clinic)[0]
    with pytest.raises(NotAllowed):
        move_now(clinic, to(visit, visit.starts_on, time(14)), role="nurse")


@pytest.mark.parametrize("spring_or_autumn", [date(2027, 3, 13), date(2027, 11, 6)])
def test_a_series_across_a_change_of_clocks_keeps_its_wall_times(
    ground: Flask, spring_or_autumn: date
) -> None:
    with ground.app_context():
        clinic = make_clinic()
        now = datetime.combine(spring_or_autumn, time(12), NEW_YORK) - timedelta(days=3)
        query = clinic.query(
            earliest_on=spring_or_autumn - timedelta(days=2),
            wished_start=time(8),
            weekdays=frozenset({0, 2, 4}),
        )
        listing = offer(query, clinic.anybody, now=now).plans[0].listing
        assert {local(NEW_YORK, visit.starts_at).time() for visit in listing} == {time(8)}
        assert len({visit.starts_at.time() for visit in listing}) == 2
