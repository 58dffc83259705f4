"""Messages page: what waits and when it leaves, send now, what left exactly, what failed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from config import Settings
from scheduler.errors import NotFound
from scheduler.extensions import db
from scheduler.mail import inbound as reading
from scheduler.models import AuditEntry, Outbox
from scheduler.services import csv_text
from scheduler.services.incoming import inbound, mailboxes
from scheduler.services.outgoing import letters, message_view, message_words
from scheduler.transaction import transaction
from tests.calendar_readers import event_of
from tests.clinic import NOW, make_clinic
from tests.desk import Desk, add_staff
from tests.post_office import PostOffice, post_office
from tests.reply_mails import AUTHSERV, Mail

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
    assert f"Messages of {office.rows('digest')[0].patient.name}" in desk.text
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
    assert office.rows("digest")[0].patient.email_bad_at is not None
    office.box.answers.clear()
    answer = desk.post(f"/messages/{digest}/send-again")
    desk.get(answer.location)
    assert "It is queued once more." in desk.text
    assert office.rows("digest")[0].patient.email_bad_at is None  # somebody says that it is right
    (post,) = office.deliver()
    assert str(post.message["Subject"]) == "Your appointments"


def test_a_message_that_cannot_be_written_opens_all_the_same(office: PostOffice) -> None:
    office.book_series()
    with transaction():
        for row in db.session.scalars(select(Outbox)):
            row.recipient = "two@mail.example, people@mail.example"
            row.state = "failed"
    desk = somebody(office)
    assert desk.get(f"/messages/{first_of(office, 'invite')}").status_code == 200
    assert "Nothing left." in desk.text


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
    mailboxes.troubled("box", "The mailbox of replies did not answer in time.", now=NOW)
    desk.get("/messages")
    assert "Replies are not being read. The mailbox of replies did not answer" in desk.text
    assert "Nothing is being sent." in desk.text
    health = desk.get("/healthz").json
    assert health is not None
    assert health["replies"] == "trouble"
    mailboxes.signed("box", now=NOW)
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
        message_view.show(invite, other.anybody, now=NOW)


def test_an_odd_address_is_the_plain_list(office: PostOffice) -> None:
    desk = somebody(office)
    odd = ("tab=odd", "page=0", "page=-1", "page=x", "page=99999999", "among=a,-1,%F0%9F%98%80")
    for query in (*odd, "patient_id=%F0%9F%98%80", "channel=post", "group=all"):
        assert desk.get(f"/messages?{query}").status_code == 200


def test_the_list_is_narrowed_by_patient_way_and_kind_and_exported_as_it_is(
    office: PostOffice,
) -> None:
    office.book_series(0)
    office.book_series(1)
    desk = somebody(office)
    desk.get("/messages?group=dates&channel=email")
    who = office.rows("digest")[1].patient
    answer = desk.post(
        "/messages/find?group=dates&channel=email", {"words": who.birth_on.isoformat()}
    )
    assert "among=" in answer.location
    desk.get(answer.location)
    assert "Invitation for Wed 13 Jan" in desk.text
    assert "Evening reminder" not in desk.text
    assert "pat1@mail.example" not in desk.text
    answer = desk.get(f"/messages/export.csv?among={who.id}&group=dates&channel=email")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="messages-waiting.csv"'
    head, *rows = csv_text.read(answer.text)
    assert head[:4] == ["Message", "Way", "Patient", "To"]
    assert {row[3] for row in rows} == {"pat2@mail.example"}
    assert len(rows) == 7
    kept = select(AuditEntry).where(AuditEntry.action == "export_messages")
    assert [entry.reason for entry in db.session.scalars(kept)] == ["7 rows"]
    assert (
        desk.post("/messages/find", {"words": "nobody at all"}).location == "/messages?tab=waiting"
    )
    desk.get("/messages?channel=sms")
    assert "Nothing matches" in desk.text


def test_a_call_instead_of_a_message_closes_its_task_and_keeps_the_answer(
    office: PostOffice,
) -> None:
    office.box.answers["DATA"] = "554 not this one"
    office.book_series()
    office.deliver(minutes=3)
    desk = somebody(office)
    row = office.rows("invite", state="failed")[0]
    desk.get(f"/messages/{row.id}")
    assert "What came of the call?" in desk.text
    token = desk.page.partition('name="token" value="')[2][:32]
    said = {"outcome": "Told her all dates", "coming": "yes", "token": token}
    assert desk.post(f"/messages/{row.id}/called", said).status_code == 302
    desk.get(f"/messages/{row.id}")
    assert "Told by phone instead." in desk.text
    assert "Was told by phone (noted by Dana Front): Told her all dates" in desk.text
    assert "Is coming (noted by Dana Front)" in desk.text
    assert "Called instead, Dana Front" in desk.text
    assert office.tasks("failed_message") == []
    desk.post(f"/messages/{row.id}/called", {"outcome": ""})
    desk.get("/messages")
    assert "Say in a few words what came of the call." in desk.text


def test_an_address_is_mended_from_the_message_and_leads_back(office: PostOffice) -> None:
    office.box.answers["RCPT pat1@mail.example"] = "550 no such user"
    office.book_series()
    office.deliver(minutes=3)
    digest = office.rows("digest", state="failed")[0]
    desk = somebody(office)
    desk.get(f"/messages/{digest.id}")
    assert f"/patients/{digest.patient_id}/edit?message={digest.id}#email" in desk.page
    desk.get(f"/patients/{digest.patient_id}/edit?message={digest.id}")
    desk.press(desk.form("patient"), "Save", email="mended@mail.example")
    assert "Message" in desk.text
    answer = desk.post(f"/messages/{digest.id}/send-again")
    desk.get(answer.location)
    assert "mended@mail.example" in desk.text


def test_what_came_in_is_listed_with_its_verdict_and_beside_its_message(office: PostOffice) -> None:
    visit = office.book_series()[0]
    office.deliver(minutes=3)
    mail = Mail(
        sender="pat1@mail.example",
        attendee="pat1@mail.example",
        to=visit.organizer,
        organizer=visit.organizer,
        uid=visit.uid,
        partstat="DECLINED",
        more=("COMMENT:<i>ill</i>",),
    )
    inbound.take(reading.read(mail.data(), authserv_id=AUTHSERV), now=office.now)
    inbound.take(reading.read(b"From: a@b.example\r\n\r\nhi", authserv_id=AUTHSERV), now=office.now)
    desk = somebody(office)
    desk.get("/messages?tab=received")
    assert "Calendar answer for Mon 11 Jan" in desk.text
    assert "<i>ill</i>" in desk.text  # as words
    assert "1 more message came of which nobody can tell" in desk.text
    desk.get("/messages?tab=received&group=bounce")
    assert "Nothing matches" in desk.text
    desk.get(f"/messages/{first_of(office, 'invite')}")
    assert "Answered declined." in desk.text
    assert "declined" in desk.text
    rows = csv_text.read(desk.get("/messages/export.csv?tab=received").text)
    assert rows[1][2:4] == ["Calendar answer for Mon 11 Jan", "Taken"]


def test_what_left_is_proved_by_its_hash_and_shows_no_token(office: PostOffice) -> None:
    office.book_series()
    posts = office.deliver(minutes=3)
    desk = somebody(office)
    digest = office.rows("digest")[0]
    desk.get(f"/messages/{digest.id}")
    assert sha256(posts[0].data).hexdigest() in desk.text
    assert "Left with these bytes, the worker: the same hash" in desk.text
    assert "/p/..." in desk.text
    tokens = re.findall(r"/[pu]/([A-Za-z0-9_-]{20,})", posts[0].message.as_string())
    assert tokens
    assert not [token for token in tokens if token in desk.page]


def test_every_kind_of_message_has_words_on_the_page_and_stands_in_one_group() -> None:
    assert set(message_words.KINDS) == set(letters.kinds())
    grouped = [kind for group in message_words.GROUPS.values() for kind in group]
    assert sorted(grouped) == sorted(message_words.KINDS)
