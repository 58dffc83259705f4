"""Short plain words for times, spans and weekdays (en-US, site wall time), to be read aloud."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from scheduler.planning.interval import Interval
from scheduler.planning.opening import local

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def wall_words(wall: time) -> str:
    """As "8:50 am"; noon is 12:00 pm and midnight 12:00 am."""
    return f"{wall.hour % 12 or 12}:{wall.minute:02} {'am' if wall.hour < 12 else 'pm'}"


def clock(zone: ZoneInfo, at: datetime) -> str:
    """As "8:50 am" on the wall clock of the site."""
    return wall_words(local(zone, at).time())


def span_words(zone: ZoneInfo, span: Interval) -> str:
    """As "9:00 to 10:45 am", or "11:00 am to 1:15 pm"."""
    starts, ends = clock(zone, span.starts_at), clock(zone, span.ends_at)
    return f"{starts[:-3] if starts[-2:] == ends[-2:] else starts} to {ends}"


def day_words(on: date) -> str:
    """As "Wed 13 Jan"."""
    return f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]}"


def weekday_words(weekdays: Iterable[int]) -> str:
    """As "Mon/Wed/Fri", or "any day" for none or all seven."""
    named = sorted(set(weekdays))
    return "/".join(WEEKDAYS[day] for day in named) if 0 < len(named) < 7 else "any day"


def count_words(number: int, noun: str) -> str:
    """As "1 day", "2 days"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def list_words(names: Iterable[str]) -> str:
    """As "a", "a and b", "a, b and c"."""
    *rest, last = list(names) or [""]
    return f"{', '.join(rest)} and {last}" if rest else last
