"""A patient's calendar program: it knows what came by mail, and nothing else (RFC 5546 2.1.5)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from zoneinfo import ZoneInfo

from tests.calendar_readers import Component, parse


@dataclass(frozen=True)
class Entry:
    """What the calendar shows under one UID; `cancelled` entries are kept to know what is old."""

    sequence: int
    stamp: str
    starts_at: datetime
    ends_at: datetime
    status: str

    @property
    def newness(self) -> tuple[int, str]:
        """SEQUENCE first, then DTSTAMP (RFC 5546 2.1.5)."""
        return self.sequence, self.stamp


@dataclass
class Recipients:
    """Everybody's calendars by address, and all calendar files in the order in which they came."""

    calendars: dict[str, dict[str, Entry]] = field(default_factory=lambda: defaultdict(dict))
    came: list[tuple[str, str, Entry, bytes]] = field(default_factory=list)

    def take(self, recipient: str, mail: bytes) -> None:
        """One mail arrives. What is older than what is shown changes nothing."""
        for part in _message(mail).walk():
            if part.get_content_type() == "text/calendar":
                self._apply(recipient, bytes(part.get_payload(decode=True)))

    def _apply(self, recipient: str, data: bytes) -> None:
        calendar = parse(data)
        (event,) = calendar.children("VEVENT")
        assert event.one("ATTENDEE") == f"mailto:{recipient}"
        uid, entry = event.one("UID"), _entry(event)
        assert (calendar.one("METHOD") == "CANCEL") == (entry.status == "CANCELLED")
        self.came.append((recipient, uid, entry, data))
        shown = self.calendars[recipient].get(uid)
        if shown is None or entry.newness > shown.newness:
            self.calendars[recipient][uid] = entry

    def shown(self, recipient: str, after: datetime) -> dict[str, tuple[datetime, datetime, str]]:
        """UID -> start, end and status of what lies ahead and is not cancelled."""
        return {
            uid: (entry.starts_at, entry.ends_at, entry.status)
            for uid, entry in self.calendars[recipient].items()
            if entry.status != "CANCELLED" and entry.starts_at > after
        }

    def assert_in_order(self) -> None:
        """Per UID and address SEQUENCE strictly rises; what comes again are the same bytes
        (I11)."""
        last: dict[tuple[str, str], tuple[int, bytes]] = {}
        for recipient, uid, entry, data in self.came:
            sequence, before = last.get((recipient, uid), (-1, b""))
            assert entry.sequence > sequence or data == before, (recipient, uid, entry)
            last[recipient, uid] = entry.sequence, data


def _message(mail: bytes) -> EmailMessage:
    found = message_from_bytes(mail, policy=SMTP)
    assert isinstance(found, EmailMessage)
    return found


def _entry(event: Component) -> Entry:
    starts_at, ends_at = (_instant(event, name) for name in ("DTSTART", "DTEND"))
    return Entry(
        sequence=int(event.one("SEQUENCE")),
        stamp=event.one("DTSTAMP"),
        starts_at=starts_at,
        ends_at=ends_at,
        status=event.one("STATUS"),
    )


def _instant(event: Component, name: str) -> datetime:
    ((params, value),) = event.all(name)
    wall = datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    zone = ZoneInfo(params["TZID"]) if params else UTC
    return wall.replace(tzinfo=zone).astimezone(UTC)
