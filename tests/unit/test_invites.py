"""A visit as iCalendar bytes: every MUST of calendar.md 1 to 5, read by others than its writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.invites.ics import Invite, cancel, request
from scheduler.invites.identity import (
    new_reply_token,
    new_uid,
    organizer_address,
    sender_refusal,
)
from scheduler.mail.headers import address
from scheduler.planning.alarms import Alarm
from scheduler.planning.opening import instant
from tests.calendar_readers import (
    assert_libical_agrees,
    event_of,
    parse,
    starts_of,
    unescaped,
    with_ical,
    with_vobject,
)

NEW_YORK = ZoneInfo("America/New_York")
ARRIVES = datetime(2027, 1, 13, 13, 45, tzinfo=UTC)
ORGANIZER = "bookings+0123456789abcdef0123456789abcdef@clinic.example"
INVITE = Invite(
    uid="b7c1f0de-6a55-4b43-9f0e-2f7a1c9d0001@clinic.example",
    sequence=0,
    stamped_at=datetime(2026, 12, 30, 12, 0, tzinfo=UTC),
    zone=NEW_YORK,
    arrives_at=ARRIVES,
    leaves_at=ARRIVES + timedelta(minutes=105),
    organizer=ORGANIZER,
    organizer_name="Larkmoor, Suite 200",
    attendee="pat@example.net",
    location="Suite 200; 1 Main St, Albany",
    description="No food from 5:00 am. Stop drinks at 7:00 am. Arrive at 8:45 am.\nCall 555-0100.",
    alarms=(
        Alarm(at=ARRIVES - timedelta(hours=12, minutes=45), text="No food from 5:00 am, please"),
        Alarm(at=ARRIVES - timedelta(hours=24), text="Who takes you home?"),
    ),
)


def at(zone: ZoneInfo, on: date, wall: time, hours: float = 2) -> Invite:
    arrives_at = instant(zone, on, wall)
    return replace(
        INVITE, zone=zone, arrives_at=arrives_at, leaves_at=arrives_at + timedelta(hours=hours)
    )


@pytest.mark.parametrize(("make", "method"), [(request, "REQUEST"), (cancel, "CANCEL")])
def test_four_independent_readers_accept_what_we_write(
    make: Callable[[Invite], bytes], method: str
) -> None:
    data = make(INVITE)
    event = event_of(data, method)
    assert event.one("UID") == INVITE.uid
    assert event.one("ORGANIZER") == f"mailto:{ORGANIZER}"
    assert event.one("ATTENDEE") == "mailto:pat@example.net"
    assert event.one("DTSTAMP") == "20261230T120000Z"
    assert starts_of(data) == {ARRIVES}
    assert str(with_vobject(data).uid.value) == INVITE.uid == with_ical(data).uid
    assert_libical_agrees(data)


def test_the_visit_is_from_arrival_to_leaving_on_the_sites_clock() -> None:
    event = event_of(request(INVITE), "REQUEST")
    assert event.all("DTSTART") == [({"TZID": "America/New_York"}, "20270113T084500")]
    assert event.all("DTEND") == [({"TZID": "America/New_York"}, "20270113T103000")]


def test_the_words_of_the_preparation_reach_the_calendar_unchanged() -> None:
    event = event_of(request(INVITE), "REQUEST")
    assert unescaped(event.one("DESCRIPTION")) == INVITE.description
    assert unescaped(event.one("LOCATION")) == INVITE.location
    assert with_ical(request(INVITE)).description == INVITE.description


def test_alarms_keep_their_order_and_count_in_hours_never_in_days() -> None:
    event = event_of(request(INVITE), "REQUEST")
    assert [alarm.one("TRIGGER") for alarm in event.children("VALARM")] == ["-PT12H45M", "-PT24H"]
    found = [alarm.trigger.value for alarm in with_vobject(request(INVITE)).valarm_list]
    assert found == [-timedelta(hours=12, minutes=45), -timedelta(hours=24)]


def test_a_cancellation_says_so_twice_has_no_alarm_and_can_still_be_read() -> None:
    event = event_of(cancel(replace(INVITE, sequence=3)), "CANCEL")
    assert event.one("SEQUENCE") == "3"
    assert event.children("VALARM") == []
    assert event.all("DTSTART") == event_of(request(INVITE), "REQUEST").all("DTSTART")


def test_the_organizer_is_never_the_attendee() -> None:
    with pytest.raises(ValueError, match="two addresses"):
        request(replace(INVITE, attendee=ORGANIZER.upper()))


@pytest.mark.parametrize(
    ("on", "wall"),
    [
        (date(2027, 3, 14), time(1, 30)),
        (date(2027, 3, 14), time(8)),
        (date(2027, 3, 13), time(23)),
        (date(2027, 11, 7), time(0, 30)),
        (date(2027, 11, 7), time(1, 30)),
        (date(2027, 11, 7), time(8)),
        (date(2026, 11, 1), time(0, 30)),
    ],
)
def test_times_are_right_on_days_on_which_the_clocks_change(on: date, wall: time) -> None:
    invite = at(NEW_YORK, on, wall, hours=3)
    data = request(replace(invite, alarms=()))
    event_of(data, "REQUEST")
    assert starts_of(data) == {invite.arrives_at}
    ends = with_vobject(data).dtend.value.astimezone(UTC)
    assert ends == invite.leaves_at


def test_the_second_of_two_equal_hours_is_written_in_utc() -> None:
    later = datetime(2027, 11, 7, 6, 30, tzinfo=UTC)  # 1:30 am for the second time
    invite = replace(INVITE, arrives_at=later, leaves_at=later + timedelta(hours=2), alarms=())
    event = event_of(request(invite), "REQUEST")
    assert event.all("DTSTART") == [({}, "20271107T063000Z")]
    assert not parse(request(invite)).children("VTIMEZONE")


@pytest.mark.parametrize(
    ("zone", "written_in_zone"),
    [
        ("America/Phoenix", True),
        ("America/Los_Angeles", True),
        ("Pacific/Honolulu", True),
        ("Europe/Berlin", True),
        ("Australia/Sydney", True),
        ("Asia/Kolkata", True),
        ("Africa/Casablanca", False),
        ("America/Nuuk", False),
        ("Africa/Cairo", False),
    ],
)
def test_a_zone_without_one_yearly_rule_falls_back_to_utc(zone: str, written_in_zone: bool) -> None:
    for month in range(1, 13):
        invite = at(ZoneInfo(zone), date(2027, month, 15), time(9))
        data = request(replace(invite, alarms=()))
        event = event_of(data, "REQUEST")
        assert starts_of(data) == {invite.arrives_at}
        ((params, _),) = event.all("DTSTART")
        assert written_in_zone or "TZID" not in params or zone == "Africa/Casablanca"
        assert params.get("TZID", zone) == zone
        assert not written_in_zone or "TZID" in params


HOSTILE = (
    "\r\nATTENDEE:mailto:eve@example.net",
    "a\nBEGIN:VALARM\nb",
    "x\x00y\x1b\x0b\x0c\x85z\u2028\u2029",
    "\u202egpj.exe\u2066",
    "emoji \U0001f600 e\u0301 \\ ; , : \" '",
    "\ud800 lone surrogate",
    "z" * 10_000,
    "\u5b57" * 3_000,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_line_and_breaks_none(text: str) -> None:
    invite = replace(
        INVITE,
        organizer_name=text,
        location=text,
        description=text,
        alarms=(Alarm(at=ARRIVES - timedelta(hours=1), text=text),),
    )
    calm = event_of(request(replace(INVITE, alarms=INVITE.alarms[:1])), "REQUEST")
    event = event_of(request(invite), "REQUEST")
    assert [name for name, _, _ in event.lines] == [name for name, _, _ in calm.lines]
    assert event.one("ATTENDEE") == calm.one("ATTENDEE")
    assert len(event.children("VALARM")) == 1
    assert_libical_agrees(request(invite))


@pytest.mark.parametrize("address", ["a@b.example\r\nX-EVIL:1", "a@b.example\nDTSTART:x"])
def test_an_address_with_a_line_end_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        request(replace(INVITE, attendee=address))


def test_identity_says_nothing_about_the_visit_and_never_repeats() -> None:
    uids = {new_uid("bookings@clinic.example") for _ in range(100)}
    assert len(uids) == 100
    assert all(uid.endswith("@clinic.example") for uid in uids)
    assert len(new_reply_token()) == 32
    assert organizer_address("bookings@clinic.example", "ab12", plus=True) == (
        "bookings+ab12@clinic.example"
    )
    assert organizer_address("bookings@clinic.example", "ab12", plus=False) == (
        "bookings@clinic.example"
    )


@pytest.mark.parametrize(
    ("sender", "refusal"),
    [
        ("bookings@clinic.example", None),
        ("b" * 31 + "@clinic.example", None),
        ("b" * 32 + "@clinic.example", "at most 31 letters"),
        ("bookings@" + "c" * 81, "too long"),
    ],
)
def test_a_sending_address_leaves_room_for_the_reply_code(sender: str, refusal: str | None) -> None:
    found = sender_refusal(sender)
    assert (found is None) if refusal is None else (refusal in str(found))
    if found is None:
        organizer = organizer_address(sender, new_reply_token(), plus=True)
        assert str(address(organizer).addr_spec) == organizer
