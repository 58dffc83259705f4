"""Leases, tries, order and trouble: nothing lost, stale or out of turn (trust I10 to I16)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask

from scheduler.extensions import db
from scheduler.mail.smtp import SmtpTransport
from scheduler.mail.smtp_url import server_of
from scheduler.models import Heartbeat, Outbox, Visit
from scheduler.services import health
from scheduler.services.outgoing import delivery, leases
from scheduler.services.outgoing.delivery import Taken, Written
from scheduler.services.outgoing.leases import Claim, Lease
from scheduler.transaction import transaction
from scheduler.worker.jobs import Postman, tick
from tests.calendar_readers import event_of
from tests.mail_server import Post, free_port, mail_server
from tests.post_office import PostOffice, post_office

LEASE = timedelta(minutes=5)
WRITTEN = Written(body=b"Date: x\r\n\r\n")
WEDNESDAY = date(2027, 1, 13)


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as running:
        yield running


def leases_of(office: PostOffice, worker: str = "other", most: int = 100) -> Sequence[Lease]:
    return leases.claim(Claim(worker=worker, lease=LEASE, most=most), now=office.now).leases


def lease_of(office: PostOffice, worker: str = "other") -> Lease:
    (lease,) = leases_of(office, worker, most=1)
    return lease


def condition() -> health.Health:
    db.session.rollback()
    return health.check()


def test_booked_moved_and_cancelled_leave_in_order_on_every_engine(office: PostOffice) -> None:
    visit = office.book_series()[1]
    assert len(office.deliver(minutes=3)) == 7
    office.move(visit, WEDNESDAY, time(14))
    (moved,) = office.deliver(minutes=3)
    office.cancel(visit)
    (gone,) = office.deliver(minutes=3)
    assert event_of(moved.calendar, "REQUEST").one("SEQUENCE") == "1"
    assert event_of(gone.calendar, "CANCEL").one("SEQUENCE") == "2"
    assert {row.state for row in office.rows("digest", "invite", "update", "cancel")} == {"sent"}


def test_two_workers_never_hold_the_same_row(office: PostOffice) -> None:
    office.book_series()
    office.now += timedelta(minutes=3)
    mine = [lease_of(office, f"worker {number % 2}") for number in range(7)]
    assert len({lease.row_id for lease in mine}) == 7
    assert leases_of(office, "third") == ()


def test_many_threads_deliver_every_message_exactly_once(office: PostOffice) -> None:
    office.book_series(0)
    office.book_series(1)
    office.now += timedelta(minutes=3)
    transport = office.postman.transport
    assert isinstance(transport, SmtpTransport)
    postmen = [
        Postman(
            name=f"worker {number}",
            context=office.app.app_context,
            transport=SmtpTransport(transport.server),
            clock=lambda: office.now,
        )
        for number in range(4)
    ]
    threads = [threading.Thread(target=tick, args=[one]) for one in postmen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [str(post.message["Message-ID"]) for post in office.box.posts]
    assert len(ids) == len(set(ids)) == 14
    assert {row.state for row in office.rows("digest", "invite")} == {"sent"}


def test_a_visit_cancelled_right_before_its_reminder_is_due_gets_none(office: PostOffice) -> None:
    visit = office.book_series()[1]
    office.deliver(minutes=3)
    office.at(date(2027, 1, 12), 19, 59)
    assert office.deliver(seconds=59) == []  # one second before the reminder is due
    office.cancel(visit)
    left = [str(post.message["Subject"]) for post in office.deliver(seconds=1)]
    left += [str(post.message["Subject"]) for post in office.deliver(minutes=3)]
    assert left == ["Cancelled: appointment on Wed 13 Jan"]


def test_a_visit_cancelled_after_its_reminder_was_leased_gets_none(office: PostOffice) -> None:
    visit = office.book_series()[1]
    office.deliver(minutes=3)
    office.at(date(2027, 1, 11), 12)
    office.now += timedelta(days=1, hours=8)  # Tuesday, 8 pm: the evening reminder is due
    lease = lease_of(office)
    assert lease.facts.kind == "r4"
    office.cancel(visit)
    assert delivery.begin([(lease, WRITTEN)], now=office.now) == []
    (row,) = [row for row in office.rows("r4") if row.id == lease.row_id]
    assert (row.state, row.body) == ("superseded", None)


def test_a_cancellation_that_meets_a_message_on_its_way_follows_it(office: PostOffice) -> None:
    visit = office.book_series()[1]
    office.now += timedelta(minutes=3)
    (lease,) = [one for one in leases_of(office) if one.facts.uid == visit.uid]
    assert delivery.begin([(lease, WRITTEN)], now=office.now)
    office.cancel(visit)
    office.deliver(minutes=3)  # still on its way: the cancellation waits for its outcome
    assert [row.state for row in office.rows("cancel")] == ["waiting"]
    delivery.sent([Taken(lease=lease, at=office.now)])
    posts = office.deliver()
    assert [event_of(post.calendar, "CANCEL").one("UID") for post in posts] == [visit.uid]
    states = [row.state for row in office.rows("invite", "cancel") if row.uid == visit.uid]
    assert states == ["sent", "sent"]


def test_what_waits_behind_a_slow_message_begun_with_it_is_asked_again(office: PostOffice) -> None:
    visit, *others = office.book_series()
    office.now += timedelta(minutes=3)

    def slow() -> datetime:
        if len(office.box.posts) == 1:
            office.now += timedelta(seconds=2)
            office.cancel(visit)
            office.postman.clock = lambda: office.now
        return office.now

    office.postman.clock = slow
    posts = [*office.deliver(), *office.deliver(minutes=4)]
    told = [event_of(post.calendar, "REQUEST").one("UID") for post in posts if invites(post)]
    assert sorted(told) == sorted(other.uid for other in others)
    assert {row.state for row in office.rows("invite", "cancel") if row.uid == visit.uid} == {
        "superseded"
    }


def invites(post: Post) -> bool:
    return b"text/calendar" in post.data


def test_a_worker_that_slept_past_its_lease_does_not_send(office: PostOffice) -> None:
    office.book_series()
    office.now += timedelta(minutes=3)
    lease = lease_of(office)
    office.now += LEASE
    assert delivery.begin([(lease, WRITTEN)], now=office.now) == []


def test_one_refused_address_fails_its_own_messages_and_nobody_elses(office: PostOffice) -> None:
    office.box.answers["RCPT pat1@mail.example"] = "550 no such user"
    office.book_series(0)
    office.book_series(1)
    assert len(office.deliver(minutes=3)) == 7
    ended = [row for row in office.rows() if row.recipient == "pat1@mail.example"]
    assert "waiting" not in {row.state for row in ended if row.due_at <= office.now}
    first = office.rows(state="failed")[0]
    assert (first.attempts, first.last_error) == (1, "550 no such user")
    assert first.patient.email_bad_at == office.now
    (task,) = office.tasks("failed_message")  # one call, not seven
    assert task.patient_id == office.clinic.patient_ids[0]
    assert "call" in task.what
    assert office.deliver(hours=3) == []


def test_a_temporary_no_is_tried_again_later_with_the_same_bytes(office: PostOffice) -> None:
    office.box.once = [("DATA", "451 try later")]
    office.book_series()
    assert len(office.deliver(minutes=3)) == 6
    (row,) = [row for row in office.rows(state="waiting") if row.body is not None]
    assert (row.attempts, row.may_have_left) == (1, False)
    assert row.claimed_until is not None
    assert timedelta(seconds=15) <= row.claimed_until - office.now <= timedelta(seconds=45)
    (post,) = office.deliver(minutes=1)
    assert post.data == row.body
    assert office.tasks() == []


@pytest.mark.parametrize("moment", ["drop after", "drop before"])
def test_a_message_whose_answer_was_lost_is_repeated_byte_for_byte(
    office: PostOffice, moment: str
) -> None:
    visit = office.book_series()[0]
    office.deliver(minutes=3)
    office.move(visit, date(2027, 1, 11), time(14))
    office.box.once = [("DATA", moment)]
    first = office.deliver(minutes=3)
    (row,) = office.rows("update")
    assert (row.state, row.may_have_left) == ("waiting", True)
    (again,) = office.deliver(minutes=2)
    assert len(first) == (moment == "drop after")
    for post in first:
        assert post.data == again.data
    assert event_of(again.calendar, "REQUEST").one("SEQUENCE") == "1"
    assert [row.state for row in office.rows("update")] == ["sent"]


def test_back_to_the_old_time_is_told_if_the_patient_may_have_heard_of_another(
    office: PostOffice,
) -> None:
    visit = office.book_series()[1]
    office.deliver(minutes=3)
    office.move(visit, WEDNESDAY, time(14))
    office.box.once = [("DATA", "drop after")]
    office.deliver(minutes=3)
    office.move(visit, WEDNESDAY, time(9))
    (post,) = office.deliver(minutes=3)
    event = event_of(post.calendar, "REQUEST")
    assert event.one("SEQUENCE") == "2"
    assert event.all("DTSTART")[0][1] == "20270113T084500"


def test_later_news_waits_until_the_earlier_message_has_left(office: PostOffice) -> None:
    visit = office.book_series()[1]
    office.deliver(minutes=3)
    with transaction():
        earlier = Outbox(**columns(office, visit.id), due_at=office.now, state="waiting")
        earlier.uid, earlier.method, earlier.sequence = visit.uid, "REQUEST", 0
        earlier.resend_no, earlier.claimed_until = 9, office.now + timedelta(minutes=30)
        db.session.add(earlier)
    office.cancel(visit)
    with transaction():  # as if the earlier one could not be superseded
        db.session.get_one(Outbox, earlier.id).state = "waiting"
    assert office.deliver(minutes=3) == []
    assert [row.state for row in office.rows("cancel")] == ["waiting"]
    office.deliver(minutes=30)
    assert [row.state for row in office.rows("cancel")] == ["sent"]


def columns(office: PostOffice, visit_id: int) -> dict[str, object]:
    (old,) = [row for row in office.rows("invite") if row.visit_id == visit_id]
    names = ("organisation_id", "site_id", "patient_id", "visit_id", "kind", "recipient", "facts")
    return {name: getattr(old, name) for name in names} | {"created_at": office.now}


def test_one_row_that_cannot_be_written_delays_nobody(office: PostOffice) -> None:
    office.book_series()
    with transaction():
        for row in office_rows("invite")[:1]:
            row.facts = {"visit": {"starts_at": "not a time"}, "place": ""}
    assert len(office.deliver(minutes=3)) == 6
    (bad,) = office.rows(state="failed")
    assert bad.why == "It could not be written."
    assert len(office.tasks("failed_message")) == 1


def office_rows(kind: str) -> list[Outbox]:
    rows = db.session.query(Outbox).filter(Outbox.kind == kind).order_by(Outbox.id)
    return list(rows)


def test_an_address_that_is_none_fails_its_row_and_asks_for_a_call(office: PostOffice) -> None:
    office.change_patient(email="pat1 at mail dot example")
    office.book_series(0)
    office.book_series(1)
    assert len(office.deliver(minutes=3)) == 7
    assert len(office.rows(state="failed")) == 7
    assert len(office.tasks("failed_message")) == 1


@pytest.mark.parametrize("answers", [{"MAIL": "550 this sender may not"}, None])
def test_a_server_in_trouble_pauses_everything_and_costs_no_try(
    office: PostOffice, answers: dict[str, str] | None
) -> None:
    office.book_series()
    if answers is None:
        office.postman.transport = SmtpTransport(server_of(f"smtp://127.0.0.1:{free_port()}"))
    else:
        office.box.answers = answers
    assert office.deliver(minutes=3) == []
    waiting = office.rows("digest", "invite")
    assert {(row.state, row.attempts, row.may_have_left) for row in waiting} == {
        ("waiting", 0, False)
    }
    state = condition()
    assert state.mail_paused(office.now)
    assert state.paused_why
    assert office.deliver(seconds=1) == []  # nobody tries during the pause
    assert office.postman.pauses["mail"] == 1
    office.deliver(minutes=2)
    assert office.postman.pauses["mail"] == 2


def test_when_the_server_is_back_everything_leaves_and_the_pause_is_over(
    office: PostOffice,
) -> None:
    port = free_port()
    office.postman.transport = SmtpTransport(server_of(f"smtp://127.0.0.1:{port}"))
    office.book_series()
    office.deliver(minutes=3)
    with mail_server(office.box, port=port):
        assert len(office.deliver(minutes=2)) == 7
    assert not condition().mail_paused(office.now)
    assert office.tasks() == []


def test_a_message_that_long_fails_to_leave_becomes_a_call_and_the_tries_go_on(
    office: PostOffice,
) -> None:
    office.box.answers["RCPT pat1@mail.example"] = "450 mailbox busy"
    office.book_series()
    office.deliver(minutes=3)
    for _ in range(6):
        office.deliver(hours=1)
    assert len(office.tasks("failed_message")) == 1
    assert {row.state for row in office.rows("digest", "invite")} == {"waiting"}
    office.box.answers.clear()
    assert len(office.deliver(hours=2)) == 7
    assert office.tasks("failed_message") == []  # it came through after all


def test_after_two_days_of_tries_a_person_takes_over(office: PostOffice) -> None:
    office.box.answers["RCPT pat1@mail.example"] = "450 mailbox busy"
    office.book_series()
    office.deliver(minutes=3)
    office.deliver(days=2)
    office.deliver(minutes=1)
    invites = office.rows("digest", "invite")
    assert {(row.state, row.why) for row in invites} == {
        ("failed", "It could not leave in time to be of use.")
    }
    assert len(office.tasks("failed_message")) == 1


def test_a_worker_shows_that_it_is_alive(office: PostOffice) -> None:
    assert not condition().worker_alive(office.now)
    office.deliver()
    assert condition().worker_alive(office.now)
    office.now += timedelta(minutes=5)
    assert not condition().worker_alive(office.now)
    office.deliver(days=2)
    office.postman = replace(office.postman, name="another", beat_at=None)
    office.deliver(days=2)
    db.session.rollback()
    assert [row.worker for row in db.session.query(Heartbeat)] == ["another"]


def test_nothing_is_logged_that_a_stranger_may_not_read(
    office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    office.change_patient(email="pat1 at mail dot example", first_name="Unmistakable")
    office.box.answers["RCPT pat2@mail.example"] = "550 pat2@mail.example unknown"
    office.book_series(0)
    office.book_series(1)
    office.deliver(minutes=3)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("scheduler")]
    assert ours
    for line in ours:
        assert "pat" not in line.replace("path", "")
        assert "Unmistakable" not in line


@pytest.mark.parametrize(
    "change", [{"state": "arrived"}, {"state": "no_show"}, {"version": 7, "sequence": 7}]
)
def test_what_is_true_is_read_again_right_before_sending(
    office: PostOffice, change: dict[str, object]
) -> None:
    """Even if whoever changed the visit forgot to say so in the outbox."""
    visit = office.book_series()[1]
    office.now += timedelta(minutes=3)
    (lease,) = [one for one in leases_of(office) if one.facts.uid == visit.uid]
    with transaction():
        row = db.session.get_one(Visit, visit.id)
        for name, value in change.items():
            setattr(row, name, value)
    assert delivery.begin([(lease, WRITTEN)], now=office.now) == []
    assert office.rows("invite")[1].state == "superseded"


def test_nothing_goes_to_an_address_that_is_not_the_patients_any_more(office: PostOffice) -> None:
    office.book_series()
    office.change_patient(email="new@mail.example")
    assert office.deliver(minutes=3) == []
    assert {row.why for row in office.rows("invite")} == {"The patient has another address now."}
