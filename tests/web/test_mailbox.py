"""The demo's mailbox: each message as it was sent, and only in the demo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from config import Settings
from scheduler.extensions import db
from scheduler.mail.transport import transport_from
from scheduler.worker.replies import poll, replies_from
from tests.clinic import NOW, make_clinic
from tests.desk import Desk, add_staff
from tests.post_office import PostOffice, post_office


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def office(app: Flask, app_settings: Settings) -> Iterator[PostOffice]:
    """Delivers into the folder, as the demo does."""
    with post_office(app) as running:
        running.postman.transport = transport_from("", app_settings.data_dir)
        yield running


@pytest.fixture
def desk(office: PostOffice) -> Desk:
    return Desk(office.app, add_staff(office.clinic.organisation_id, "desk"))


def files(settings: Settings) -> list[Path]:
    return sorted((settings.data_dir / "mail").glob("*.eml"))


def about(settings: Settings, subject: str) -> list[Path]:
    line = f"\r\nSubject: {subject}\r\n".encode()
    return [path for path in files(settings) if line in path.read_bytes()]


def test_an_empty_mailbox_says_how_it_fills(desk: Desk) -> None:
    desk.get("/mailbox")
    assert "No message has left yet" in desk.text


def test_a_booking_fills_the_mailbox_with_a_digest_and_six_invitations(
    office: PostOffice, desk: Desk, app_settings: Settings
) -> None:
    office.book_series()
    office.deliver(minutes=3)
    assert len(files(app_settings)) == 7
    desk.get("/mailbox")
    assert desk.text.count("pat1@mail.example") == 7
    assert desk.text.index("Your appointments") < desk.text.index("Appointment on Mon 11 Jan")
    for day in ("Mon 11", "Wed 13", "Fri 15", "Mon 18", "Wed 20", "Fri 22"):
        assert f"Appointment on {day} Jan" in desk.text


def test_a_message_shows_text_html_and_calendar_and_can_be_saved(
    office: PostOffice, desk: Desk, app_settings: Settings
) -> None:
    office.book_series()
    office.deliver(minutes=3)
    (path,) = about(app_settings, "Appointment on Wed 13 Jan")
    desk.get(f"/mailbox/{path.name}")
    assert "No food from 5:00 am." in desk.text
    assert "Tue 12 Jan, 8:00 pm" in desk.text
    assert 'sandbox=""' in desk.page
    assert "&lt;h2&gt;Before and after&lt;/h2&gt;" in desk.page
    source = desk.get(f"/mailbox/{path.name}/source")
    assert source.data == path.read_bytes()
    assert source.mimetype == "message/rfc822"
    file = desk.get(f"/mailbox/{path.name}/calendar")
    assert file.data.startswith(b"BEGIN:VCALENDAR\r\n")


@pytest.mark.parametrize(
    "name", ["..%2Fsecret_key", "secret_key", "x.eml", "20270104T150300Z-0123456789abcdef.eml"]
)
def test_only_messages_can_be_opened(desk: Desk, app_settings: Settings, name: str) -> None:
    (app_settings.data_dir / "secret_key").write_text("hidden")
    for end in ("", "/source", "/calendar"):
        assert desk.get(f"/mailbox/{name}{end}").status_code == 404


def test_a_digest_has_no_calendar_file(
    office: PostOffice, desk: Desk, app_settings: Settings
) -> None:
    office.book_series()
    office.deliver(minutes=3)
    (path,) = about(app_settings, "Your appointments")
    assert desk.get(f"/mailbox/{path.name}/calendar").status_code == 404


def test_another_organisation_sees_none_of_it(office: PostOffice, app_settings: Settings) -> None:
    office.book_series()
    office.deliver(minutes=3)
    stranger = Desk(office.app, add_staff(make_clinic().organisation_id, "desk"))
    stranger.get("/mailbox")
    assert "No message has left yet" in stranger.text
    assert stranger.get(f"/mailbox/{files(app_settings)[0].name}").status_code == 404


def test_where_mail_really_leaves_there_is_no_mailbox(office: PostOffice, desk: Desk) -> None:
    settings: Settings = office.app.config["CHAIRTIME"]
    office.app.config["CHAIRTIME"] = replace(settings, smtp_url="smtp://localhost:2525")
    assert desk.get("/mailbox").status_code == 404


def test_an_answer_from_the_mailbox_goes_the_whole_way(
    office: PostOffice, desk: Desk, app_settings: Settings
) -> None:
    visit_id = office.book_series()[0].id
    office.deliver(minutes=3)
    (path,) = about(app_settings, "Appointment on Mon 11 Jan")
    demo = replace(app_settings, mode="demo")
    replies = replies_from(demo, office.app.app_context)
    assert replies is not None
    replies.clock = lambda: office.now + timedelta(hours=2)
    desk.get(f"/mailbox/{path.name}")
    for answer, partstat in (("COUNTER", "NEEDS-ACTION"), ("DECLINED", "DECLINED")):
        sent = {"answer": answer, "proposed": "2027-01-12T10:00", "text": "I am sorry"}
        assert desk.post(f"/mailbox/{path.name}/reply", sent).status_code == 302
        poll(replies)
        db.session.rollback()
        assert office.visits([visit_id])[0].partstat == partstat
    assert sorted(task.kind for task in office.tasks()) == ["asks_time", "declined"]
    desk.post(f"/mailbox/{path.name}/reply", {"answer": "BOUNCE"})
    desk.post(f"/mailbox/{path.name}/reply", {"answer": "LETTER", "text": "May I bring a friend?"})
    poll(replies)
    assert {"bounce", "wrote"} < {task.kind for task in office.tasks()}
    desk.post(f"/mailbox/{path.name}/reply", {"answer": "COUNTER", "proposed": "soon"})
    desk.get(f"/mailbox/{path.name}")
    assert "Choose a day and a time to propose." in desk.text
