"""Reads "18 Jan 2027" and "20 Jan 2027 to 22 Jan 2027", one to a line, as a set of dates."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from scheduler.web.forms.fields import LinesField
from scheduler.web.forms.wall import calendar_day, day_text

MOST_DAYS = 366
_TO = re.compile(r"\s+(?:to|until|till)\s+|\s+[-\u2013]\s+", re.IGNORECASE)


class AwayField(LinesField):
    """Dates on which somebody cannot come, both ends of a span included; `days` is the set.

    What was typed stays in the box, also when it cannot be read.
    """

    days: frozenset[date] = frozenset()

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.days = days_in(self.data)


def days_in(typed: str) -> frozenset[date]:
    """Raises ValueError with a sentence that names the line it could not read."""
    found: set[date] = set()
    for line in re.split(r"[\n;]+", typed):
        if line.strip():
            found.update(_line(line.strip()))
        if len(found) > MOST_DAYS:
            raise ValueError(f"At most {MOST_DAYS} days in all.")
    return frozenset(found)


def _line(line: str) -> list[date]:
    ends = _TO.split(line)
    if len(ends) > 2:
        raise ValueError(f"One date or one span to a line; this has more: {line[:40]}")
    try:
        first, last = calendar_day(ends[0]), calendar_day(ends[-1])
    except ValueError as wrong:
        raise ValueError(f"{line[:40]}: {wrong}") from None
    if last < first:
        raise ValueError(f"{day_text(last)} is before {day_text(first)}.")
    if (last - first).days >= MOST_DAYS:
        raise ValueError(f"At most {MOST_DAYS} days in all.")
    return [first + timedelta(days=one) for one in range((last - first).days + 1)]
