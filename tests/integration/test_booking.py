"""Booking on real databases: whole or not at all, exactly what was offered, once per form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from scheduler.errors import ChairTaken, Invalid, NotAllowed, NotFound, OutsideRule, PatientBusy
from scheduler.extensions import db
from scheduler.models import ChairClaim, Outbox, PatientClaim, Series, Visit, VisitHistory
from scheduler.services.actor import command_line
from scheduler.services.booking import book
from scheduler.services.proposals import offer
from scheduler.services.series_query import GapChange
from tests.clinic import AT_ONCE, MONDAY, NOW, Clinic, make_clinic


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Clinic]:
    with ground.app_context():
        yield make_clinic()


def best_key(clinic: Clinic, patient: int = 0, /, **changes: Any) -> str:
    return offer(clinic.query(patient, **changes), clinic.anybody, now=NOW).plans[0].key


def how_many(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_three_plans_are_offered_and_sound_different(clinic: Clinic) -> None:
    plans = offer(clinic.query(), clinic.anybody, now=NOW).plans
    assert len(plans) == 3
    assert len({plan.title for plan in plans}) == 3
    assert all(len(plan.listing) == 6 for plan in plans)


def test_every_offered_plan_books(clinic: Clinic) -> None:
    for place in range(3):
        plan = offer(clinic.query(), clinic.anybody, now=NOW).plans[place]
        booked = book(clinic.booking(plan.key), clinic.anybody, now=NOW, policy=AT_ONCE)
        assert len(booked.visit_ids) == 6
        db.session.rollback()
        _forget_everything()


def _forget_everything() -> None:
    from scheduler.transaction import transaction

    with transaction():
        for table in reversed(db.metadata.sorted_tables):
            if table.name in {
                "chair_claims", "patient_claims", "visit_history", "outbox", "tasks", "visits",
                "series", "form_tokens", "audit",
            }:  # fmt: skip
                db.session.execute(table.delete())


def test_a_booked_series_has_claims_history_and_one_version(clinic: Clinic) -> None:
    booked = book(clinic.booking(best_key(clinic)), clinic.anybody, now=NOW, policy=AT_ONCE)
    series = db.session.get_one(Series, booked.series_id)
    assert (series.status, series.count, series.version) == ("active", 6, 1)
    assert how_many(ChairClaim) == how_many(PatientClaim) == how_many(VisitHistory) == 6
    visits = db.session.scalars(select(Visit).order_by(Visit.number)).all()
    assert [visit.number for visit in visits] == [1, 2, 3, 4, 5, 6]
    assert {visit.state for visit in visits} == {"booked"}
    assert len({visit.uid for visit in visits}) == 6
    assert visits[0].starts_on >= MONDAY
    assert visits[0].local_starts.startswith(visits[0].starts_on.isoformat())


def test_the_first_visit_is_longer_than_the_others(clinic: Clinic) -> None:
    book(clinic.booking(best_key(clinic)), clinic.anybody, now=NOW, policy=AT_ONCE)
    visits = db.session.scalars(select(Visit).order_by(Visit.number)).all()
    lengths = [(visit.chair_until - visit.starts_at) // timedelta(minutes=1) for visit in visits]
    assert lengths == [120, 105, 105, 105, 105, 105]


def test_the_same_form_sent_twice_books_once_and_gets_the_same_answer(clinic: Clinic) -> None:
    request = clinic.booking(best_key(clinic))
    first = book(request, clinic.anybody, now=NOW, policy=AT_ONCE)
    again = book(request, clinic.anybody, now=NOW, policy=AT_ONCE)
    assert again.repeated
    assert (again.series_id, again.visit_ids) == (first.series_id, first.visit_ids)
    assert how_many(Visit) == 6


def test_a_plan_whose_place_was_taken_books_nothing(clinic: Clinic) -> None:
    key = best_key(clinic, 0)
    book(clinic.booking(key, 0), clinic.anybody, now=NOW, policy=AT_ONCE)
    with pytest.raises(ChairTaken, match="Nothing was booked"):
        book(clinic.booking(key, 1), clinic.anybody, now=NOW, policy=AT_ONCE)
    assert how_many(Visit) == 6
    assert how_many(Outbox) == db.session.scalar(
        select(func.count()).where(Outbox.patient_id == clinic.patient_ids[0])
    )


def test_a_series_whose_last_visit_collides_books_none_of_the_others(clinic: Clinic) -> None:
    key = best_key(clinic, 0)
    last = key.split(",")[-1]
    single: dict[str, Any] = {"single": True, "phase": "induction"}
    book(clinic.booking(last, 1, **single), clinic.anybody, now=NOW, policy=AT_ONCE)
    before = how_many(Visit)
    with pytest.raises(ChairTaken):
        book(clinic.booking(key, 0), clinic.anybody, now=NOW, policy=AT_ONCE)
    assert how_many(Visit) == before == 1
    assert how_many(Series) == 0


def test_one_patient_cannot_have_two_series_on_the_same_days(clinic: Clinic) -> None:
    first = offer(clinic.query(), clinic.anybody, now=NOW).plans[0]
    book(clinic.booking(first.key), clinic.anybody, now=NOW, policy=AT_ONCE)
    other_chair = first.key.replace(f"{clinic.chair_ids[0]}:", f"{clinic.chair_ids[1]}:")
    with pytest.raises((PatientBusy, OutsideRule)):
        book(clinic.booking(other_chair), clinic.anybody, now=NOW, policy=AT_ONCE)


def test_more_visits_than_the_template_plans_need_an_order_and_a_reason(clinic: Clinic) -> None:
    with pytest.raises(Invalid) as refused:
        offer(clinic.query(count=8, reason="slow response"), clinic.anybody, now=NOW)
    assert refused.value.field == "ordered_by"
    with pytest.raises(Invalid) as refused:
        offer(clinic.query(count=8, ordered_by="Dr Achter"), clinic.anybody, now=NOW)
    assert refused.value.field == "reason"
    with pytest.raises(Invalid) as refused:
        offer(clinic.query(count=11, ordered_by="Dr Achter", reason="x"), clinic.anybody, now=NOW)
    assert refused.value.field == "count"


def test_seven_to_ten_visits_are_booked_at_once_where_an_order_says_so(clinic: Clinic) -> None:
    query: dict[str, Any] = {"count": 7, "ordered_by": "Dr Achter", "reason": "slow response"}
    key = best_key(clinic, **query)
    booked = book(clinic.booking(key, **query), clinic.anybody, now=NOW, policy=AT_ONCE)
    series = db.session.get_one(Series, booked.series_id)
    assert len(booked.visit_ids) == 7
    assert series.overrides[0]["what"] == "count"
    assert "Dr Achter" in series.overrides[0]["who"]
    assert series.overrides[0]["why"] == "slow response"


def test_minutes_within_the_range_change_the_visits_that_have_one(clinic: Clinic) -> None:
    query: dict[str, Any] = {"minutes": {"infusion": 50}, "reason": "ordered"}
    plan = offer(clinic.query(**query), clinic.anybody, now=NOW).plans[0]
    stays = [(visit.leaves_at - visit.starts_at) // timedelta(minutes=1) for visit in plan.listing]
    assert stays == [105, 100, 100, 100, 100, 100]
    with pytest.raises(Invalid) as refused:
        offer(clinic.query(minutes={"infusion": 90}, reason="x"), clinic.anybody, now=NOW)
    assert refused.value.field == "infusion"


def test_only_a_provider_may_go_beyond_the_gaps_of_the_template(clinic: Clinic) -> None:
    wider = clinic.query(gap=GapChange(least=1), reason="ordered")
    with pytest.raises(NotAllowed):
        offer(wider, clinic.somebody("desk"), now=NOW)
    assert offer(wider, clinic.somebody("provider"), now=NOW).plans
    narrower = clinic.query(gap=GapChange(least=3), reason="patient's work")
    assert offer(narrower, clinic.somebody("desk"), now=NOW).plans


def test_a_single_booster_keeps_its_distance_from_the_series(clinic: Clinic) -> None:
    plan = offer(clinic.query(), clinic.anybody, now=NOW).plans[0]
    book(clinic.booking(plan.key), clinic.anybody, now=NOW, policy=AT_ONCE)
    booster = clinic.query(phase="booster")
    offered = offer(booster, clinic.anybody, now=NOW).plans[0].listing
    assert len(offered) == 1
    assert (offered[0].on - plan.listing[-1].on).days >= 7


def test_wishes_that_are_firm_are_kept_by_every_plan(clinic: Clinic) -> None:
    query = clinic.query(weekdays=frozenset({1, 3}), away=frozenset({MONDAY + timedelta(days=1)}))
    for plan in offer(query, clinic.anybody, now=NOW).plans:
        assert {visit.on.weekday() for visit in plan.listing} <= {1, 3}
        assert MONDAY + timedelta(days=1) not in {visit.on for visit in plan.listing}


def test_a_wished_time_is_named_among_the_reasons(clinic: Clinic) -> None:
    plan = offer(clinic.query(wished_start=time(14)), clinic.anybody, now=NOW).plans[0]
    assert any("wished 2:00" in reason for reason in plan.pros)


def test_a_start_in_the_past_is_refused_at_its_field(clinic: Clinic) -> None:
    with pytest.raises(Invalid) as refused:
        offer(clinic.query(earliest_on=MONDAY - timedelta(days=30)), clinic.anybody, now=NOW)
    assert refused.value.field == "earliest_on"


def test_another_organisation_s_patient_is_as_good_as_missing(clinic: Clinic) -> None:
    stranger = command_line(clinic.organisation_id + 1)
    with pytest.raises(NotFound):
        offer(clinic.query(), stranger, now=NOW)
    with pytest.raises(NotFound):
        book(clinic.booking("1:2027-01-11T14:00Z"), stranger, now=NOW, policy=AT_ONCE)


@pytest.mark.parametrize(
    "nonsense",
    ["", "x", "1:", ":", "1:2027-01-11", "1:2027-13-45T99:00Z", "٣:2027-01-11T14:00Z", "1" * 9999],
)
def test_a_plan_that_nobody_offered_is_refused(clinic: Clinic, nonsense: str) -> None:
    with pytest.raises(Invalid):
        book(clinic.booking(nonsense), clinic.anybody, now=NOW, policy=AT_ONCE)
    assert how_many(Visit) == 0


def test_a_plan_of_our_own_making_is_held_to_every_rule(clinic: Clinic) -> None:
    key = best_key(clinic)
    five = ",".join(key.split(",")[:5])
    with pytest.raises(Invalid):
        book(clinic.booking(five), clinic.anybody, now=NOW, policy=AT_ONCE)
    shifted = replace(
        clinic.booking(key), plan_key=key.replace("T14:", "T03:").replace("T13:", "T03:")
    )
    with pytest.raises((OutsideRule, Invalid)):
        book(shifted, clinic.anybody, now=NOW, policy=AT_ONCE)
    assert how_many(Visit) == 0


def test_without_chairs_the_answer_is_a_reason_and_not_an_error(ground: Flask) -> None:
    with ground.app_context():
        empty = make_clinic(chairs=0)
        offered = offer(empty.query(), empty.anybody, now=NOW)
        assert not offered.plans
        assert offered.stopped is not None
        assert offered.stopped.sentence
