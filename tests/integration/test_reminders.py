"""Reminders leave at the wall clock, once, across DST and outages (trust I16)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask

from scheduler.extensions import db
from scheduler.models import Visit
from scheduler.planning.opening import instant
from scheduler.services.outgoing import outbox
from scheduler.transaction import transaction
from tests.clinic import NEW_YORK
from tests.mail_server import Post
from tests.post_office import PostOffice, post_office

EVERY_WEEK = tuple(date(2027, 1, day) for day in (12, 14, 16, 19, 21, 23))
"""Tuesday, Thursday, Saturday, twice."""


@pytest.fixture(scope="session")
def engine_name() -> str:
    """When they are due does not depend on the engine."""
    return "sqlite"


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as running:
        yield running


def due(office: PostOffice, visit: Visit, state: str = "waiting") -> dict[str, str]:
    rows = [row for row in office.rows("r3", "r4", "r5", state=state) if row.visit_id == visit.id]
    return {row.kind: f"{row.due_at.astimezone(NEW_YORK):%a %d %H:%M}" for row in rows}


def calls(office: PostOffice, visit: Visit | None = None) -> list[str]:
    """When somebody is to call before the visits, or before one of them."""
    found = office.tasks("call_before", state="planned")
    mine = [task for task in found if visit is None or task.visit_id == visit.id]
    return [f"{task.due_at.astimezone(NEW_YORK):%a %d %H:%M}" for task in mine]


def text_of(post: Post) -> str:
    body = post.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_series_folds_the_three_day_reminder_of_close_visits(office: PostOffice) -> None:
    first, second, *_ = office.book_series()
    assert due(office, first) == {"r3": "Fri 08 10:00", "r4": "Sun 10 20:00"}
    assert due(office, second) == {"r4": "Tue 12 20:00"}


def test_each_reminder_leaves_at_its_hour_once_and_says_its_part(office: PostOffice) -> None:
    office.book_series()
    office.deliver(minutes=3)
    assert office.at(date(2027, 1, 8), 9, 59) == []
    (three_days,) = office.at(date(2027, 1, 8), 10)
    assert "Has anything changed?" in text_of(three_days)
    assert office.deliver(minutes=1) == []
    (evening,) = office.at(date(2027, 1, 10), 20)
    assert "No food from 5:00 am." in text_of(evening)
    assert "Has anything changed?" not in text_of(evening)  # asked on Friday
    (second,) = office.at(date(2027, 1, 12), 20)
    assert "Has anything changed?" in text_of(second)  # its own three-day reminder was folded
    assert office.deliver(minutes=30) == []


def test_an_afternoon_visit_is_told_again_an_hour_before_the_stop(office: PostOffice) -> None:
    visit = office.book_series(at=time(14))[1]
    office.deliver(minutes=3)
    assert due(office, visit) == {"r4": "Tue 12 18:00", "r5": "Wed 13 09:00"}
    office.at(date(2027, 1, 12), 18)
    (same_day,) = office.at(date(2027, 1, 13), 9)
    assert "No food from 10:00 am." in text_of(same_day)


def test_a_move_takes_its_reminders_along_and_unfolds_its_neighbours(office: PostOffice) -> None:
    first, second, third, *_ = office.book_series()
    office.move(second, date(2027, 1, 13), time(14))
    assert due(office, second) == {"r4": "Tue 12 18:00", "r5": "Wed 13 09:00"}
    office.cancel(first)
    assert due(office, first) == {}
    assert due(office, second) == {"r3": "Sun 10 10:00", "r4": "Tue 12 18:00", "r5": "Wed 13 09:00"}
    office.cancel(second)
    assert due(office, third) == {"r3": "Tue 12 10:00", "r4": "Thu 14 20:00"}


def test_moved_there_and_back_is_reminded_once(office: PostOffice) -> None:
    visit = office.book_series()[1]
    office.move(visit, date(2027, 1, 13), time(14))
    office.move(visit, date(2027, 1, 13), time(9))
    assert due(office, visit) == {"r4": "Tue 12 20:00"}
    office.deliver(minutes=3)
    office.at(date(2027, 1, 12), 12)
    assert len(office.at(date(2027, 1, 12), 20)) == 1


def test_a_late_booking_has_only_what_is_still_ahead(office: PostOffice) -> None:
    office.now = instant(NEW_YORK, date(2027, 1, 10), time(19, 58))
    first = office.book_series(at=time(14))[0]
    assert due(office, first) == {"r5": "Mon 11 09:00"}
    digest = office.deliver(minutes=3)[0]
    assert "No food from 10:00 am." in text_of(digest)


def test_a_reminder_due_before_the_confirmation_leaves_stands_in_it(office: PostOffice) -> None:
    office.now = instant(NEW_YORK, date(2027, 1, 10), time(19, 59))
    first = office.book_series()[0]
    assert due(office, first) == {}  # the evening one at 20:00, the confirmation at 20:02


@pytest.mark.parametrize(
    ("on", "evening"),
    [
        (date(2027, 3, 14), datetime(2027, 3, 15, 0, tzinfo=UTC)),
        (date(2027, 11, 7), datetime(2027, 11, 8, 1, tzinfo=UTC)),
    ],
    ids=["spring forward", "fall back"],
)
def test_the_evening_before_a_change_of_clocks_keeps_its_hour(
    office: PostOffice, on: date, evening: datetime
) -> None:
    """The visit is the day after: its evening lies on the day with 23 or 25 hours."""
    office.now = datetime(on.year, on.month, 1, 15, tzinfo=UTC)
    dates = [on + timedelta(days=d) for d in (1, 3, 5, 8, 10, 12)]
    first = office.book_series(dates=dates)[0]
    (row,) = [row for row in office.rows("r4") if row.visit_id == first.id]
    assert f"{row.due_at.astimezone(NEW_YORK):%a %H:%M}" == "Sun 20:00"
    assert row.due_at == evening


def test_after_an_outage_a_useful_reminder_leaves_and_a_useless_one_does_not(
    office: PostOffice,
) -> None:
    office.book_series(at=time(14))
    office.deliver(minutes=3)
    left = office.at(date(2027, 1, 13), 10, 30)  # nobody was there since Monday the 4th
    about = [str(post.message["Subject"]) for post in left]
    assert about == ["Appointment on Wed 13 Jan"]  # the evening one: arrival and ride still ahead
    states = {(row.kind, row.state) for row in office.rows("r3", "r4", "r5")}
    assert ("r3", "skipped") in states
    assert ("r5", "skipped") in states  # its stop, 10:00, is over
    assert office.tasks("failed_message") == []


def test_a_late_reminder_waits_for_the_morning_when_the_window_is_shut(office: PostOffice) -> None:
    office.book_series()
    office.deliver(minutes=3)
    office.at(date(2027, 1, 11), 12)
    assert office.at(date(2027, 1, 12), 20, 31) == []
    assert office.at(date(2027, 1, 13), 7, 59) == []
    (post,) = office.at(date(2027, 1, 13), 8)
    assert str(post.message["Subject"]) == "Appointment on Wed 13 Jan"


def test_half_an_hour_late_still_leaves_at_night(office: PostOffice) -> None:
    office.book_series()
    office.deliver(minutes=3)
    office.at(date(2027, 1, 11), 12)
    assert len(office.at(date(2027, 1, 12), 20, 30)) == 1


def test_a_clock_that_jumps_back_repeats_nothing(office: PostOffice) -> None:
    office.book_series()
    office.deliver(minutes=3)
    assert len(office.at(date(2027, 1, 8), 10)) == 1
    office.now -= timedelta(days=1)
    assert office.deliver() == []
    assert office.at(date(2027, 1, 8), 10) == []


def test_a_patient_without_email_gets_a_letter_and_calls_as_tasks(ground: Flask) -> None:
    with post_office(ground, email=False) as office:
        office.book_series()
        assert office.rows() == []
        assert len(office.tasks("letter")) == 1
        assert calls(office) == [
            *("Fri 08 10:00", "Sun 10 16:00", "Tue 12 16:00", "Thu 14 16:00"),
            *("Sun 17 16:00", "Tue 19 16:00", "Thu 21 16:00"),
        ]


def test_calls_follow_a_move_and_end_with_a_cancellation(ground: Flask) -> None:
    with post_office(ground, email=False) as office:
        visit = office.book_series()[1]
        finish_letters()
        office.move(visit, date(2027, 1, 14), time(9))
        assert calls(office, visit) == ["Wed 13 16:00"]
        (call,) = office.tasks("call")
        assert "has another time: Thu 14 Jan, arrive 8:45 am" in call.what
        office.cancel(visit)
        assert calls(office, visit) == []
        assert office.rows() == []


def finish_letters() -> None:
    from scheduler.models import Task

    with transaction():
        for task in db.session.query(Task).filter(Task.kind == "letter"):
            task.state = "done"


def test_a_new_address_moves_reminders_from_calls_to_mail(ground: Flask) -> None:
    with post_office(ground, email=False) as office:
        visit = office.book_series()[0]
        office.change_patient(email="new@mail.example", channel="email")
        with transaction():
            patient = db.session.get_one(Visit, visit.id).patient
            outbox.queue_address_changed(patient, old_email="", now=office.now, undo_seconds=180)
        assert office.tasks("call_before") == []
        assert due(office, visit) == {"r3": "Fri 08 10:00", "r4": "Sun 10 20:00"}
        assert len(office.deliver(minutes=3)) == 6
