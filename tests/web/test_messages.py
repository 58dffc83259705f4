"""Messages page: what waits and when it leaves, send now, what left exactly, what failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from config import Settings
from scheduler.errors import NotFound
from scheduler.services import messages
from scheduler.services.letters import kinds
from tests.calendar_readers import event_of
from tests.clinic import NOW, make_clinic
from tests.desk import Desk, add_staff
from tests.post_office import PostOffice, post_office

LATER = NOW + timedelta(minutes=3)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def app_settings(app_settings: Settings) -> Settings:
    return replace(app_settings, undo_seconds=180)


@pytest.fixture
def office(app: Flask) -> Iterator[PostOffice]:
    with post_office(app) as running:
        yield running


def somebody(office: PostOffice, role: str = "desk") -> Desk:
    return Desk(office.app, add_staff(office.clinic.organisation_id, role))


def first_of(office: PostOffice, kind: str) -> int:
    return office.rows(kind)[0].id


def test_waiting_messages_say_when_they_leave(office: PostOffice) -> None:
    office.book_series()
    desk = somebody(office)
    desk.get("/messages")
    assert "7 messages wait" not in desk.text  # the reminders wait too
    assert "leaves at 10:03 am" in desk.text
    assert "Invitation for Wed 13 Jan" in desk.text
    assert "All dates" in desk.text
    assert "leaves Tue 12 Jan, 8:00 pm" in desk.text


def test_send_now_ends_the_undo_window_of_one_message(office: PostOffice) -> None:
    office.book_series()
    desk = somebody(office)
    desk.get("/messages")
    digest = first_of(office, "digest")
    answer = desk.post(f"/messages/{digest}/send-now")
    assert answer.status_code == 302
    desk.get(answer.location)
    assert "The message is leaving now." in desk.text
    assert len(office.deliver()) == 1
    assert desk.post(f"/messages/{digest}/send-now").status_code == 302
    desk.get("/messages")
    assert "does not wait any more" in desk.text


def test_everything_of_one_patient_can_leave_at_once(office: PostOffice) -> None:
    office.book_series(0)
    office.book_series(1)
    patient_id = office.clinic.patient_ids[0]
    desk = somebody(office)
    desk.get(f"/messages?patient_id={patient_id}")
    assert "Send all now" in desk.text
    desk.post(f"/messages/of-patient/{patient_id}/send-now")
    assert {post.recipients[0] for post in office.deliver()} == {"pat1@mail.example"}


def test_a_reminder_cannot_leave_before_its_hour(office: PostOffice) -> None:
    office.book_series()
    desk = somebody(office)
    desk.get("/messages")
    desk.post(f"/messages/{first_of(office, 'r4')}/send-now")
    desk.get("/messages")
    assert "does not wait any more" in desk.text
    assert office.deliver() == []


def test_what_left_is_shown_exactly_with_its_calendar_file(office: PostOffice) -> None:
    office.book_series()
    posts = office.deliver(minutes=3)
    desk = somebody(office)
    invite = office.rows("invite")[1]
    desk.get(f"/messages/{invite.id}")
    assert "Appointment on Wed 13 Jan" in desk.text
    assert str(invite.message_id) in desk.text
    assert "No food from 5:00 am." in desk.text
    assert str(invite.uid) in desk.text
    assert "Tue 12 Jan, 8:00 pm" in desk.text  # the food alarm
    assert "BEGIN:VALARM" in desk.text
    file = desk.get(f"/messages/{invite.id}/calendar")
    assert file.data == posts[2].calendar
    assert file.headers["Content-Disposition"] == 'attachment; filename="invite.ics"'
    assert file.mimetype == "text/calendar"


def test_what_waits_can_be_read_before_it_leaves(office: PostOffice) -> None:
    office.book_series()
    desk = somebody(office)
    desk.get(f"/messages/{first_of(office, 'digest')}")
    assert "It has not left yet." in desk.text
    assert "Your appointments are booked:" in desk.text
    desk.get(f"/messages/{first_of(office, 'r4')}")
    assert "Please get ready for your appointment:" in desk.text


def test_failed_messages_say_why_and_can_be_tried_again(office: PostOffice) -> None:
    office.box.answers["RCPT pat1@mail.example"] = "550 no such user"
    office.book_series()
    office.deliver(minutes=3)
    desk = somebody(office)
    desk.get("/messages?tab=failed")
    assert "550 no such user" in desk.text
    digest = first_of(office, "digest")
    office.box.answers.clear()
    answer = desk.post(f"/messages/{digest}/send-again")
    desk.get(answer.location)
    assert "It is queued once more." in desk.text
    (post,) = office.deliver()
    assert str(post.message["Subject"]) == "Your appointments"


def test_a_resend_keeps_its_sequence_and_has_a_new_stamp(office: PostOffice) -> None:
    office.book_series()
    first = office.deliver(minutes=3)[1]
    desk = somebody(office)
    desk.get(f"/messages/{first_of(office, 'invite')}")
    desk.post(f"/messages/{first_of(office, 'invite')}/send-again")
    office.now = LATER
    (again,) = office.deliver(minutes=1)
    old, new = event_of(first.calendar, "REQUEST"), event_of(again.calendar, "REQUEST")
    assert new.one("DTSTAMP") > old.one("DTSTAMP")
    differ = [a[0] for a, b in zip(old.lines, new.lines, strict=True) if a != b]
    assert differ == ["DTSTAMP"]


def test_what_does_not_hold_any_more_is_not_sent_again(office: PostOffice) -> None:
    visit = office.book_series()[0]
    office.deliver(minutes=3)
    office.cancel(visit)
    desk = somebody(office)
    desk.get("/messages?tab=sent")
    answer = desk.post(f"/messages/{first_of(office, 'invite')}/send-again")
    desk.get(answer.location)
    assert "Nothing was sent." in desk.text
    assert len(office.rows("invite")) == 6


def test_messages_that_were_taken_back_say_why(office: PostOffice) -> None:
    office.cancel(office.book_series()[0])
    desk = somebody(office)
    desk.get("/messages?tab=ended")
    assert "The visit was cancelled before this left." in desk.text
    assert "Nothing about it had been sent." in desk.text


def test_a_pause_and_a_silent_worker_are_said_at_the_top(office: PostOffice) -> None:
    desk = somebody(office)
    desk.get("/messages")
    assert "Nothing is being sent." in desk.text
    office.deliver()
    desk.get("/messages")
    assert "Nothing is being sent." not in desk.text
    office.box.answers["MAIL"] = "550 this sender may not"
    office.book_series()
    office.deliver(minutes=3)
    with time_machine.travel(LATER, tick=False):
        desk.get("/messages")
    assert "The mail server does not take messages." in desk.text
    assert "550 this sender may not" in desk.text


def test_a_nurse_reads_but_sends_nothing(office: PostOffice) -> None:
    office.book_series()
    nurse = somebody(office, "nurse")
    nurse.get("/messages")
    assert "Send now" not in nurse.text
    assert nurse.post(f"/messages/{first_of(office, 'digest')}/send-now").status_code == 403


def test_another_organisations_message_answers_like_a_missing_one(office: PostOffice) -> None:
    office.book_series()
    office.deliver(minutes=3)
    other = make_clinic()
    stranger = Desk(office.app, add_staff(other.organisation_id, "desk"))
    invite = first_of(office, "invite")
    for address in (f"/messages/{invite}", f"/messages/{invite}/calendar", "/messages/999999"):
        assert stranger.get(address).status_code == 404
    stranger.get("/messages?tab=sent")
    assert "Nothing was sent yet" in stranger.text
    for action in ("send-now", "send-again"):
        assert stranger.post(f"/messages/{invite}/{action}").status_code == 404
    with pytest.raises(NotFound):
        messages.show(invite, other.anybody, now=NOW)


@pytest.mark.parametrize(
    "query", ["tab=odd", "page=0", "page=-1", "page=x", "page=99999999", "patient_id=%F0%9F%98%80"]
)
def test_an_odd_address_is_the_plain_list(office: PostOffice, query: str) -> None:
    assert somebody(office).get(f"/messages?{query}").status_code == 200


def test_every_kind_of_message_has_words_on_the_page_and_in_the_mail() -> None:
    assert set(messages.WORDS) == set(kinds())
