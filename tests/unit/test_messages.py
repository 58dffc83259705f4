"""The words and the bytes of each message: one person, one meaning (trust fact 3)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.mail.headers import BadAddress, address, header_text
from scheduler.mail.messages import build
from scheduler.mail.mime import Content
from scheduler.mail.reading_back import NotWhatWeWrote, refuse_if_different
from scheduler.services.outgoing.mail_facts import MessageFacts, Sender, ToldVisit
from tests.calendar_readers import event_of, unescaped
from tests.discreet import tell_tales
from tests.unit.test_preparation import KETAMINE, SHAPE

KINDS = ("digest", "invite", "update", "cancel", "r3", "r4", "r5")
SENDER = Sender(
    address="bookings+0123456789abcdef0123456789abcdef@larkmoor.example",
    name="Larkmoor Suite 200",
    place="1 Main Street, Albany",
    phone="555-0100",
)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]


def told(day: int = 13, hour: int = 14) -> ToldVisit:
    starts_at = datetime(2027, 1, day, hour, tzinfo=UTC)
    zone = ZoneInfo("America/New_York")
    return ToldVisit(starts_at=starts_at, shape=SHAPE, prep=KETAMINE, zone=zone)


def facts(kind: str, **changes: Any) -> MessageFacts:
    given: dict[str, Any] = {
        "message_id": "<c2f1@larkmoor.example>",
        "stamped_at": datetime(2026, 12, 30, 12, tzinfo=UTC),
        "recipient": "pat@example.net",
        "sender": SENDER,
        "first_name": "Anna",
        "visits": (told(13), told(15), told(18)) if kind == "digest" else (told(),),
        "before": told(12) if kind == "update" else None,
        "uid": "b7c1f0de-6a55-4b43-9f0e-2f7a1c9d0001@larkmoor.example",
        **changes,
    }
    return MessageFacts(kind=kind, **given)


def read(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def text_of(data: bytes, kind: str = "plain") -> str:
    part = read(data).get_body((kind,))
    assert part is not None
    return str(part.get_content())


@pytest.mark.parametrize("kind", KINDS)
def test_every_message_says_the_same_in_text_and_html(kind: str) -> None:
    data = build(facts(kind))
    assert [name for name, _ in read(data).items()] == HEADERS
    html = text_of(data, "html").replace("&#39;", "'")
    for line in text_of(data).splitlines():
        assert line.removeprefix("- ") in html


@pytest.mark.parametrize("kind", KINDS)
def test_no_message_says_what_the_visit_is_for(kind: str) -> None:
    data = build(facts(kind))
    assert tell_tales(text_of(data) + text_of(data, "html")) == []
    assert tell_tales(" ".join(str(value) for value in read(data).values())) == []


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("digest", "Your appointments"),
        ("invite", "Appointment on Wed 13 Jan"),
        ("update", "Moved: appointment on Wed 13 Jan"),
        ("cancel", "Cancelled: appointment on Wed 13 Jan"),
        ("r3", "Appointment on Wed 13 Jan"),
        ("r4", "Appointment on Wed 13 Jan"),
        ("r5", "Appointment on Wed 13 Jan"),
    ],
)
def test_a_subject_is_a_day_and_nothing_more(kind: str, subject: str) -> None:
    assert str(read(build(facts(kind)))["Subject"]) == subject


def test_the_three_day_reminder_asks_and_names_the_driver() -> None:
    words = text_of(build(facts("r3", driver="Ben Okri, 555-0188")))
    assert "Has anything changed? If you are ill, pregnant or take new tablets" in words
    assert "You told us that Ben Okri, 555-0188 takes you home." in words
    assert "No alcohol from 9:00 am on Tue 12 Jan." in words


def test_the_evening_reminder_asks_only_if_nobody_did_before() -> None:
    assert "Has anything changed?" in text_of(build(facts("r4", asks=True)))
    words = text_of(build(facts("r4")))
    assert "Has anything changed?" not in words
    assert "If nobody can take you home, call 555-0100." in words
    for sentence in ("No food from 5:00 am.", "Stop drinks at 7:00 am.", "arrive 8:45 am"):
        assert sentence in words


def test_the_same_day_reminder_is_the_stop_and_the_arrival() -> None:
    words = text_of(build(facts("r5", visits=(told(13, 19),))))
    assert "No food from 10:00 am." in words
    assert "Arrive at 1:45 pm." in words


def test_a_change_of_length_is_not_called_a_move() -> None:
    data = build(facts("update", before=told(13)))
    assert str(read(data)["Subject"]) == "Appointment on Wed 13 Jan"
    assert "Your appointment has changed." in text_of(data)


def test_neutral_alarms_reach_the_calendar_file() -> None:
    calendar = _calendar(build(facts("invite", neutral_alarms=True)))
    alarms = event_of(calendar, "REQUEST").children("VALARM")
    assert {unescaped(one.one("DESCRIPTION")) for one in alarms} == {
        "Open your preparation checklist."
    }


def _calendar(data: bytes) -> bytes:
    (part,) = [p for p in read(data).walk() if p.get_content_type() == "text/calendar"]
    return bytes(part.get_payload(decode=True))


def test_bytes_are_plain_ascii_with_crlf_so_that_no_server_has_to_change_them() -> None:
    data = build(facts("invite", first_name="Zoë", sender=replace(SENDER, name="Château Ä")))
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert "Hello Zoë," in text_of(data)
    assert read(data)["From"].addresses[0].display_name == "Château Ä"


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "pat",
        "pat@",
        "@example.net",
        "pat@example.net, eve@example.net",
        "pat@example.net\r\nBcc: eve@example.net",
        "pat@example.net\x00",
        "<pat@example.net>",
        "Pat <pat@example.net>",
        "pat @example.net",
        "pat@exa mple.net",
        "p..t@example.net",
        ".pat@example.net",
        "pat.@example.net",
        "pät@example.net",
        "pat@-example.net",
        "a" * 65 + "@example.net",
        "pat@" + "a" * 250 + ".net",
        "a" * 10_000,
    ],
)
def test_what_is_not_one_plain_address_is_refused(spec: str) -> None:
    with pytest.raises(BadAddress):
        address(spec)
    with pytest.raises(BadAddress):
        build(facts("invite", recipient=spec))


def test_the_longest_legal_address_survives_folding() -> None:
    longest = "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".net"
    data = build(facts("invite", recipient=longest))
    assert [one.addr_spec for one in read(data)["To"].addresses] == [longest]
    assert event_of(_calendar(data), "REQUEST").one("ATTENDEE") == f"mailto:{longest}"


def test_a_header_is_one_short_line_of_visible_text() -> None:
    assert header_text("a\r\n b\tc\x00d") == "a b cd"
    assert header_text("=?utf-8?q?=0a?=") == "= ?utf-8?q?=0a?="
    assert len(header_text("x" * 10_000)) == 150


def test_a_message_that_does_not_read_back_as_written_never_leaves() -> None:
    data = build(facts("invite"))
    written, whole = read(data), read(data)
    for name in ("Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type"):
        del written[name]
    text, html, *_ = [part.get_content() for part in whole.walk() if not part.is_multipart()]
    content = Content(text=text, html=html, calendar=_calendar(data), method="REQUEST")
    refuse_if_different(data, written, content)
    smuggled = data.replace(b"Auto-Submitted", b"Bcc: eve@example.net\r\nAuto-Submitted", 1)
    with pytest.raises(NotWhatWeWrote, match="header lines"):
        refuse_if_different(smuggled, written, content)
    for wrong in (b"Auto-Submitted: no", b"Subject: Another"):
        changed = re.sub(wrong.partition(b":")[0] + rb": [^\r]*", wrong, data, count=1)
        with pytest.raises(NotWhatWeWrote, match="headers"):
            refuse_if_different(changed, written, content)
    with pytest.raises(NotWhatWeWrote, match="calendar"):
        refuse_if_different(data, written, replace(content, calendar=b"METHOD:PUBLISH"))
    with pytest.raises(NotWhatWeWrote, match="texts"):
        refuse_if_different(data, written, replace(content, text="Another text"))
    with pytest.raises(NotWhatWeWrote, match="parts"):
        refuse_if_different(data.replace(b"application/ics", b"text/html"), written, content)
    two = data.replace(b"To: pat@example.net", b"To: pat@example.net, eve@example.net", 1)
    with pytest.raises(NotWhatWeWrote):
        refuse_if_different(two, written, content)


def test_if_header_text_failed_reading_back_would_still_stop_the_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The hole is real: CPython turns the encoded newline into a second header."""
    monkeypatch.setattr("scheduler.mail.headers.header_text", lambda text: text)
    name = "=?utf-8?q?x=0aBcc:_eve=40example.net?="
    with pytest.raises(NotWhatWeWrote, match="headers"):
        build(facts("invite", sender=replace(SENDER, name=name)))
