"""Days and clock times as a patient reads them: "Wed 13 Jan", "8:50 am" (screens 1.5)."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from scheduler.planning import opening

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(on: date) -> str:
    """ "Wed 13 Jan", in no locale of the machine."""
    return f"{_WEEKDAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]}"


def clock(at: datetime, zone: ZoneInfo) -> str:
    """ "8:50 am"; an hour that the day shows twice says which: "1:30 am EDT"."""
    shown = opening.local(zone, at)
    half = "am" if shown.hour < 12 else "pm"
    words = f"{shown.hour % 12 or 12}:{shown.minute:02} {half}"
    if opening.is_ambiguous(zone, shown.date(), shown.time()):
        return f"{words} {shown.tzname()}"
    return words


def day_of(at: datetime, zone: ZoneInfo) -> str:
    """The site's day at this instant."""
    return day(opening.local(zone, at).date())


def moment(at: datetime, zone: ZoneInfo) -> str:
    """ "8:50 am on Wed 13 Jan"."""
    return f"{clock(at, zone)} on {day_of(at, zone)}"


def moment_seen_from(on: date, at: datetime, zone: ZoneInfo) -> str:
    """ "5:00 am", and with its day where that is not `on`: "11:00 pm on Sat 13 Mar"."""
    same = opening.local(zone, at).date() == on
    return clock(at, zone) if same else moment(at, zone)


def city(zone: ZoneInfo) -> str:
    """ "New York": the zone as a person names it."""
    return zone.key.rsplit("/", 1)[-1].replace("_", " ")
