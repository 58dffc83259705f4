"""What follows from "came", "did not come" and "not treated" (domain F, R6 to R13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from scheduler.errors import IllegalChange, Invalid
from scheduler.extensions import db
from scheduler.models import Clearance, Recall, Site, Visit
from scheduler.services import after_visit, attendance, call_scripts, clearance_ended, recalls
from scheduler.services.attendance import Attendance
from scheduler.services.outgoing import clearance_messages, escalations, outbox
from scheduler.services.own import answer_rows
from scheduler.services.own.answer_rows import Said, patient_actor
from scheduler.services.recalls import Call
from scheduler.transaction import transaction
from tests.clinic import NEW_YORK, wall
from tests.post_office import DATES, PostOffice, post_office


@pytest.fixture(scope="session")
def engine_name() -> str:
    """What is queued does not depend on the engine."""
    return "sqlite"


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as running:
        yield running


def record(office: PostOffice, visit: Visit, outcome: str, reason: str = "") -> str:
    (fresh,) = office.visits([visit.id])
    wanted = Attendance(outcome=outcome, version=fresh.version, reason=reason)
    return attendance.record(visit.id, wanted, office.clinic.somebody("nurse"), now=office.now)


def go_to(office: PostOffice, on: date, hour: int, minute: int = 0) -> None:
    office.now = wall(on, hour, minute)


def due(office: PostOffice, *kinds: str, state: str = "waiting") -> list[str]:
    rows = office.rows(*kinds, state=state)
    return [f"{row.kind} {row.due_at.astimezone(NEW_YORK):%a %d %b %H:%M}" for row in rows]


def planned(office: PostOffice, kind: str, state: str = "planned") -> list[str]:
    tasks = office.tasks(kind, state)
    return [f"{task.due_at.astimezone(NEW_YORK):%a %d %b %H:%M}" for task in tasks]


def test_a_discharge_tells_the_next_date_asks_in_the_evening_and_plans_the_nurse_s_call(
    office: PostOffice,
) -> None:
    first = office.book_series()[0]
    go_to(office, DATES[0], 8, 30)
    with pytest.raises(IllegalChange, match="not due yet"):
        record(office, first, "discharged")
    go_to(office, DATES[0], 10, 50)
    assert record(office, first, "discharged") == "discharged"
    assert due(office, "r7", "r8", "r9") == ["r7 Mon 11 Jan 10:50", "r8 Mon 11 Jan 18:00"]
    (left,) = [post for post in office.deliver() if "After your" in post.message["Subject"]]
    text = left.message.get_body(("plain",))
    assert text is not None
    assert "Do not drive before" in text.get_content()
    assert "Wed 13 Jan 2027" in text.get_content()
    assert planned(office, "nurse_call") == ["Tue 12 Jan 09:00"]
    assert office.rows("r10") == []


def test_silence_after_a_first_visit_opens_the_call_and_an_answer_does_not(
    office: PostOffice,
) -> None:
    first, second, *_ = office.book_series()
    go_to(office, DATES[0], 10, 50)
    record(office, first, "discharged")
    said = Said(actor=patient_actor(office.clinic.organisation_id), via="sms", now=office.now)
    with transaction():
        after_visit.answered(db.session.get_one(Visit, first.id), "1", said)
    go_to(office, DATES[0] + timedelta(days=1), 9)
    escalations.open_due(now=office.now)
    assert office.tasks("nurse_call") == []
    go_to(office, DATES[1], 10, 50)
    record(office, second, "discharged")
    assert planned(office, "nurse_call") == []
    with transaction():
        after_visit.answered(db.session.get_one(Visit, second.id), "2", said)
    assert planned(office, "nurse_call", "open") == ["Thu 14 Jan 09:00"]


def test_undone_takes_back_what_has_not_left(office: PostOffice) -> None:
    visit = office.book_series()[0]
    go_to(office, DATES[0], 10, 50)
    record(office, visit, "discharged")
    assert record(office, visit, "undone") == "booked"
    assert due(office, "r7", "r8") == []
    assert planned(office, "nurse_call") == []
    with pytest.raises(IllegalChange):
        record(office, visit, "undone")


def test_who_did_not_come_is_called_at_once_and_the_second_time_a_provider_looks(
    office: PostOffice,
) -> None:
    first, second, third, *_ = office.book_series()
    go_to(office, DATES[0], 9, 30)
    record(office, first, "no_show")
    assert [(task.priority, task.visit_id) for task in office.tasks("attendance_call")] == [
        (1, first.id)
    ]
    go_to(office, DATES[1], 9, 30)
    record(office, second, "no_show")
    assert len(office.tasks("review")) == 1
    go_to(office, DATES[2], 9, 30)
    with pytest.raises(Invalid):
        record(office, third, "not_treated")
    record(office, third, "not_treated", "had breakfast.")
    assert len(office.tasks("not_treated")) == 1


def last_one_done(office: PostOffice) -> Visit:
    """The sixth visit of the series, done; nothing else is booked."""
    last = office.book_series()[-1]
    go_to(office, DATES[-1], 10, 50)
    with transaction():
        for visit in db.session.query(Visit).filter(Visit.id != last.id):
            visit.state = "discharged"
    record(office, last, "discharged")
    return last


def test_the_last_visit_of_a_phase_asks_for_the_next_step_and_opens_a_recall(
    office: PostOffice,
) -> None:
    last_one_done(office)
    assert due(office, "r10") == ["r10 Fri 22 Jan 10:50"]
    assert planned(office, "review") == ["Mon 25 Jan 10:50"]
    recall = db.session.query(Recall).one()
    assert (recall.phase, recall.due_on, recall.overdue_on) == (
        "booster", date(2027, 2, 19), date(2027, 3, 5),
    )  # fmt: skip
    assert due(office, "r11") == [
        "r11 Fri 12 Feb 10:00", "r11 Fri 19 Feb 10:00", "r11 Fri 05 Mar 10:00",
    ]  # fmt: skip
    assert office.at(date(2027, 2, 12), 10)
    assert recalls.tries(recall) == 1


def test_a_recall_ends_with_no_with_three_tries_or_with_a_booking(office: PostOffice) -> None:
    last_one_done(office)
    recall = db.session.query(Recall).one()
    nurse = office.clinic.somebody("nurse")
    with pytest.raises(Invalid):
        recalls.called(recall.id, Call(say="stop", why="", version=1), nurse, now=office.now)
    recalls.called(recall.id, Call(say="", why="", version=1), nurse, now=office.now)
    assert recalls.tries_of(recalls.listed(nurse)) == {recall.id: 1}
    later = tuple(date(2027, 2, day) for day in (1, 3, 5, 8, 10, 12))
    office.book_series(dates=later)
    assert recalls.settle_booked(now=office.now) == 1
    assert (db.session.get_one(Recall, recall.id).state, due(office, "r11")) == ("booked", [])
    assert recalls.settle_booked(now=office.now) == 0


def refreshed(office: PostOffice, **values: object) -> None:
    """The site sends text messages, the patient is changed, reminders are made to fit."""
    with transaction():
        db.session.get_one(Site, office.clinic.site_id).sms_on = True
    office.change_patient(**values)
    with transaction():
        outbox.refresh(office.clinic.patient_ids[0], now=office.now)


def test_a_driver_is_asked_with_consent_on_the_evening_before_and_called_when_silent(
    office: PostOffice,
) -> None:
    visit = office.book_series()[0]
    named = {"driver_name": "Ben", "driver_phone": "212-555-0142"}
    refreshed(office, driver_ok=False, **named)
    assert office.rows("r6") == []
    refreshed(office, driver_ok=True, **named)
    refreshed(office, driver_ok=True, **named)
    rows = office.rows("r6", state="waiting")
    assert (len(rows), {row.recipient for row in rows}) == (6, {"+12125550142"})
    assert due(office, "r6")[0] == "r6 Sun 10 Jan 18:00"
    assert planned(office, "driver")[0] == "Mon 11 Jan 06:00"
    go_to(office, DATES[0] - timedelta(days=1), 19)
    said = Said(actor=patient_actor(office.clinic.organisation_id), via="sms", now=office.now)
    with transaction():
        answer_rows.driver_says(db.session.get_one(Visit, visit.id), "yes", said)
    go_to(office, DATES[0], 6)
    escalations.open_due(now=office.now)
    assert office.tasks("driver") == []


def test_a_clearance_that_ends_before_visits_is_asked_about_once(office: PostOffice) -> None:
    office.book_series()
    with transaction():
        row = Clearance(
            organisation_id=office.clinic.organisation_id,
            patient_id=office.clinic.patient_ids[0],
            what="Blood pressure",
            until=date(2027, 1, 16),
            by_name="Dana",
            recorded_at=office.now,
        )
        db.session.add(row)
    assert clearance_messages.queue_due(now=office.now) == 1
    assert clearance_messages.queue_due(now=office.now) == 0
    assert len(office.rows("r12", state="waiting")) == 1
    assert planned(office, "clearance") == ["Sat 09 Jan 10:00"]
    with transaction():
        for visit in db.session.query(Visit):
            visit.state = "confirmed"
    assert clearance_ended.unconfirm(now=office.now) == 0
    assert clearance_ended.unconfirm(now=wall(DATES[3], 8)) == 3
    assert clearance_ended.unconfirm(now=wall(DATES[3], 8)) == 0
    with transaction():
        db.session.query(Clearance).one().until = date(2027, 6, 1)
    go_to(office, date(2027, 1, 9), 10)
    escalations.open_due(now=office.now)
    assert office.tasks("clearance") == []
    (row_then,) = office.rows("r12")
    assert clearance_messages.why_not(row_then, office.now) is not None


def test_calls_say_what_they_are_about_and_a_driver_hears_no_name(office: PostOffice) -> None:
    visit = office.book_series()[0]
    refreshed(office, driver_name="Ben", driver_phone="212-555-0142", driver_ok=True)
    nurse = office.clinic.somebody("nurse")
    (task, *_) = office.tasks("driver", "planned")
    script = call_scripts.of(task, nurse, now=office.now)
    patient = visit.patient
    assert script.number == "212-555-0142"
    assert not any(patient.first_name in line for line in (*script.say, script.check))
    go_to(office, DATES[0], 9, 30)
    record(office, visit, "no_show")
    (task,) = office.tasks("attendance_call")
    assert "first want to know whether you are well" in " ".join(
        call_scripts.of(task, nurse, now=office.now).say
    )
