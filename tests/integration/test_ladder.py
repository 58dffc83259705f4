"""The ladder in the tables: ways, merged messages, calls without an answer, a site's own rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask

from scheduler.extensions import db
from scheduler.models import Closure, Outbox, Site, Task, Visit
from scheduler.models.task import URGENT
from scheduler.planning.ladder import RungChange, SiteLadder
from scheduler.planning.rung import ReminderRule
from scheduler.planning.sending_window import Window
from scheduler.services.booking import book
from scheduler.services.outgoing import escalations, letters, outbox, site_ladders
from scheduler.services.outgoing.outbox_facts import facts_of
from scheduler.services.outgoing.outbox_truth import untrue
from scheduler.services.outgoing.reminder_truth import ANSWERED, ENOUGH, SWITCHED_OFF
from scheduler.services.own import answer_rows, answer_tasks
from scheduler.services.own.answer_rows import Driver, Said
from scheduler.services.plan_key import Choice, write
from scheduler.transaction import transaction
from tests.clinic import NEW_YORK, wall
from tests.post_office import DATES, UNDO, PostOffice, post_office


@pytest.fixture(scope="session")
def engine_name() -> str:
    """When what is due does not depend on the engine."""
    return "sqlite"


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as running:
        yield running


def by_text_too(office: PostOffice) -> None:
    """The clinic sends texts, and the patient has agreed to them."""
    with transaction():
        db.session.get_one(Site, office.clinic.site_id).sms_on = True
    office.change_patient(phone="(555) 010-0123", sms_ok=True)


def ladder(office: PostOffice, **changes: object) -> None:
    """As the page saves it, and as the worker follows."""
    version = site_ladders.read(office.clinic.site_id, office.clinic.anybody).version
    site_ladders.change(
        office.clinic.site_id,
        SiteLadder(**changes),  # type: ignore[arg-type]
        office.clinic.anybody,
        version=version,
        now=office.now,
    )
    site_ladders.follow(now=office.now)


def due(row: Outbox) -> str:
    return f"{row.due_at.astimezone(NEW_YORK):%a %d %H:%M}"


def of(office: PostOffice, visit: Visit, *kinds: str) -> list[Outbox]:
    return [row for row in office.rows(*kinds, state="waiting") if row.visit_id == visit.id]


def rungs_open(office: PostOffice, visit: Visit) -> dict[str, Task]:
    """Calls about the visit that wait for somebody, by the rung that was not answered."""
    mine = [task for task in office.tasks("unanswered") if task.visit_id == visit.id]
    return {task.facts["rule"]: task for task in mine}


def answered(office: PostOffice, visit: Visit, driver: Driver | None = None) -> None:
    """Yes; and who drives, if named. As the desk writes it down."""
    with transaction():
        said = Said(actor=office.clinic.anybody, via="desk", now=office.now)
        fresh = db.session.get_one(Visit, visit.id)
        answer_rows.coming(fresh, "yes", said)
        if driver is not None:
            answer_rows.driver(fresh, driver, said)
        answer_tasks.settled(fresh, said)


def test_the_question_goes_by_the_other_way_if_the_first_brought_nothing(
    office: PostOffice,
) -> None:
    by_text_too(office)
    visit = office.book_series()[0]
    first, again = of(office, visit, "r3")
    assert (first.channel, due(first)) == ("email", "Fri 08 10:00")
    assert (again.channel, again.recipient, due(again)) == (
        "sms",
        "+15550100123",
        "Sat 09 10:00",
    )
    assert untrue(again, office.now) is None
    answered(office, visit, Driver(name="Ben", phone="555-0107"))
    assert untrue(of(office, visit, "r3")[1], office.now) == ANSWERED


def test_a_driver_who_is_not_named_two_days_before_is_an_urgent_call(office: PostOffice) -> None:
    """Domain I, story 7: the desk enters the name, and the confirmation is complete."""
    visit = office.book_series()[0]
    answered(office, visit)
    office.now = wall(date(2027, 1, 9), 14, 59)
    escalations.open_due(now=office.now)
    assert "R3" not in rungs_open(office, visit)
    office.now = wall(date(2027, 1, 9), 15)
    escalations.open_due(now=office.now)
    task = rungs_open(office, visit)["R3"]
    assert (task.priority, task.what) == (
        URGENT,
        "No driver named. Call: who drives, has anything changed?",
    )
    answered(office, visit, Driver(name="Ben", phone="555-0107"))
    assert rungs_open(office, visit) == {}
    assert office.visits([visit.id])[0].state == "confirmed"
    office.now = wall(date(2027, 1, 10), 16)
    escalations.open_due(now=office.now)  # R4's call for a visit that is confirmed: needless
    assert rungs_open(office, visit) == {}


def test_a_move_plans_its_calls_anew_and_drops_the_open_one(office: PostOffice) -> None:
    visit = office.book_series()[0]
    office.now = wall(date(2027, 1, 9), 15)
    escalations.open_due(now=office.now)
    assert visit.id in {task.visit_id for task in office.tasks("unanswered")}
    office.move(visit, date(2027, 1, 12), time(9))
    assert visit.id not in {task.visit_id for task in office.tasks("unanswered")}
    planned = office.tasks("unanswered", state="planned")
    mine = [task for task in planned if task.visit_id == visit.id]
    assert [f"{task.due_at.astimezone(NEW_YORK):%a %d %H:%M}" for task in mine] == [
        "Sun 10 15:00",
        "Mon 11 16:00",
    ]


def test_what_falls_on_the_same_instant_leaves_as_one_message(office: PostOffice) -> None:
    first, second, *_ = office.book_series()
    bring = ReminderRule(id="bring", at={"local": "D-5 10:00"}, text="Bring your list.")
    ladder(office, own=(bring,))
    (row,) = of(office, first, "r3")  # Friday the 8th: three days before one, five before another
    assert [one["visit_id"] for one in row.facts["also"]] == [second.id]
    assert of(office, second, "own") == []
    office.at(date(2027, 1, 6), 10)
    (post,) = office.at(date(2027, 1, 8), 10)
    text = post.message.get_body(("plain",))
    assert text is not None
    said = str(text.get_content())
    assert "Has anything changed?" in said
    assert "Appointment on Wed 13 Jan" in said
    assert "Bring your list." in said


def test_a_patient_with_texts_and_no_mail_hears_of_dates_by_text(office: PostOffice) -> None:
    by_text_too(office)
    office.change_patient(channel="sms", email="")
    visit, other, *_ = office.book_series()
    (digest,) = office.rows("digest", state="waiting")
    assert (digest.channel, digest.recipient) == ("sms", "+15550100123")
    assert office.rows("invite") == []
    assert office.tasks("letter") == []
    as_if_sent(office, digest)
    office.move(visit, date(2027, 1, 12), time(9))
    (update,) = office.rows("update", state="waiting")
    assert (update.channel, update.method, untrue(update, office.now)) == ("sms", None, None)
    assert "arrive 8:45 am" in letters.short(facts_of(update, now=office.now))
    office.cancel(other)
    (cancelled,) = office.rows("cancel", state="waiting")
    assert (cancelled.channel, untrue(cancelled, office.now)) == ("sms", None)
    assert office.tasks("call") == []


def as_if_sent(office: PostOffice, row: Outbox) -> None:
    with transaction():
        fresh = db.session.get_one(Outbox, row.id)
        fresh.state, fresh.stamped_at, fresh.sent_at = "sent", office.now, office.now


def test_a_consultation_is_told_two_open_days_before(office: PostOffice) -> None:
    with transaction():
        db.session.add(
            Closure(
                organisation_id=office.clinic.organisation_id,
                site_id=office.clinic.site_id,
                starts_at=wall(date(2027, 1, 15), 0),
                ends_at=wall(date(2027, 1, 16), 0),
                reason="invented",
            )
        )
    chosen = [Choice(office.clinic.chair_ids[0], wall(date(2027, 1, 18), 9))]
    version_id = office.clinic.versions["consult"]
    asked = {"protocol_version_id": version_id, "phase": "consult"}
    request = office.clinic.booking(write(chosen), earliest_on=date(2027, 1, 18), **asked)
    book(request, office.clinic.anybody, now=office.now, policy=UNDO)
    rows = office.rows("r1", "r2", "r3", "r4", state="waiting")
    # Sunday and Friday are closed: Saturday and Thursday count
    assert {row.kind: due(row) for row in rows} == {"r1": "Thu 14 10:00", "r4": "Sun 17 18:00"}


def test_a_sites_change_reaches_what_is_booked_already_in_small_steps(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_ladders, "BATCH", 1)
    visit = office.book_series()[0]
    other = office.book_series(patient=1)[0]
    (three_days,) = of(office, visit, "r3")
    ladder(
        office,
        window=Window(opens=time(9), closes=time(19)),
        changes={"R3": RungChange(at={"local": "D-4 12:00"})},
    )
    for one in (visit, other):
        assert [due(row) for row in of(office, one, "r3", "r4")] == ["Thu 07 12:00", "Sun 10 19:00"]
    assert three_days.id not in {row.id for row in office.rows("r3", state="waiting")}
    assert db.session.get_one(Site, office.clinic.site_id).ladder_behind is None


def test_a_rung_that_is_switched_off_does_not_leave_even_before_the_worker_has_followed(
    office: PostOffice,
) -> None:
    visit = office.book_series()[0]
    (row,) = of(office, visit, "r3")
    with transaction():
        site = db.session.get_one(Site, office.clinic.site_id)
        site.ladder = SiteLadder(changes={"R3": RungChange(on=False)}).to_plain()
    assert untrue(row, office.now) == SWITCHED_OFF


def test_only_so_many_messages_a_week_that_are_not_preparation(office: PostOffice) -> None:
    visit = office.book_series(dates=[one + timedelta(days=7) for one in DATES])[0]
    (row,) = of(office, visit, "r2")
    assert due(row) == "Mon 11 10:00"
    assert untrue(row, row.due_at) is None
    with transaction():
        site = db.session.get_one(Site, office.clinic.site_id)
        site.ladder = SiteLadder(most_per_week=1).to_plain()
        db.session.add(_sent_the_day_before(row))
    (row,) = of(office, visit, "r2")
    assert untrue(row, row.due_at) == ENOUGH


def _sent_the_day_before(row: Outbox) -> Outbox:
    """Another message of the limited kinds, to the same patient."""
    at = row.due_at - timedelta(days=1)
    return Outbox(
        organisation_id=row.organisation_id,
        site_id=row.site_id,
        patient_id=row.patient_id,
        kind="r12",
        about="clearance:1",
        recipient=row.recipient,
        due_at=at,
        sent_at=at,
        state="sent",
        created_at=at,
    )


def test_a_patient_whose_answer_somebody_must_look_at_is_reminded_of_nothing(
    office: PostOffice,
) -> None:
    visits = office.book_series()
    suspend(office, office.now)
    assert office.rows("r2", "r3", "r4", "r5", state="waiting") == []
    assert office.tasks("unanswered", state="planned") == []
    suspend(office, None)
    assert {row.visit_id for row in office.rows("r4", state="waiting")} == {v.id for v in visits}


def suspend(office: PostOffice, at: datetime | None) -> None:
    office.change_patient(suspended_at=at)
    with transaction():
        outbox.refresh(office.clinic.patient_ids[0], now=office.now)


def test_what_is_due_this_very_minute_survives_a_change_of_another_visit(
    office: PostOffice,
) -> None:
    first, _, third, *_ = office.book_series()
    office.deliver(minutes=3)
    office.now = wall(date(2027, 1, 10), 20)  # the first visit's evening; nobody has sent it yet
    office.move(third, date(2027, 1, 16), time(9))
    assert [due(row) for row in of(office, first, "r4")] == ["Sun 10 20:00"]
