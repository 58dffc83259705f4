"""One of our own calendar files as facts for people: what a patient's calendar will show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from icalendar import Calendar


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Instants are aware UTC; `alarms` are (when, words) in the file's order."""

    method: str
    uid: str
    sequence: int
    status: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str
    organizer: str
    attendee: str
    alarms: tuple[tuple[datetime, str], ...]


def entry(data: bytes) -> Entry:
    """Bytes only: text that looks like a path would be opened as a file (calendar I2)."""
    calendar: Any = Calendar.from_ical(data)
    (event,) = calendar.walk("VEVENT")
    starts_at = event.start.astimezone(UTC)
    return Entry(
        method=str(calendar["METHOD"]),
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        status=str(event["STATUS"]),
        starts_at=starts_at,
        ends_at=event.end.astimezone(UTC),
        summary=str(event["SUMMARY"]),
        location=str(event.get("LOCATION", "")),
        description=str(event.get("DESCRIPTION", "")),
        organizer=event["ORGANIZER"].email,
        attendee=event.attendees[0].email,
        alarms=tuple(
            (starts_at + alarm["TRIGGER"].dt, str(alarm["DESCRIPTION"]))
            for alarm in event.walk("VALARM")
        ),
    )


def lines(data: bytes) -> list[str]:
    """The file unfolded, one property a line, for those who want to see it all."""
    return data.replace(b"\r\n ", b"").decode().splitlines()
