"""A VTIMEZONE for Outlook too: one STANDARD, at most one DAYLIGHT, yearly (calendar Z2, Z3)."""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_NAME, _OFFSET = r"(<[^>]+>|[A-Za-z]+)", r"([+-]?\d+(?::\d+){0,2})"
_RULE = r",M(\d+)\.(\d)\.(\d)(?:/([-+\d:]+))?"
_FOOTER = re.compile(f"{_NAME}{_OFFSET}(?:{_NAME}{_OFFSET}?{_RULE}{_RULE})?")
_LAST_WEEK = 5


def vtimezone_for(zone: ZoneInfo, *times: datetime) -> Timezone | None:
    """The zone's component, if its rule gives the true offset at each aware time; else None.

    The caller then writes UTC and names the local time in words (calendar Z3, Z4). So too for two
    equal wall times, which a TZID cannot tell apart.
    """
    known = _known(zone.key)
    return known.component if known is not None and known.is_right(zone, times) else None


def lines_for(zone: ZoneInfo, *times: datetime) -> bytes | None:
    """The same, as it stands in a file."""
    known = _known(zone.key)
    return known.lines if known is not None and known.is_right(zone, times) else None


@dataclass(frozen=True)
class _Known:
    """The component, what a client would compute from it, and its lines; none is ever changed."""

    component: Timezone
    probe: tzinfo
    lines: bytes

    def is_right(self, zone: ZoneInfo, times: Iterable[datetime]) -> bool:
        """At each time; never for a wall time that comes twice: readers differ in which of the two
        they take, whatever RFC 5545 3.3.5 says."""
        return all(
            wall.replace(tzinfo=self.probe, fold=fold).utcoffset() == wall.utcoffset()
            and wall.replace(fold=fold).utcoffset() == wall.utcoffset()
            for wall in (at.astimezone(zone) for at in times)
            for fold in (0, 1)
        )


@lru_cache(maxsize=64)
def _known(tzid: str) -> _Known | None:
    try:
        component = vtimezone(tzid)
    except (ValueError, OSError, ImportError):
        return None
    return _Known(component, component.to_tz(lookup_tzid=False), bytes(component.to_ical()))


def vtimezone(tzid: str) -> Timezone:
    """From the POSIX footer of the zone's file. Raises ValueError where it is no yearly rule."""
    match = _FOOTER.fullmatch(_footer(tzid))
    if match is None:
        raise ValueError(f"{tzid} does not follow one yearly rule")
    name, offset, summer, summer_offset, *rules = match.groups()
    standard = -_duration(offset)  # POSIX counts west of Greenwich
    zone = Timezone()
    zone.add("TZID", tzid)
    if summer is None:
        zone.add_component(_observance(TimezoneStandard(), name, (standard, standard)))
        return zone
    saving = -_duration(summer_offset) if summer_offset else standard + timedelta(hours=1)
    begins = _observance(TimezoneDaylight(), summer, (standard, saving))
    ends = _observance(TimezoneStandard(), name, (saving, standard))
    zone.add_component(_yearly(begins, rules[:4]))
    zone.add_component(_yearly(ends, rules[4:]))
    return zone


def _footer(tzid: str) -> str:
    *folders, name = ("tzdata/zoneinfo/" + tzid).split("/")
    data = importlib.resources.files(".".join(folders)).joinpath(name).read_bytes()
    return data.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii")


def _duration(text: str) -> timedelta:
    hours, minutes, seconds = [*(int(part) for part in text.lstrip("+-").split(":")), 0, 0][:3]
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -length if text.startswith("-") else length


Observance = TimezoneStandard | TimezoneDaylight


def _observance(
    component: Observance, name: str, offsets: tuple[timedelta, timedelta]
) -> Observance:
    component.add("DTSTART", datetime(1970, 1, 1))  # noqa: DTZ001  local by RFC 5545 3.6.5
    component.add("TZNAME", name.strip("<>"))
    component.add("TZOFFSETFROM", offsets[0])
    component.add("TZOFFSETTO", offsets[1])
    return component


def _yearly(component: Observance, rule: list[str]) -> Observance:
    """`rule` is month, week, weekday and wall time of the change, as POSIX writes them."""
    month, week, weekday = int(rule[0]), int(rule[1]), int(rule[2])
    at = _duration(rule[3] or "2")
    if not timedelta(0) <= at < timedelta(days=1):
        raise ValueError("a change of clocks outside its day cannot be said in an RRULE")
    nth = -1 if week == _LAST_WEEK else week
    onset = _nth_weekday(month, nth, weekday)
    component.pop("DTSTART")
    component.add("DTSTART", datetime(1970, month, onset.day) + at)  # noqa: DTZ001
    by_day = f"{nth}{_WEEKDAYS[weekday]}"
    component.add("RRULE", vRecur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": by_day}))
    return component


def _nth_weekday(month: int, nth: int, weekday: int) -> date:
    """Of 1970; `weekday` counts from Sunday, `nth` from 1, or -1 for the last."""
    first = date(1970, month, 1)
    days = [first + timedelta(days=n) for n in range(31)]
    found = [one for one in days if one.month == month and one.isoweekday() % 7 == weekday]
    return found[nth] if nth < 0 else found[nth - 1]
