"""Reads a date or a wall time the way the desk types it; writes it the way every page shows it."""

from __future__ import annotations

import re
from datetime import date, time

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_TIME = re.compile(r"(\d{1,2})(?:[:.h]?(\d{2}))?\s*(?:([ap])\.?m?\.?)?", re.IGNORECASE | re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_US = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\.?\s+([a-z]{3,})\.?,?\s+(\d{4})", re.ASCII)
_MONTH_FIRST = re.compile(r"([a-z]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.ASCII)
_WEEKDAY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+")

EARLIEST_YEAR, LATEST_YEAR = 1890, 2199


def wall_time(text: str) -> time:
    """The time meant by "8:50 am", "8:50", "850", "2 pm", "14:30" or "noon".

    Raises ValueError with a sentence for the person who typed it: an hour from 1 to 6 without am or
    pm is not guessed.
    """
    plain = text.strip().lower()
    if plain in {"noon", "12 noon"}:
        return time(12)
    if plain == "midnight":
        return time(0)
    found = _TIME.fullmatch(plain)
    if found is None:
        raise ValueError("Write a time like 8:50 am.")
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if minute > 59 or hour > (12 if half else 23) or (half and hour == 0):
        raise ValueError("There is no such time. Write a time like 8:50 am.")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    elif 1 <= hour <= 6 and not found[1].startswith("0"):
        raise ValueError(f"Say am or pm, such as {hour}:{minute:02} pm.")
    return time(hour, minute)


def calendar_day(text: str) -> date:
    """The date meant by "Wed 13 Jan 2027", "Jan 13, 2027", "1/13/2027" or "2027-01-13".

    Raises ValueError with a sentence for the person who typed it; a weekday that does not fit its
    date is refused, because one of the two is a mistake.
    """
    plain = " ".join(text.lower().split())
    named = _WEEKDAY.match(plain)
    found = _as_date(plain[named.end() :] if named else plain)
    weekday = WEEKDAYS[found.weekday()]
    if named and weekday[:3].lower() != named[1]:
        raise ValueError(f"{day_text(found)[4:]} is a {weekday}.")
    return found


def clock_text(at: time) -> str:
    """ "8:50 am", without any zone."""
    return f"{at.hour % 12 or 12}:{at.minute:02} {'am' if at.hour < 12 else 'pm'}"


def day_text(on: date) -> str:
    """ "Wed 13 Jan 2027"."""
    month = MONTHS[on.month - 1].capitalize()
    return f"{WEEKDAYS[on.weekday()][:3]} {on.day} {month} {on.year}"


def _as_date(plain: str) -> date:
    year, month, day = _numbers(plain)
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(f"The year {year} cannot be right.")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("There is no such day in the calendar.") from None


def _numbers(plain: str) -> tuple[int, int, int]:
    if found := _ISO.fullmatch(plain):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _US.fullmatch(plain):
        return int(found[3]), int(found[1]), int(found[2])
    if found := _DAY_FIRST.fullmatch(plain):
        return int(found[3]), _month(found[2]), int(found[1])
    if found := _MONTH_FIRST.fullmatch(plain):
        return int(found[3]), _month(found[1]), int(found[2])
    raise ValueError("Write a date like 13 Jan 2027.")


def _month(word: str) -> int:
    if word[:3] not in MONTHS:
        raise ValueError("Write a date like 13 Jan 2027.")
    return MONTHS.index(word[:3]) + 1
