"""Whatever a mail server does, each message arrives, once or as the same bytes (trust I13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from flask import Flask

from scheduler.extensions import db
from scheduler.mail.smtp import SmtpTransport
from scheduler.mail.smtp_url import Server, server_of
from scheduler.models import Site
from scheduler.planning.pacing import Pace
from scheduler.services import health
from scheduler.services.outgoing import leases
from scheduler.services.outgoing.leases import Claim
from scheduler.transaction import transaction
from tests.calendar_readers import event_of
from tests.mail_server import Post, free_port
from tests.post_office import PostOffice, post_office

WEDNESDAY = date(2027, 1, 13)
TUESDAY = date(2027, 1, 12)
PATIENCE_SECONDS = 0.2


@pytest.fixture(scope="session")
def engine_name() -> str:
    """Faults of the network ask nothing of the engine; test_delivery runs on both."""
    return "sqlite"


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as running:
        yield running


def impatient(office: PostOffice, **changes: str) -> None:
    """Gives up after a fifth of a second, as a worker does after ten."""
    transport = office.postman.transport
    assert isinstance(transport, SmtpTransport)
    office.postman.transport = SmtpTransport(transport.server, timeout_seconds=PATIENCE_SECONDS)


FAULTS = {
    "refuses for now": [("DATA", "451 try later")],
    "greylists": [("RCPT", "451 4.7.1 greylisted, come back")] * 2,
    "drops before DATA is answered": [("DATA", "drop before")],
    "loses the 250": [("DATA", "drop after")],
    "hangs up": [("MAIL", "421 closing")],
    "stalls": [("DATA", "stall")],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_invitation_a_move_a_reminder_and_a_cancellation_survive(
    office: PostOffice, fault: str
) -> None:
    impatient(office)
    came: list[Post] = []

    def with_trouble() -> None:
        office.box.once = list(FAULTS[fault])
        for _ in range(5):
            came.extend(office.deliver(minutes=3))

    visit = office.book_series()[1]
    with_trouble()
    office.move(visit, WEDNESDAY, time(14))
    with_trouble()
    office.at(TUESDAY, 19, 50)
    with_trouble()
    office.cancel(visit)
    with_trouble()
    assert unsent(office) == []
    assert office.tasks("failed_message") == []
    copies = defaultdict(set)
    for post in came:
        copies[str(post.message["Message-ID"])].add(post.data)
    assert {len(one) for one in copies.values()} == {1}  # a repeat is byte for byte the same
    assert sequences(came, visit.uid) == [("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 2)]


def unsent(office: PostOffice) -> list[str]:
    return [row.kind for row in office.rows(state="waiting") if row.due_at <= office.now]


def sequences(posts: list[Post], uid: str) -> list[tuple[str, int]]:
    """What a calendar is told about one visit, repeats left out (trust I11)."""
    found: list[tuple[str, int]] = []
    for post in posts:
        if b"text/calendar" not in post.data:
            continue
        method = "CANCEL" if b"cancel.ics" in post.data else "REQUEST"
        event = event_of(post.calendar, method)
        if event.one("UID") == uid and (method, int(event.one("SEQUENCE"))) not in found:
            found.append((method, int(event.one("SEQUENCE"))))
    return found


def test_a_server_that_stalls_for_one_message_delays_no_other(office: PostOffice) -> None:
    impatient(office)
    office.book_series(0)
    office.book_series(1)
    office.box.once = [("DATA pat1@mail.example", "stall")]
    assert len(office.deliver(minutes=3)) == 13
    (stalled,) = [row for row in office.rows("digest", "invite") if row.state == "waiting"]
    assert (stalled.attempts, stalled.may_have_left) == (1, True)
    (post,) = office.deliver(minutes=2)
    assert post.data == stalled.body


def test_without_tls_where_it_is_required_nothing_is_said(office: PostOffice) -> None:
    transport = office.postman.transport
    assert isinstance(transport, SmtpTransport)
    here = transport.server
    office.postman.transport = SmtpTransport(Server(host=here.host, port=here.port, tls="starttls"))
    office.book_series()
    assert office.deliver(minutes=3) == []
    state = health.check()
    assert state.mail_paused(office.now)
    assert "STARTTLS" in state.paused_why
    assert {row.attempts for row in office.rows("invite")} == {0}


def test_a_server_that_is_down_for_a_day_costs_nothing_but_the_day(office: PostOffice) -> None:
    up = office.postman.transport
    office.postman.transport = SmtpTransport(server_of(f"smtp://127.0.0.1:{free_port()}"))
    office.book_series()
    office.deliver(minutes=3)
    for _ in range(24):
        assert office.deliver(hours=1) == []
    assert {(row.state, row.attempts) for row in office.rows("digest", "invite")} == {
        ("waiting", 0)
    }
    office.postman.transport = up
    assert len(office.deliver(minutes=10)) == 7
    assert office.tasks() == []


def test_a_reminder_that_is_useless_after_the_outage_is_skipped(office: PostOffice) -> None:
    office.book_series()
    office.deliver(minutes=3)
    office.at(date(2027, 1, 10), 12)
    up = office.postman.transport
    office.postman.transport = SmtpTransport(server_of(f"smtp://127.0.0.1:{free_port()}"))
    office.at(date(2027, 1, 10), 21)
    office.postman.transport = up
    assert office.at(date(2027, 1, 11), 9, 30) == []  # the visit has begun
    ended = [row for row in office.rows("r4", "r5") if row.due_at <= office.now]
    assert ended
    assert {row.state for row in ended} <= {"skipped", "superseded"}


def test_a_worker_that_slept_for_six_hours_wakes_nobody_at_night(office: PostOffice) -> None:
    office.book_series(at=time(14))
    office.deliver(minutes=3)
    office.at(TUESDAY, 12)
    assert office.at(WEDNESDAY, 2) == []
    assert office.at(WEDNESDAY, 7, 59) == []
    late = office.at(WEDNESDAY, 8)
    assert [str(post.message["Subject"]) for post in late] == ["Appointment on Wed 13 Jan"]
    assert office.deliver(minutes=5) == []


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_jumps_sends_nothing_twice_and_loses_nothing(
    office: PostOffice, hours: int
) -> None:
    """The worker that held three leases died while the clock was wrong."""
    office.book_series(0)
    office.now += timedelta(minutes=3, hours=hours)
    leases.claim(Claim(worker="gone", lease=office.postman.lease, most=3), now=office.now)
    office.now -= timedelta(hours=hours)
    ids = [str(post.message["Message-ID"]) for post in office.deliver(minutes=1)]
    assert len(ids) == len(set(ids)) == 7
    assert office.deliver(hours=hours) == []
    assert health.check().worker_alive(office.now)
    office.now -= timedelta(hours=hours)
    assert office.deliver(minutes=5) == []
    assert health.check().worker_alive(office.now)


def test_a_domain_that_had_its_part_waits_and_delays_no_other(office: PostOffice) -> None:
    office.postman.pace = Pace(per_minute=6)
    office.change_patient(email="pat1@crowded.example")
    office.book_series(0)
    office.book_series(1)
    office.postman.pace.take("somebody@crowded.example", office.now + timedelta(minutes=3))
    first = office.deliver(minutes=3)
    assert {post.recipients[0] for post in first} == {"pat2@mail.example"}
    assert [len(office.deliver(seconds=10)) for _ in range(3)] == [2, 2, 2]


def test_proof_of_what_was_told_is_kept_and_its_bytes_are_not_in_the_clear(
    office: PostOffice,
) -> None:
    office.book_series()
    posts = office.deliver(minutes=3)
    row = office.rows("digest")[0]
    assert row.server_said == "250 OK"
    noted = db.session.execute(
        db.text("SELECT reason FROM audit WHERE subject = :s"), {"s": f"message:{row.id}"}
    ).scalars()
    assert list(noted) == [row.body_sha256]
    assert row.body in {post.data for post in posts}
    stored = db.session.execute(db.text("SELECT body FROM outbox")).scalars()
    assert not [one for one in stored if one is not None and b"Appointment" in one]


def test_a_word_that_must_not_leave_fails_its_message_and_somebody_calls(
    office: PostOffice,
) -> None:
    with transaction():
        db.session.query(Site).one().discreet_words = ["Elm Street"]
    office.book_series()
    assert office.deliver(minutes=3) == []
    assert {row.state for row in office.rows("digest", "invite")} == {"failed"}
    assert len(office.tasks("failed_message")) == 1
