"""A calendar file from outside as facts; whoever reads them decides (calendar I2 to I7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from icalendar import Calendar

from scheduler.invites.clean_text import lines, one_line

LARGEST = 64 * 1024
"""Bytes; an answer needs two or three thousand."""
LONGEST_COMMENT = 1000
NEEDED = frozenset({"UID", "SEQUENCE", "DTSTAMP", "ATTENDEE", "ORGANIZER"})
"""What must be readable if it is there."""
_READ = (*NEEDED, "COMMENT", "DTSTART")
_KEPT = {b"VCALENDAR": {b"METHOD"}, b"VEVENT": {name.encode() for name in _READ}}
"""All that is handed to the parser: the rest of an answer is never looked at (calendar I7)."""
SOMEBODY_ELSE = frozenset({"SENT-BY", "DELEGATED-TO", "DELEGATED-FROM"})


class Unreadable(ValueError):
    """This is no calendar file that can be judged; its text says why, without any of the data."""


@dataclass(frozen=True, kw_only=True)
class CalendarFile:
    """The first event of a calendar file.

    `method` is in upper case, "" where there is none. `attendees` and `organizer` are bare
    addresses in lower case, `organizer` "" where there is none (I5). `sequence` and `stamped_at`
    (aware UTC) are None where they are missing. `delegated`: somebody answers for somebody else.
    `proposed_at` is the time that a COUNTER asks for (aware UTC), None where it is not clear.
    `broken` names needed properties that could not be read, `events` counts all events of the file.
    """

    method: str
    uid: str
    sequence: int | None
    stamped_at: datetime | None
    organizer: str
    attendees: tuple[str, ...]
    partstat: str
    delegated: bool
    comment: str
    broken: frozenset[str]
    events: int
    proposed_at: datetime | None = None


def read(data: bytes) -> CalendarFile:
    """Bytes in UTF-8: a text that looks like a path would be opened as a file (calendar I2).

    Raises Unreadable, whatever is wrong with them.
    """
    if len(data) > LARGEST:
        raise Unreadable("The calendar file is too large.")
    try:
        kept, events = _needed(data.removeprefix(b"\xef\xbb\xbf"))
        return _facts(Calendar.from_ical(kept), events)
    except Unreadable:
        raise
    except Exception as error:  # whatever a parser trips over is no answer (trust fact 6)
        raise Unreadable("The calendar file cannot be read.") from error


def _needed(data: bytes) -> tuple[bytes, int]:
    """The lines that an answer is made of, with the first event only; and how many there are.

    Time zones, alarms and what is nested deeper are left out: no rule of theirs is ever expanded.
    """
    kept: list[bytes] = []
    inside: list[bytes] = []
    events, keeping = 0, False
    for line in data.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t"):  # folded: goes with the line before
            kept += [line] if keeping else []
            continue
        name, value = _split(line)
        if name == b"BEGIN":
            inside.append(value)
            events += inside == [b"VCALENDAR", b"VEVENT"]
        keeping = _is_kept(name, inside, events)
        kept += [line] if keeping else []
        if name == b"END" and inside:
            inside.pop()
    return b"\r\n".join([*kept, b""]), events


def _split(line: bytes) -> tuple[bytes, bytes]:
    """Name and value in upper case, without parameters."""
    head, _, value = line.partition(b":")
    return head.partition(b";")[0].strip().upper(), value.strip().upper()


def _is_kept(name: bytes, inside: list[bytes], events: int) -> bool:
    if inside not in ([b"VCALENDAR"], [b"VCALENDAR", b"VEVENT"]):
        return False
    if inside[-1] == b"VEVENT" and events != 1:
        return False
    return name in (b"BEGIN", b"END") or name in _KEPT[inside[-1]]


def _facts(calendar: Any, events: int) -> CalendarFile:
    if not events:
        raise Unreadable("The calendar file holds no appointment.")
    (event,) = calendar.subcomponents
    attendees = _all(event, "ATTENDEE")
    params = attendees[0].params if attendees else {}
    broken = NEEDED & {str(name).upper() for name, _ in event.errors}
    return CalendarFile(
        method=str(calendar.get("METHOD", "")).strip().upper(),
        uid=str(event.get("UID", "")).strip(),
        sequence=None if "SEQUENCE" in broken else _number(event.get("SEQUENCE")),
        stamped_at=None if "DTSTAMP" in broken else _instant(event.get("DTSTAMP")),
        organizer="".join(_address(one) for one in _all(event, "ORGANIZER")[:1]),
        attendees=tuple(_address(one) for one in attendees),
        partstat=str(params.get("PARTSTAT", "NEEDS-ACTION")).upper(),
        delegated=bool(SOMEBODY_ELSE & {str(name).upper() for name in params}),
        comment=_comment(event),
        broken=broken,
        events=events,
        proposed_at=_aware(event.get("DTSTART")),
    )


def _all(event: Any, name: str) -> list[Any]:
    """A property that stands once is not a list (calendar 8)."""
    found = event.get(name, [])
    return found if isinstance(found, list) else [found]


def _address(value: Any) -> str:
    """Of a mailto: URI, or of the EMAIL parameter of any other (RFC 7986, calendar I4)."""
    text = str(value).strip()
    if text.lower().startswith("mailto:"):
        return text[len("mailto:") :].strip().casefold()
    given = str(value.params.get("EMAIL", "")).strip()
    return (given or text).casefold()


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def _instant(value: Any) -> datetime | None:
    """DTSTAMP is UTC by rule; what says no zone, or one nobody knows, is taken for UTC."""
    if value is None:
        return None
    at: object = value.dt
    if isinstance(at, date) and not isinstance(at, datetime):
        at = datetime.combine(at, time(0))
    if not isinstance(at, datetime):
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _aware(value: Any) -> datetime | None:
    """Only what names its zone so that everybody knows it; a broken one has no `dt`."""
    at: object = getattr(value, "dt", None)
    if not isinstance(at, datetime) or at.tzinfo is None:
        return None
    return at.astimezone(UTC)


def _comment(event: Any) -> str:
    texts = [str(one) for one in _all(event, "COMMENT")]
    kept = lines("\n".join(texts)[: 2 * LONGEST_COMMENT], LONGEST_COMMENT).strip()
    return kept if one_line(kept, LONGEST_COMMENT) else ""
