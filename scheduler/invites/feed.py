"""A private calendar to subscribe to, as bytes that change only when its visits do (calendar F1 to
F7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import CLASS, STATUS, TRANSP, Calendar, Event, vDuration

from scheduler.invites.clean_text import lines, one_line
from scheduler.invites.ics import PRODID, SUMMARY, timed, written
from scheduler.invites.vtimezone import lines_for
from scheduler.planning.interval import Interval

ASK_AGAIN = timedelta(hours=1)
"""A hint: many clients ask when they like (F2)."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One visit as the feed shows it; `changed_at` is when it changed last (F4). Aware UTC."""

    uid: str
    sequence: int
    changed_at: datetime
    span: Interval
    zone: ZoneInfo
    status: STATUS
    summary: str = SUMMARY
    location: str = ""


def feed(name: str, home: ZoneInfo, entries: Sequence[Shown]) -> bytes:
    """No METHOD, no people: whoever reads it knows a time and a place (F1, F7).

    The site's own zone is always told: a calendar must hold something (RFC 5545 3.6).
    """
    calendar = Calendar.new(prodid=PRODID, calscale="GREGORIAN", name=one_line(name, 64))
    calendar.pop("UID")  # the library adds a random one
    calendar.add("REFRESH-INTERVAL", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(ASK_AGAIN))
    rules = [lines_for(home)]
    for entry in entries:
        event = _event(entry)
        rules.append(timed(event, entry.span, entry.zone))
        calendar.add_component(event)
    return written(calendar, rules)


def single(entry: Shown, description: str) -> bytes:
    """One visit to put into a calendar by hand: the UID is that of its invitations, so where one
    is there already it is replaced. No METHOD, no people: nothing is answered to anybody."""
    calendar = Calendar.new(prodid=PRODID, calscale="GREGORIAN")
    calendar.pop("UID")  # the library adds a random one
    event = _event(entry)
    event.add("DESCRIPTION", lines(description, 3000))
    rule = timed(event, entry.span, entry.zone)
    calendar.add_component(event)
    return written(calendar, [rule])


def _event(entry: Shown) -> Event:
    gone = entry.status is STATUS.CANCELLED
    changed_at = entry.changed_at.replace(microsecond=0)
    event = Event.new(
        uid=entry.uid,
        sequence=entry.sequence,
        stamp=changed_at,
        last_modified=changed_at,
        summary=one_line(entry.summary, 64),
        status=entry.status,
        transparency=TRANSP.TRANSPARENT if gone else TRANSP.OPAQUE,
        classification=CLASS.PRIVATE,
    )
    if entry.location:
        event.add("LOCATION", lines(entry.location, 500))
    return event
