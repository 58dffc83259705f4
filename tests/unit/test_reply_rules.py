"""Which calendar answers count: each rule of calendar I3 to I8 by one mail that breaks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes

import pytest

from scheduler.mail import inbound
from scheduler.mail.inbound_proof import one_sender, proof
from scheduler.services.incoming.inbound_facts import MailIn
from scheduler.services.incoming.reply_rules import Asked, Judged, judge
from tests.clinic import NOW
from tests.reply_mails import AUTHSERV, ORGANIZER, PATIENT, TOKEN, Mail

HOUR = timedelta(hours=1)
GOOD = Mail()
ASKED = Asked(
    token=TOKEN,
    organizer=ORGANIZER,
    addresses=frozenset({PATIENT}),
    lies_ahead=True,
    sequence=0,
    told_at=NOW,
    changing=False,
    answered_at=None,
)
PLAIN = "visits@larkspur.example"


def read(mail: Mail | bytes, authserv_id: str = AUTHSERV) -> MailIn:
    data = mail if isinstance(mail, bytes) else mail.data()
    return inbound.read(data, authserv_id=authserv_id)


def judged(mail: Mail | bytes, asked: Asked = ASKED, authserv_id: str = AUTHSERV) -> Judged:
    found = read(mail, authserv_id)
    assert found.calendar is not None, found.wrong
    return judge(found, found.calendar, asked)


@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_an_honest_answer_is_applied(partstat: str) -> None:
    assert judged(replace(GOOD, partstat=partstat)) == Judged(
        verdict="applied", reason="", partstat=partstat
    )


@pytest.mark.parametrize(
    "mail",
    [
        replace(GOOD, organizer=""),  # Outlook.com
        replace(GOOD, method="reply"),
        replace(GOOD, sequence=None),
        replace(GOOD, more=("STATUS:CONFIRMED", "SUMMARY:Changed", "DTSTART:20300101T000000Z")),
        replace(GOOD, more=("DTSTART;TZID=Eastern Standard Time:20270113T090000",)),
        replace(GOOD, more=("DTSTART;TZID=Nobody/Knows:20270113T090000", "DTEND:soon")),
        replace(GOOD, more=("BEGIN:VALARM", "ACTION:NONE", "TRIGGER:x", "END:VALARM")),
        replace(GOOD, attendee="PAT@Mail.Example", sender="Pat Doe <PAT@mail.example>"),
        GOOD.data(GOOD.calendar.replace(b"\r\n", b"\n")),
        GOOD.data(GOOD.calendar.replace(b"PRODID:-//Somebody//EN\r\n", b"")),
        GOOD.data(GOOD.calendar.decode().encode("utf-16"), charset="utf-16"),
        GOOD.data(b"\xef\xbb\xbf" + GOOD.calendar),
        GOOD.data(charset="x-unheard-of"),
        GOOD.data(charset="utf-16"),  # it says so and is not
    ],
)  # fmt: skip
def test_what_real_programs_do_oddly_is_accepted(mail: Mail | bytes) -> None:
    """calendar I5, I7."""
    assert judged(mail).partstat == "ACCEPTED"


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        (replace(GOOD, sender="mallory@evil.example"), "another address"),
        (replace(GOOD, sender="pat+x@mail.example"), "another address"),
        (replace(GOOD, attendee="assistant@mail.example"), "another address"),
        (replace(GOOD, more=("ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@mail.example",)), "one person"),
        (replace(GOOD, partstat="ACCEPTED;SENT-BY=\"mailto:b@mail.example\""), "somebody else"),
        (replace(GOOD, partstat="DELEGATED"), "somebody else"),
        (replace(GOOD, organizer="other@larkspur.example"), "another sender"),
        (replace(GOOD, to=PLAIN, organizer=""), "reply code"),
        (replace(GOOD, proof="dmarc=fail header.from=mail.example"), "could not confirm"),
        (replace(GOOD, proof="spf=pass"), "could not confirm"),
        (replace(GOOD, authserv="mx.evil.example"), "could not confirm"),
        (replace(GOOD, sender="Pat <pat@mail.example>, b@mail.example"), "another address"),
        (GOOD.data(GOOD.calendar.replace(b"SEQUENCE:0", b"SEQUENCE:zero")), "cannot be read"),
        (GOOD.data(GOOD.calendar.replace(b"DTSTAMP:", b"X-STAMP:")), "cannot be read"),
        (replace(GOOD, method="COUNTER"), "another time"),
    ],
)  # fmt: skip
def test_what_is_not_proved_changes_nothing_and_is_for_a_person(
    mail: Mail | bytes, reason: str
) -> None:
    found = judged(mail)
    assert (found.verdict, found.partstat) == ("person", "")
    assert reason in found.reason.lower() or reason in found.reason


@pytest.mark.parametrize(
    ("mail", "asked"),
    [
        (GOOD, replace(ASKED, lies_ahead=False)),  # never revived (I8)
        (GOOD, replace(ASKED, sequence=1)),  # stale
        (replace(GOOD, sequence=None, stamped_at=NOW - HOUR), ASKED),
        (GOOD, replace(ASKED, changing=True)),
        (GOOD, replace(ASKED, answered_at=GOOD.stamped_at)),  # replayed
        (replace(GOOD, partstat="NEEDS-ACTION"), ASKED),
        (replace(GOOD, to=PLAIN, organizer="", sender="m@evil.example"), ASKED),  # a stranger
        (replace(GOOD, to=PLAIN, organizer="", proof="dmarc=fail"), ASKED),  # forged
    ],
)
def test_what_is_old_or_a_strangers_is_ignored(mail: Mail, asked: Asked) -> None:
    assert judged(mail, asked).verdict == "ignored"


def test_an_answer_to_a_later_version_is_taken_and_flagged() -> None:
    """calendar I6: an honest client never does it."""
    found = judged(replace(GOOD, sequence=7))
    assert (found.partstat, found.odd) == ("ACCEPTED", True)


def test_events_that_are_smuggled_in_are_not_looked_at() -> None:
    first, _, rest = GOOD.calendar.partition(b"BEGIN:VEVENT")
    event = b"BEGIN:VEVENT" + rest.replace(b"END:VCALENDAR\r\n", b"")
    smuggled = event.replace(b"11111111", b"99999999").replace(b"ACCEPTED", b"DECLINED")
    assert judged(GOOD.data(first + event + smuggled + b"END:VCALENDAR\r\n")).partstat == "ACCEPTED"


def test_without_a_server_of_ours_nothing_can_be_proved() -> None:
    assert "AUTHSERV_ID" in judged(GOOD, authserv_id="").reason


def test_only_the_topmost_result_of_our_own_server_counts() -> None:
    theirs = "Authentication-Results: mx.evil.example; dmarc=pass header.from=mail.example"
    ours = f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from=mail.example"
    failed = replace(GOOD, proof="dmarc=fail (p=none; dmarc=pass)", headers=(ours, theirs))
    assert read(failed).proof == "fail"
    assert read(replace(GOOD, authserv="mx.evil.example", headers=(ours,))).proof == "pass"


@pytest.mark.parametrize(
    ("results", "proved"),
    [
        ("dkim=pass header.d=mail.example", "pass"),
        ("dmarc=none; dkim=pass header.d=mail.example", "pass"),
        ("dkim=pass header.d=evil.example", "fail"),
        ("dkim=pass header.d=example.mail.example", "fail"),
        ("dmarc=fail; dkim=pass header.d=mail.example", "fail"),
        ('dkim=pass header.d=evil.example reason="x; dmarc=pass header.from=mail.example"', "fail"),
        ("dmarc=pass header.from=evil.example", "fail"),
    ],
)
def test_a_signature_counts_only_if_it_is_the_senders_own(results: str, proved: str) -> None:
    message = message_from_bytes(replace(GOOD, proof=results).data())
    assert proof(message, one_sender(message), AUTHSERV) == proved


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('"Doe, Pat" <pat@mail.example>', "pat@mail.example"),
        ("=?utf-8?q?P=C3=A4t?= <pat@mail.example>", "pat@mail.example"),
        ('"pat@mail.example" <m@evil.example>', "m@evil.example"),
        ("pat@mail.example, m@evil.example", ""),
        ("pat@mail.example (m@evil.example)", ""),
        ("m@evil.example <pat@mail.example>", ""),
        ("pat@mail.example\r\nFrom: m@evil.example", ""),
    ],
)
def test_a_sender_is_exactly_one_address(written: str, found: str) -> None:
    assert one_sender(message_from_bytes(replace(GOOD, sender=written).data())) == found
