"""What patients are told when visits are booked, moved and cancelled (trust I9 to I12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask

from scheduler.errors import PlaceTaken
from scheduler.extensions import db
from scheduler.models import Patient
from scheduler.planning.opening import instant
from scheduler.services.outgoing import outbox
from scheduler.transaction import transaction
from tests.calendar_readers import assert_libical_agrees, event_of, starts_of, unescaped, with_ical
from tests.clinic import NEW_YORK
from tests.discreet import tell_tales
from tests.mail_server import Post
from tests.post_office import PostOffice, post_office


@pytest.fixture
def office(ground: Flask) -> Iterator[PostOffice]:
    with post_office(ground) as running:
        yield running


DAYS = (0, 2, 4, 7, 9, 11)
"""Tuesday, Thursday, Saturday, twice."""


@pytest.fixture(scope="session")
def engine_name() -> str:
    """What is told does not depend on the engine; test_delivery.py runs on both."""
    return "sqlite"


def subjects(posts: list[Post]) -> list[str]:
    return [str(post.message["Subject"]) for post in posts]


def text_of(post: Post) -> str:
    body = post.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def kinds(office: PostOffice, state: str) -> Counter[str]:
    return Counter(row.kind for row in office.rows(state=state))


def test_a_booking_tells_all_dates_once_and_invites_to_each_after_the_undo_window(
    office: PostOffice,
) -> None:
    visits = office.book_series()
    assert office.deliver(seconds=179) == []
    posts = office.deliver(seconds=1)
    assert len(posts) == 7
    assert subjects(posts)[0] == "Your appointments"
    for visit, post in zip(visits, posts[1:], strict=True):
        event = event_of(post.calendar, "REQUEST")
        assert event.one("UID") == visit.uid
        assert event.one("SEQUENCE") == "0"
        assert starts_of(post.calendar) == {visit.arrives_at}
        assert_libical_agrees(post.calendar)
    assert office.deliver(seconds=60) == []


def test_the_digest_names_every_date_arrival_leaving_and_the_fast(office: PostOffice) -> None:
    visits = office.book_series()
    digest = text_of(office.deliver(minutes=3)[0])
    for visit in visits:
        on = visit.starts_on
        assert f"{on:%a} {on.day} {on:%b %Y}: arrive" in digest
    assert digest.count("No food from 5:00 am. Stop drinks at 7:00 am.") == 6
    assert "arrive 8:45 am, leave about 10:45 am" in digest  # the first visit is longer
    assert "arrive 8:45 am, leave about 10:30 am" in digest
    assert "Someone must take you home." in digest
    assert "All times are New York time." in digest
    assert "call 555-0100" in digest


def test_the_calendar_entry_holds_the_fast_the_ride_and_two_alarms(office: PostOffice) -> None:
    office.book_series()
    post = office.deliver(minutes=3)[2]
    event = event_of(post.calendar, "REQUEST")
    words = unescaped(event.one("DESCRIPTION"))
    for sentence in (
        "No food from 5:00 am.",
        "Stop drinks at 7:00 am.",
        "Someone must take you home.",
        "Wear loose sleeves.",
        "Arrive at 8:45 am.",
    ):
        assert sentence in words
    food, ride = event.children("VALARM")
    assert unescaped(food.one("DESCRIPTION")).startswith("No food from 5:00 am on Wed 13 Jan.")
    assert food.one("TRIGGER") == "-PT12H45M"  # 20:00 the evening before, seen from 8:45
    assert unescaped(ride.one("DESCRIPTION")).startswith("Who takes you home on Wed 13 Jan?")
    assert ride.one("TRIGGER") == "-PT14H45M"
    assert with_ical(post.calendar).description == words


def test_a_message_has_the_shape_that_mail_programs_act_on(office: PostOffice) -> None:
    (visit, *_) = office.book_series()
    post = office.deliver(minutes=3)[1]
    message = post.message
    assert post.sender == visit.organizer
    assert [str(one.addr_spec) for one in message["From"].addresses] == [visit.organizer]
    assert str(message["To"]) == "pat1@mail.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    inline, attached = list(message.walk())[-2:]
    assert inline["Content-Disposition"] is None
    assert inline["Content-Transfer-Encoding"] == "base64"
    assert dict(inline["Content-Type"].params) == {
        "charset": "utf-8",
        "method": "REQUEST",
        "component": "VEVENT",
    }
    assert attached.get_filename() == "invite.ics"
    assert attached.get_payload(decode=True) == post.calendar
    organizer = event_of(post.calendar, "REQUEST").all("ORGANIZER")
    assert organizer == [({"CN": "Cedar House"}, f"mailto:{visit.organizer}")]
    assert b"\n" not in post.data.replace(b"\r\n", b"")


def test_nothing_that_leaves_gives_the_treatment_away(office: PostOffice) -> None:
    visits = office.book_series()
    office.deliver(minutes=3)
    office.move(visits[1], date(2027, 1, 13), time(14))
    office.deliver(minutes=3)
    office.cancel(visits[2])
    office.deliver(minutes=3)
    office.at(date(2027, 1, 12), 20)
    office.at(date(2027, 1, 13), 9)
    assert set(kinds(office, "sent")) >= {"digest", "invite", "update", "cancel", "r4", "r5"}
    for post in office.box.posts:
        texts = [str(value) for value in post.message.values()]
        for part in post.message.walk():
            if not part.is_multipart():
                texts.append(bytes(part.get_payload(decode=True)).decode())
        assert tell_tales("\n".join(texts)) == []
        assert "Invented" not in "\n".join(texts)  # no last name anywhere


def test_a_moved_visit_keeps_its_uid_and_counts_its_sequence_up(office: PostOffice) -> None:
    visit = office.book_series()[1]
    office.deliver(minutes=3)
    office.move(visit, date(2027, 1, 13), time(14))
    (post,) = office.deliver(minutes=3)
    event = event_of(post.calendar, "REQUEST")
    assert (event.one("UID"), event.one("SEQUENCE")) == (visit.uid, "1")
    assert starts_of(post.calendar) == {instant(NEW_YORK, date(2027, 1, 13), time(13, 45))}
    assert str(post.message["Subject"]) == "Moved: appointment on Wed 13 Jan"
    assert "It was: Wed 13 Jan 2027: arrive" in text_of(post)
    assert "No food from 10:00 am." in text_of(post)
    office.move(visit, date(2027, 1, 13), time(13))
    (again,) = office.deliver(minutes=3)
    assert event_of(again.calendar, "REQUEST").one("SEQUENCE") == "2"


def test_a_move_before_the_first_mail_invites_once_to_the_new_time(office: PostOffice) -> None:
    visit = office.book_series()[1]
    office.deliver(seconds=60)
    office.move(visit, date(2027, 1, 14), time(14))
    posts = office.deliver(minutes=3)
    (digest,) = [post for post in posts if "Your appointments" in str(post.message["Subject"])]
    assert "Thu 14 Jan 2027: arrive 1:45 pm" in text_of(digest)
    assert "Wed 13 Jan 2027" not in text_of(digest)
    (invite,) = [post for post in posts[:] if visit.uid.encode() in _ics(post)]
    event = event_of(invite.calendar, "REQUEST")
    assert event.one("SEQUENCE") == "1"
    assert str(invite.message["Subject"]) == "Appointment on Thu 14 Jan"
    assert len(posts) == 7


def _ics(post: Post) -> bytes:
    return post.calendar if b"text/calendar" in post.data else b""


def test_dragged_away_and_back_within_the_undo_window_tells_nobody(office: PostOffice) -> None:
    visit = office.book_series()[1]
    office.deliver(minutes=3)
    office.move(visit, date(2027, 1, 13), time(14))
    office.deliver(seconds=60)
    office.move(visit, date(2027, 1, 13), time(9))
    assert office.deliver(minutes=10) == []
    assert [row.state for row in office.rows("update")] == ["superseded", "superseded"]
    office.move(visit, date(2027, 1, 13), time(11))
    (post,) = office.deliver(minutes=3)
    assert event_of(post.calendar, "REQUEST").one("SEQUENCE") == "3"


def test_booked_and_cancelled_before_the_first_mail_says_nothing_at_all(office: PostOffice) -> None:
    for visit in office.book_series():
        office.cancel(visit)
    assert office.deliver(days=1) == []
    assert office.deliver(days=30) == []
    assert kinds(office, "waiting") == Counter()
    assert kinds(office, "superseded")["cancel"] == 6


def test_a_cancelled_visit_is_taken_back_from_the_calendar(office: PostOffice) -> None:
    visit = office.book_series()[1]
    told = [post for post in office.deliver(minutes=3) if visit.uid.encode() in _ics(post)]
    office.cancel(visit)
    (post,) = office.deliver(minutes=3)
    event = event_of(post.calendar, "CANCEL")
    before = event_of(told[0].calendar, "REQUEST")
    assert event.one("SEQUENCE") == "1"
    for name in ("UID", "ORGANIZER", "ATTENDEE", "DTSTART", "DTEND", "SUMMARY"):
        assert event.all(name) == before.all(name)
    assert event.one("DTSTAMP") > before.one("DTSTAMP")
    assert str(post.message["Subject"]) == "Cancelled: appointment on Wed 13 Jan"
    assert [part.get_filename() for part in post.message.iter_attachments()] == ["cancel.ics"]
    assert_libical_agrees(post.calendar)


def test_moved_and_cancelled_within_the_window_takes_back_what_was_told(office: PostOffice) -> None:
    visit = office.book_series()[1]
    office.deliver(minutes=3)
    office.move(visit, date(2027, 1, 14), time(14))
    office.cancel(visit)
    (post,) = office.deliver(minutes=3)
    event = event_of(post.calendar, "CANCEL")
    assert event.one("SEQUENCE") == "2"
    assert event.all("DTSTART")[0][1] == "20270113T084500"


def test_every_committed_change_has_one_row_and_a_refused_one_has_none(office: PostOffice) -> None:
    visit = office.book_series()[1]
    office.move(visit, date(2027, 1, 13), time(15))
    with pytest.raises(PlaceTaken):
        office.move(visit, date(2027, 1, 17), time(15))  # a Sunday
    itip = [row for row in office.rows() if row.method and row.visit_id == visit.id]
    assert [(row.version, row.sequence) for row in itip] == [(1, 0), (2, 1)]


def test_a_new_address_gets_the_visits_and_the_old_one_loses_them(office: PostOffice) -> None:
    visits = office.book_series()
    office.deliver(minutes=3)
    new_address(office, "new@mail.example")
    posts = office.deliver(minutes=3)
    gone, come = office.box.to("pat1@mail.example")[-6:], office.box.to("new@mail.example")
    assert (len(posts), len(gone), len(come)) == (12, 6, 6)
    for visit, old, new in zip(visits, gone, come, strict=True):
        cancelled, invited = event_of(old.calendar, "CANCEL"), event_of(new.calendar, "REQUEST")
        assert cancelled.one("UID") == invited.one("UID") == visit.uid
        assert cancelled.one("SEQUENCE") == invited.one("SEQUENCE") == "1"
        assert invited.one("ATTENDEE") == "mailto:new@mail.example"


def new_address(office: PostOffice, email: str) -> None:
    with transaction():
        patient = db.session.get_one(Patient, office.clinic.patient_ids[0])
        old, patient.email = patient.email, email
        db.session.flush()
        outbox.queue_address_changed(patient, old_email=old, now=office.now, undo_seconds=180)


def test_a_visit_moved_while_its_old_calendar_waits_for_the_cancel_still_loses_it(
    office: PostOffice,
) -> None:
    visit = office.book_series()[1]
    office.deliver(minutes=3)
    new_address(office, "new@mail.example")
    office.move(visit, date(2027, 1, 14), time(14))
    posts = [post for post in office.deliver(minutes=3) if visit.uid.encode() in _ics(post)]
    found = {post.recipients[0]: post.calendar for post in posts}
    assert event_of(found["pat1@mail.example"], "CANCEL").one("SEQUENCE") == "2"
    assert event_of(found["new@mail.example"], "REQUEST").one("SEQUENCE") == "2"
    assert len(posts) == 2


def test_back_to_the_first_address_invites_it_anew(office: PostOffice) -> None:
    visit = office.book_series()[1]
    office.deliver(minutes=3)
    new_address(office, "new@mail.example")
    office.deliver(minutes=3)
    new_address(office, "pat1@mail.example")
    posts = [post for post in office.deliver(minutes=3) if visit.uid.encode() in _ics(post)]
    found = {post.recipients[0]: post.calendar for post in posts}
    assert event_of(found["pat1@mail.example"], "REQUEST").one("SEQUENCE") == "2"
    assert event_of(found["new@mail.example"], "CANCEL").one("SEQUENCE") == "2"


def test_nobody_is_mailed_about_the_past(office: PostOffice) -> None:
    visit = office.book_series()[0]
    office.deliver(minutes=3)
    office.now = visit.starts_at + timedelta(minutes=1)
    office.cancel(visit)
    assert [post for post in office.deliver(hours=1) if visit.uid.encode() in _ics(post)] == []
    assert office.rows("cancel") == []


def test_a_late_worker_does_not_invite_to_a_visit_that_is_over(office: PostOffice) -> None:
    visits = office.book_series()
    office.now = visits[0].starts_at + timedelta(hours=1)
    posts = office.deliver()
    assert [post for post in posts if visits[0].uid.encode() in _ics(post)] == []
    assert len(office.tasks("failed_message")) == 1  # nobody was told: somebody calls


def test_hostile_names_add_no_header_and_break_no_line(office: PostOffice) -> None:
    hostile = "=?utf-8?q?x=0aBcc:_eve=40example.net?=\r\nBcc: eve@example.net\u202e\x1b"
    office.change_patient(first_name=hostile, driver_name=hostile, driver_phone="z" * 40)
    calm = office.book_series(1)
    assert calm
    office.book_series()
    posts = office.deliver(minutes=3)
    assert len(posts) == 14
    first = [name for name, _ in posts[0].message.items()]
    for post in posts:
        assert len(post.recipients) == 1
        names = [name for name, _ in post.message.items()]
        assert set(names) == set(first)
        assert len(names) == len(set(names))
        if ics := _ics(post):
            event_of(ics, "REQUEST")


@pytest.mark.parametrize(
    "on", [date(2027, 3, 14), date(2027, 11, 7)], ids=["spring forward", "fall back"]
)
def test_on_days_on_which_the_clocks_change_page_mail_and_calendar_agree(
    office: PostOffice, on: date
) -> None:
    office.now = datetime(on.year, on.month, 1, 15, tzinfo=UTC)
    open_on_sunday(office)
    tuesday = on + timedelta(days=2)
    (visit, *_) = office.book_series(dates=[tuesday + timedelta(days=d) for d in DAYS])
    office.move(visit, on, time(9))
    digest, *others = office.deliver(minutes=3)
    (invite,) = [post for post in others if visit.uid.encode() in _ics(post)]
    event = event_of(invite.calendar, "REQUEST")
    (visit,) = office.visits([visit.id])
    assert visit.local_starts == f"{on}T09:00"
    assert event.all("DTSTART") == [({"TZID": "America/New_York"}, f"{on:%Y%m%d}T084500")]
    assert starts_of(invite.calendar) == {visit.arrives_at}
    assert "arrive 8:45 am" in text_of(digest)
    assert "No food from 5:00 am." in text_of(invite)
    food = event.children("VALARM")[0]
    hours = {3: "-PT11H45M", 11: "-PT13H45M"}[on.month]
    assert food.one("TRIGGER") == hours  # still 20:00 on the wall


def open_on_sunday(office: PostOffice) -> None:
    from scheduler.models import Cover, OpeningHours

    common = {"organisation_id": office.clinic.organisation_id, "site_id": office.clinic.site_id}
    with transaction():
        db.session.add(OpeningHours(**common, weekday=6, opens=time(8), closes=time(17)))
        for role in ("nurse", "provider"):
            there = {"weekday": 6, "starts": time(8), "ends": time(17), "role": role}
            db.session.add(Cover(**common, **there, nurses=4))
