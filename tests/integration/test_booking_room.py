"""A new series that fits only after others change chairs: offered so, booked whole in one act."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from scheduler.errors import PlaceTaken
from scheduler.extensions import db
from scheduler.models import ChairClaim, Outbox, Series, Visit, VisitHistory
from scheduler.planning.request import TimeWindow
from scheduler.services.booking import Booked, book
from scheduler.services.proposals import OfferedWayOut, offer
from scheduler.transaction import transaction
from tests.clinic import AT_ONCE, NOW, Clinic, make_clinic

RIVALS = 4
PATIENCE = 60
FIRM: dict[str, Any] = {"latest_on": date(2027, 1, 22), "weekdays": frozenset({0, 2, 4})}
AT_NINE = {**FIRM, "window": TimeWindow(starts_from=time(9), starts_until=time(9, 5))}


@pytest.fixture
def clinic(ground: Flask) -> Iterator[Clinic]:
    """Two chairs, each partly taken: chair 1 from 8:00 am, chair 2 from 10:30 am, the same days."""
    with ground.app_context():
        clinic = make_clinic(chairs=2, nurses=6, patients=2 + RIVALS)
        for patient, starts in enumerate((time(8), time(10, 30))):
            wish = {
                **FIRM,
                "wished_start": starts,
                "wished_chair_id": clinic.chair_ids[patient],
                "window": TimeWindow(starts_from=starts, starts_until=starts.replace(minute=45)),
            }
            plan = offer(clinic.query(patient, **wish), clinic.anybody, now=NOW).plans[0]
            book(
                clinic.booking(plan.key, patient, **wish),
                clinic.anybody,
                now=NOW,
                policy=AT_ONCE,
            )
        yield clinic


def way_out(clinic: Clinic, patient: int = 2) -> OfferedWayOut:
    answer = offer(clinic.query(patient, **AT_NINE), clinic.anybody, now=NOW)
    assert not answer.plans
    return answer.ways_out[0]


def book_it(clinic: Clinic, key: str, patient: int = 2, **accepted: bool) -> Booked:
    request = clinic.booking(key, patient, **AT_NINE, **accepted)
    return book(request, clinic.anybody, now=NOW, policy=AT_ONCE)


def seats() -> dict[int, tuple[object, int]]:
    """Start and chair of every visit."""
    db.session.expire_all()
    return {one.id: (one.starts_at, one.chair_id) for one in db.session.scalars(select(Visit))}


def waiting(visit_ids: Iterable[int]) -> list[tuple[object, ...]]:
    """What is still to be sent about these visits."""
    rows = select(Outbox).where(Outbox.visit_id.in_(visit_ids), Outbox.state == "waiting")
    return sorted((one.visit_id, one.kind, one.due_at) for one in db.session.scalars(rows))


def test_the_first_way_out_is_a_plan_by_reseating_and_changes_nothing(clinic: Clinic) -> None:
    before = seats()
    way = way_out(clinic)
    assert way.sentence == (
        "Fits after re-seating 6 visits, times unchanged: a plan from Mon 11 Jan works."
    )
    assert way.changes == {"reseat": True}
    assert len(way.plan.listing) == 6
    assert seats() == before


def test_without_the_word_for_it_nothing_is_booked_and_nobody_changes(clinic: Clinic) -> None:
    before, way = seats(), way_out(clinic)
    with pytest.raises(PlaceTaken, match="Nothing was booked"):
        book_it(clinic, way.plan.key)
    assert seats() == before


def test_it_books_whole_and_the_others_keep_their_times_unasked(clinic: Clinic) -> None:
    before = seats()
    told = waiting(before)
    versions = {one.id: one.version for one in db.session.scalars(select(Visit))}
    new = book_it(clinic, way_out(clinic).plan.key, reseat=True).visit_ids
    after = seats()
    changed = [one for one in before if after[one] != before[one]]
    assert len(new) == len(changed) == 6
    assert [after[one][0] for one in before] == [before[one][0] for one in before]
    claims = {one.visit_id: one.chair_id for one in db.session.scalars(select(ChairClaim))}
    assert claims == {one: chair_id for one, (_, chair_id) in after.items()}
    for one in changed:
        rows = select(VisitHistory.reason).where(VisitHistory.visit_id == one)
        assert "Another chair" in db.session.scalars(rows.order_by(VisitHistory.id)).all()[-1]
        assert db.session.get_one(Visit, one).version == versions[one] + 1
    assert waiting(before) == told


def test_once_accepted_it_is_the_plan_itself(clinic: Clinic) -> None:
    answer = offer(clinic.query(2, **AT_NINE, reseat=True), clinic.anybody, now=NOW)
    (plan,) = answer.plans
    assert "Other visits change chairs, their times unchanged" in plan.cons
    assert book_it(clinic, plan.key, reseat=True).series_id is not None


def test_visits_that_have_begun_are_not_asked(clinic: Clinic) -> None:
    with transaction():
        for visit in db.session.scalars(select(Visit)):
            visit.state = "checked_in"
    answer = offer(clinic.query(2, **AT_NINE), clinic.anybody, now=NOW)
    assert not any(way.changes.get("reseat") for way in answer.ways_out)


def test_of_rivals_for_the_last_place_one_gets_the_whole_series(
    ground: Flask, clinic: Clinic
) -> None:
    keys = {patient: way_out(clinic, patient).plan.key for patient in range(2, 2 + RIVALS)}
    ready, answers = threading.Barrier(RIVALS), []

    def run(patient: int) -> None:
        with ground.app_context():
            ready.wait(PATIENCE)
            try:
                book_it(clinic, keys[patient], patient, reseat=True)
                answers.append("booked")
            except PlaceTaken:
                answers.append("taken")
            finally:
                db.session.remove()

    rivals = [threading.Thread(target=run, args=(patient,)) for patient in keys]
    for one in rivals:
        one.start()
    for one in rivals:
        one.join(PATIENCE)
    db.session.rollback()
    assert sorted(answers) == ["booked"] + ["taken"] * (RIVALS - 1)
    for model, rows in ((Series, 3), (Visit, 18), (ChairClaim, 18)):
        assert db.session.scalar(select(func.count()).select_from(model)) == rows
