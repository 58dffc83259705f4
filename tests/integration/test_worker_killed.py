"""kill -9 while sending loses nothing, and what is repeated is the same (trust I4, fact 4)."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from scheduler.clock import utcnow
from scheduler.extensions import db
from scheduler.models import Outbox
from scheduler.services.booking import book
from scheduler.services.plan_key import Choice, write
from scheduler.transaction import transaction
from tests.calendar_readers import event_of
from tests.clinic import AT_ONCE, make_clinic, wall
from tests.mail_server import Mailbox, mail_server
from tests.post_office import coming_dates
from tests.processes import command, settings

KILLS = 3  # on each engine
PATIENCE = timedelta(seconds=60)


@pytest.fixture
def booked(ground: Flask) -> Iterator[Flask]:
    """Seven messages that are due now, for visits that lie ahead of the machine's own clock."""
    with ground.app_context():
        clinic = make_clinic(chairs=2, nurses=4)
        dates = coming_dates(utcnow())
        plan = write(Choice(clinic.chair_ids[0], wall(on, 9)) for on in dates)
        request = clinic.booking(plan, 0, earliest_on=dates[0])
        book(request, clinic.anybody, now=utcnow(), policy=AT_ONCE)
        yield ground


def test_a_worker_killed_while_sending_loses_nothing_and_repeats_the_same_bytes(
    booked: Flask, database_url: str, tmp_path: Path
) -> None:
    box = Mailbox()
    with mail_server(box) as address:
        environ = settings(database_url, address, tmp_path)
        for _ in range(KILLS):
            box.hold, box.reached = threading.Event(), threading.Event()
            with command(environ, "worker") as worker:
                assert box.reached.wait(PATIENCE.total_seconds()), worker.lines
                worker.kill()  # the server has the message, the worker has no answer
            box.hold.set()
            let_leases_run_out()
        box.hold = None
        with command(environ, "worker") as worker:
            wait_until_sent()
            assert worker.end() == 0
    by_id = defaultdict(set)
    for post in box.posts:
        by_id[str(post.message["Message-ID"])].add(post.data)
    assert len(by_id) == 7  # nothing lost
    assert len(box.posts) == 7 + KILLS  # each kill repeated one message
    assert {len(copies) for copies in by_id.values()} == {1}  # byte for byte
    uids = [event_of(post.calendar, "REQUEST").one("UID") for post in box.posts if ics(post.data)]
    assert len(set(uids)) == 6


def ics(data: bytes) -> bool:
    return b"text/calendar" in data


def let_leases_run_out() -> None:
    """As if the minute of the lease had passed: tests wait for facts, not for time."""
    with transaction():
        for row in db.session.scalars(select(Outbox).where(Outbox.claimed_until.is_not(None))):
            row.claimed_until = utcnow() - timedelta(seconds=1)


def wait_until_sent() -> None:
    until = utcnow() + PATIENCE
    while unsent() and utcnow() < until:
        time.sleep(0.05)
    assert unsent() == []


def unsent() -> list[datetime]:
    db.session.rollback()
    kinds = ("digest", "invite")
    rows = select(Outbox.due_at).where(Outbox.kind.in_(kinds), Outbox.state != "sent")
    return list(db.session.scalars(rows))


def test_a_worker_that_is_told_to_stop_finishes_its_message_and_begins_no_other(
    booked: Flask, database_url: str, tmp_path: Path
) -> None:
    box = Mailbox(hold=threading.Event())
    assert box.hold is not None
    with (
        mail_server(box) as address,
        command(settings(database_url, address, tmp_path), "worker") as worker,
    ):
        assert box.reached.wait(PATIENCE.total_seconds()), worker.lines
        worker.process.terminate()
        box.hold.set()
        assert worker.process.wait(PATIENCE.total_seconds()) == 0
        worker.wait_for("The worker has ended")
    assert len(box.posts) == 1
    assert len(unsent()) == 6
