"""Private calendars: what stands in them, who reads them, what an answer says (calendar F1 to
F7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from scheduler.extensions import db
from scheduler.models import Patient, Visit
from scheduler.services.booking import book
from scheduler.services.cancelling import CancelRequest, cancel
from scheduler.services.own import feeds
from scheduler.services.plan_key import Choice, write
from scheduler.transaction import transaction
from tests.calendar_readers import Component, parse
from tests.clinic import AT_ONCE, NOW, Clinic, make_clinic, new_token, wall
from tests.desk import Desk, add_staff
from tests.post_office import DATES

LATER = NOW + timedelta(hours=1)


@dataclass
class Reader:
    """A calendar program: no cookie, no password."""

    client: FlaskClient
    clinic: Clinic
    token: str
    visits: tuple[int, ...]

    def get(self, token: str = "", **headers: str) -> TestResponse:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(f"/cal/{token or self.token}.ics", headers=names)

    def entries(self) -> list[Component]:
        return parse(self.get().data).children("VEVENT")


@pytest.fixture(scope="session")
def engine_name() -> str:
    """The address is asked, not the engine."""
    return "sqlite"


@pytest.fixture
def reader(app: Flask) -> Iterator[Reader]:
    with app.app_context():
        clinic = make_clinic()
        chosen = [Choice(clinic.chair_ids[0], wall(on, 9)) for on in DATES]
        request = clinic.booking(write(chosen), earliest_on=DATES[0])
        booked = book(request, clinic.anybody, now=NOW, policy=AT_ONCE)
        actor, patient_id = clinic.anybody, clinic.patient_ids[0]
        token = feeds.rotate(patient_id, actor, now=LATER, undo_seconds=0)
    with time_machine.travel(LATER + timedelta(minutes=5), tick=False):
        yield Reader(app.test_client(use_cookies=True), clinic, token, booked.visit_ids)


def test_the_feed_shows_times_and_a_place_and_nothing_else(app: Flask, reader: Reader) -> None:
    calendar = parse(reader.get().data)
    names = {name for name, _, _ in calendar.lines}
    assert names == {
        "VERSION", "PRODID", "CALSCALE", "NAME", "X-WR-CALNAME", "REFRESH-INTERVAL",
        "X-PUBLISHED-TTL",
    }  # fmt: skip
    assert calendar.all("REFRESH-INTERVAL") == [({"VALUE": "DURATION"}, "PT1H")]
    assert calendar.one("X-PUBLISHED-TTL") == "PT1H"
    entries = calendar.children("VEVENT")
    with app.app_context():
        uids = [db.session.get_one(Visit, one).uid for one in reader.visits]
    assert [one.one("UID") for one in entries] == uids
    for one in entries:
        assert {name for name, _, _ in one.lines} == {
            "SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE", "CLASS", "LAST-MODIFIED",
            "LOCATION", "STATUS", "TRANSP",
        }  # fmt: skip
        assert (one.one("SUMMARY"), one.one("STATUS")) == ("Appointment", "CONFIRMED")
        assert one.one("DTSTAMP") == one.one("LAST-MODIFIED") == "20270104T160000Z"


def test_the_answer_is_a_plain_file_that_says_when_it_changed(reader: Reader) -> None:
    answer = reader.get()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    for name in ("Set-Cookie", "Content-Disposition", "Content-Encoding", "Location"):
        assert name not in answer.headers
    assert answer.last_modified == LATER
    assert reader.get().data == answer.data
    head = reader.client.head(f"/cal/{reader.token}.ics")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == answer.headers["ETag"]
    for asked in (
        {"If_None_Match": answer.headers["ETag"]},
        {"If_Modified_Since": answer.headers["Last-Modified"]},
    ):
        same = reader.get(**asked)
        assert (same.status_code, same.data) == (304, b"")
    old = reader.get(If_Modified_Since="Mon, 04 Jan 2027 15:00:00 GMT")
    assert old.status_code == 200


def test_a_cancelled_visit_is_told_for_thirty_days(app: Flask, reader: Reader) -> None:
    etag = reader.get().headers["ETag"]
    with app.app_context():
        request = CancelRequest(reason_code="patient", version=2, token=new_token())
        at = datetime.now(UTC)  # noqa: TID251  the clock that the feed sees
        actor = reader.clinic.anybody
        cancel(reader.visits[5], request, actor, now=at, policy=AT_ONCE)
    assert reader.get(If_None_Match=etag).status_code == 200
    *_, gone = reader.entries()
    assert (gone.one("STATUS"), gone.one("SEQUENCE")) == ("CANCELLED", "2")
    assert gone.one("TRANSP") == "TRANSPARENT"
    with time_machine.travel(at + timedelta(days=30), tick=False):
        assert len(reader.entries()) == 6
    with time_machine.travel(at + timedelta(days=31), tick=False):
        assert "CANCELLED" not in reader.get().text


def test_addresses_that_never_were_and_that_ended_answer_alike(app: Flask, reader: Reader) -> None:
    actor, patient_id = reader.clinic.anybody, reader.clinic.patient_ids[0]
    old = reader.token
    with app.app_context():
        reader.token = feeds.rotate(patient_id, actor, now=LATER, undo_seconds=0)
    ended, never = reader.get(old), reader.get("x" * 43)
    assert ended.status_code == never.status_code == 404
    assert ended.data == never.data
    assert "Set-Cookie" not in ended.headers
    assert reader.get().status_code == 200
    with app.app_context():
        feeds.revoke(patient_id, actor, now=LATER, undo_seconds=0)
        assert db.session.get_one(Patient, patient_id).calendar == "invites"
    assert reader.get().status_code == 404


def test_a_patient_who_takes_invitations_sees_no_visit_twice(app: Flask, reader: Reader) -> None:
    with app.app_context(), transaction():
        db.session.get_one(Patient, reader.clinic.patient_ids[0]).calendar = "invites"
    assert reader.get().status_code == 200
    assert reader.entries() == []


def test_a_chair_s_feed_shows_initials_and_the_time_of_the_chair(
    app: Flask, reader: Reader
) -> None:
    with app.app_context():
        actor = reader.clinic.anybody
        token = feeds.rotate_chair(reader.clinic.chair_ids[0], actor, now=LATER)
    answer = reader.get(token)
    first = parse(answer.data).children("VEVENT")[0]
    assert first.one("SUMMARY") == "PI"
    assert first.all("DTSTART")[0][1] == "20270111T090000"
    assert "Invented" not in answer.text
    assert not first.all("LOCATION")


def test_the_desk_makes_an_address_once_and_ends_it(app: Flask, reader: Reader) -> None:
    with app.app_context():
        email = add_staff(reader.clinic.organisation_id, "manager")
    desk = Desk(app, email)
    page = f"/patients/{reader.clinic.patient_ids[0]}"
    assert "New feed address" in desk.get(page).text
    shown = desk.post(f"{page}/feed")
    address = shown.text.partition('value="http://localhost/cal/')[2].partition(".ics")[0]
    assert len(address) == 43
    assert reader.get(address).status_code == 200
    assert reader.get().status_code == 404
    assert address not in desk.get(page).text
    desk.post(f"{page}/feed/end")
    assert reader.get(address).status_code == 404
    chairs = f"/setup/sites/{reader.clinic.site_id}/chairs"
    assert "Make an address" in desk.get(chairs).text
    made = desk.post(f"/setup/chairs/{reader.clinic.chair_ids[0]}/feed")
    assert "shown once" in made.text
    assert "made Mon 4 Jan" in desk.get(chairs).text


def test_feeds_stand_where_visits_are_in_the_year(reader: Reader) -> None:
    assert {one.one("SEQUENCE") for one in reader.entries()} == {"1"}  # taken back from the mail
    with time_machine.travel(datetime.combine(date(2027, 3, 1), NOW.timetz()), tick=False):
        assert reader.entries() == []
