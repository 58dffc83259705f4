"""One visit as iCalendar bytes: REQUEST and CANCEL (RFC 5546 3.2.2, 3.2.5; calendar.md 1-5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import CLASS, STATUS, TRANSP, Calendar, Event, vCalAddress, vDuration
from icalendar import Alarm as AlarmComponent
from icalendar.parser import Contentline

from scheduler.invites.clean_text import lines, one_line
from scheduler.invites.vtimezone import lines_for
from scheduler.planning.alarms import Alarm
from scheduler.planning.interval import Interval

_EVENT, _END = b"BEGIN:VEVENT\r\n", b"END:VCALENDAR\r\n"
PRODID = "-//Appointments//Scheduling 1.0//EN"
SUMMARY = "Appointment"
"""The same for everybody of a language: no drug, no diagnosis, no specialty (calendar M8)."""
LONGEST_LINE = 74
"""Octets without the line end, and without the space before what was folded (RFC 5545 3.1)."""
DISTINCT = "the organizer and the attendee must be two addresses"


@dataclass(frozen=True, kw_only=True)
class Invite:
    """What a calendar is told about one visit, [arrives_at, leaves_at). Instants are aware UTC.

    `stamped_at` is the instant of this very message (U3); `organizer` and `attendee` are addresses;
    `tentative`: the time is held, not booked (O5).
    """

    uid: str
    sequence: int
    stamped_at: datetime
    zone: ZoneInfo
    arrives_at: datetime
    leaves_at: datetime
    organizer: str
    organizer_name: str
    attendee: str
    location: str = ""
    description: str = ""
    alarms: tuple[Alarm, ...] = ()
    tentative: bool = False
    title: str = SUMMARY


def request(invite: Invite) -> bytes:
    """Invites, and updates when the sequence is higher. Raises ValueError if A2 does not hold."""
    status = STATUS.TENTATIVE if invite.tentative else STATUS.CONFIRMED
    event = _event(invite, status, TRANSP.OPAQUE)
    if invite.location:
        event.add("LOCATION", lines(invite.location, 500))
    event.add("DESCRIPTION", lines(invite.description, 3000))
    for alarm in invite.alarms:
        event.add_component(_alarm(alarm, invite.arrives_at))
    return _calendar("REQUEST", event, invite)


def cancel(invite: Invite) -> bytes:
    """Takes the event out of the patient's calendar, alarms and all (U4)."""
    event = _event(invite, STATUS.CANCELLED, TRANSP.TRANSPARENT)
    return _calendar("CANCEL", event, invite)


def _event(invite: Invite, status: STATUS, transparency: TRANSP) -> Event:
    if invite.organizer.casefold() == invite.attendee.casefold():
        raise ValueError(DISTINCT)
    return Event.new(
        uid=invite.uid,
        sequence=invite.sequence,
        stamp=invite.stamped_at,
        summary=one_line(invite.title, 64) or SUMMARY,
        status=status,
        transparency=transparency,
        classification=CLASS.PRIVATE,
        organizer=vCalAddress.new(invite.organizer, cn=one_line(invite.organizer_name, 64) or None),
        attendees=[
            vCalAddress.new(
                invite.attendee,
                cutype="INDIVIDUAL",
                role="REQ-PARTICIPANT",
                partstat="NEEDS-ACTION",
                rsvp=True,
            )
        ],
    )


def _calendar(method: str, event: Event, invite: Invite) -> bytes:
    """Times in the site's zone where its rule can be told, else in UTC (Z1 to Z4)."""
    calendar = Calendar.new(prodid=PRODID, method=method, calscale="GREGORIAN")
    calendar.pop("UID")  # the library adds a random one
    rule = timed(event, Interval(invite.arrives_at, invite.leaves_at), invite.zone)
    calendar.add_component(event)
    return written(calendar, [rule])


def timed(event: Event, span: Interval, zone: ZoneInfo) -> bytes | None:
    """Give the event its times; the lines of the zone that they need, None for UTC."""
    rule = lines_for(zone, span.starts_at, span.ends_at)
    shown_in = UTC if rule is None else zone
    event.start = span.starts_at.astimezone(shown_in)
    event.end = span.ends_at.astimezone(shown_in)
    return rule


def written(calendar: Calendar, rules: Iterable[bytes | None]) -> bytes:
    """The file with each zone once, before the first event: written anew they take most time."""
    zones = b"".join(dict.fromkeys(rule for rule in rules if rule is not None))
    data = b"".join(_folded(line) + b"\r\n" for line in calendar.content_lines() if line)
    before = _EVENT if _EVENT in data else _END
    return data.replace(before, zones + before, 1)


def _folded(line: Contentline) -> bytes:
    """As the library folds, which looks at every letter: never between "\\" and what it escapes."""
    if not line.isascii():
        return bytes(line.to_ical())  # type: ignore[no-untyped-call]
    folded, rest = [], str(line)
    while len(rest) > LONGEST_LINE:
        end = LONGEST_LINE - 1 if rest[LONGEST_LINE - 1] in "\\^" else LONGEST_LINE
        folded.append(rest[:end])
        rest = rest[end:]
    return "\r\n ".join([*folded, rest]).encode()


class _Hours(vDuration):
    """Elapsed hours: "-P1D" is a nominal day, 23 or 25 h long where the clocks change (Z5)."""

    def to_ical(self) -> bytes:
        minutes = abs(self.td) // timedelta(minutes=1)
        sign = "-" if self.td < timedelta(0) else ""
        hours, rest = divmod(minutes, 60)
        return f"{sign}PT{hours}H{rest}M".replace("H0M", "H").encode()


def _alarm(alarm: Alarm, arrives_at: datetime) -> AlarmComponent:
    """DISPLAY only, relative to the event's start; no ATTENDEE in it (R2)."""
    trigger = alarm.at - arrives_at
    component = AlarmComponent.new_display(lines(alarm.text, 300), trigger)
    component["TRIGGER"] = _Hours(trigger)
    return component
