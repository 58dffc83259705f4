"""The whole line: serve and worker as processes, forms over HTTP, a real mail server, readers.

From a name on the phone to calendar entries that move and go away again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from scheduler.clock import utcnow
from scheduler.extensions import db
from scheduler.models import Patient, Visit
from scheduler.transaction import transaction
from tests.calendar_readers import (
    assert_libical_agrees,
    event_of,
    starts_of,
    unescaped,
    with_ical,
    with_vobject,
)
from tests.clinic import NEW_YORK, make_clinic
from tests.discreet import tell_tales
from tests.mail_server import Mailbox, Post, mail_server
from tests.processes import command, run_command, settings
from tests.wire import WireDesk

EMAIL, PASSWORD = "achter@cedar.example", "violet harbour lantern"
PATIENCE = timedelta(seconds=60)


@dataclass
class Line:
    """What a test sees of the running product."""

    app: Flask
    desk: WireDesk
    box: Mailbox
    version: int
    said: Callable[[], list[str]]

    def posts(self, count: int) -> list[Post]:
        """Waits until so many messages have arrived in all."""
        until = utcnow() + PATIENCE
        while len(self.box.posts) < count and utcnow() < until:
            time.sleep(0.05)
        assert len(self.box.posts) == count, self.said()
        return self.box.posts

    def visits(self) -> list[Visit]:
        with self.app.app_context():
            return list(db.session.scalars(select(Visit).order_by(Visit.number)))


@pytest.fixture
def line(ground: Flask, database_url: str, tmp_path: Path) -> Iterator[Line]:
    with ground.app_context():
        clinic = make_clinic(chairs=2, nurses=4)
        with transaction():
            patient = db.session.get_one(Patient, clinic.patient_ids[0])
            patient.find_text = "pat1 invented"
    with running(ground, database_url, tmp_path, clinic.versions["ket-mood-3x2"]) as found:
        yield found


@contextmanager
def running(app: Flask, database_url: str, folder: Path, version: int) -> Iterator[Line]:
    box = Mailbox()
    with mail_server(box) as smtp:
        environ = settings(database_url, smtp, folder)
        who = ("--email", EMAIL, "--name", "Dr Achter", "--roles", "provider")
        run_command(environ, "user", "add", *who, "--password-stdin", typed=f"{PASSWORD}\n")
        with command(environ, "serve", "--port", "0") as web, command(environ, "worker") as worker:
            port = web.wait_for("Serving").rsplit("port ", 1)[1].split(".")[0]
            worker.wait_for("delivers what is due")
            desk = WireDesk(f"http://127.0.0.1:{port}", EMAIL, PASSWORD)
            yield Line(app, desk, box, version, lambda: [*web.lines, *worker.lines])
            assert worker.end() == 0
            assert tell_tales("\n".join(worker.lines)) == []


def test_booked_moved_and_cancelled_by_forms_reaches_the_calendar_rightly(line: Line) -> None:
    book(line)
    digest, *invites = line.posts(7)
    visits = line.visits()
    assert len(visits) == 6
    for visit, post in zip(visits, invites, strict=True):
        check_entry(visit, post, "REQUEST", 0)
    check_digest(digest, visits)
    move(line, visits[5])
    check_entry(line.visits()[5], line.posts(8)[7], "REQUEST", 1)
    cancel(line, visits[4])
    check_entry(line.visits()[4], line.posts(9)[8], "CANCEL", 1)
    assert line.visits()[4].state == "cancelled"
    for post in line.box.posts:
        check_discreet(post)


def book(line: Line) -> None:
    line.desk.get("/series/new")
    earliest = utcnow().astimezone(NEW_YORK).date() + timedelta(days=7)
    line.desk.press(
        line.desk.form("wishes"),
        "Find",
        who="pat1",
        protocol_version_id=str(line.version),
        phase="induction",
        earliest_on=f"{earliest:%Y-%m-%d}",
        wished_start="9:00 am",
    )
    line.desk.press(line.desk.form("wishes"), "Book all six")
    assert "Six visits booked for Pat1 Invented." in line.desk.text


def move(line: Line, visit: Visit) -> None:
    line.desk.get(f"/visits/{visit.id}/move")
    line.desk.press(line.desk.form("move"), "Accept", starts="1:00 pm", chair_id="")
    assert "Moved to" in line.desk.text


def cancel(line: Line, visit: Visit) -> None:
    line.desk.get(f"/visits/{visit.id}/cancel")
    form = line.desk.form(f"/visits/{visit.id}/cancel")
    line.desk.press(form, "Cancel", reason_code="patient")
    assert "is cancelled" in line.desk.text


def check_entry(visit: Visit, post: Post, method: str, sequence: int) -> None:
    """UID, SEQUENCE, ORGANIZER, zone, times and alarms, by readers that did not write them."""
    event = event_of(post.calendar, method)
    assert_libical_agrees(post.calendar)
    assert event.one("UID") == visit.uid == with_ical(post.calendar).uid
    assert event.one("SEQUENCE") == str(sequence)
    assert event.one("ORGANIZER") == f"mailto:{visit.organizer}"
    assert [one.addr_spec for one in post.message["From"].addresses] == [visit.organizer]
    assert event.one("ATTENDEE") == "mailto:pat1@mail.example"
    assert post.recipients == ["pat1@mail.example"]
    assert event.all("DTSTART")[0][0] == {"TZID": "America/New_York"}
    assert starts_of(post.calendar) == {visit.arrives_at}
    assert with_vobject(post.calendar).dtend.value.astimezone(UTC) == visit.leaves_at
    if method == "REQUEST":
        check_alarms(visit, post)


def check_alarms(visit: Visit, post: Post) -> None:
    """Food at 20:00 or 18:00 the evening before, by the evening rule; the ride at 18:00."""
    stop = (visit.starts_at - timedelta(hours=4)).astimezone(NEW_YORK)
    food, ride = with_vobject(post.calendar).valarm_list
    rings = [(visit.arrives_at + one.trigger.value).astimezone(NEW_YORK) for one in (food, ride)]
    early = stop.hour >= 9
    assert [f"{at:%H:%M}" for at in rings] == ["18:00" if early else "20:00", "18:00"]
    assert {at.date() for at in rings} == {visit.starts_on - timedelta(days=1)}
    words = unescaped(str(food.description.value))
    assert words.startswith(f"No food from {clock(stop)} on {day(visit.starts_on)}.")
    assert f"No food from {clock(stop)}." in with_ical(post.calendar).description
    assert "Someone must take you home." in with_ical(post.calendar).description


def check_digest(post: Post, visits: list[Visit]) -> None:
    body = post.message.get_body(("plain",))
    assert body is not None
    words = str(body.get_content())
    for visit in visits:
        arrive, leave = visit.arrives_at.astimezone(NEW_YORK), visit.leaves_at.astimezone(NEW_YORK)
        year = visit.starts_on.year
        said = f"{day(visit.starts_on)} {year}: arrive {clock(arrive)}, leave about {clock(leave)}"
        assert said in words


def check_discreet(post: Post) -> None:
    texts = [str(value) for value in post.message.values()]
    for part in post.message.walk():
        if not part.is_multipart():
            texts.append(bytes(part.get_payload(decode=True)).decode())
    assert tell_tales("\n".join(texts)) == []
    assert "Invented" not in "\n".join(texts)


def clock(at: datetime) -> str:
    return f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"


def day(on: date) -> str:
    return f"{on:%a} {on.day} {on:%b}"
