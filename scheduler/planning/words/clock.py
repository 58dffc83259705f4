"""Days and clock times as a patient reads them: "Wed 13 Jan", "8:50 am" (screens 1.5)."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from scheduler.planning import opening
from scheduler.planning.wording import shipped


def day(on: date, language: str = "en") -> str:
    """ "Wed 13 Jan", in no locale of the machine."""
    return _words("clock.day", language).format(
        weekday=_names("clock.weekdays", language)[on.weekday()],
        number=on.day,
        month=_names("clock.months", language)[on.month - 1],
    )


def long_date(on: date, language: str = "en") -> str:
    """ "Wednesday, 13 January 2027"."""
    return _words("clock.date", language).format(
        weekday=_names("clock.long_weekdays", language)[on.weekday()],
        number=on.day,
        month=_names("clock.long_months", language)[on.month - 1],
        year=on.year,
    )


def clock(at: datetime, zone: ZoneInfo, language: str = "en") -> str:
    """ "8:50 am"; an hour that the day shows twice says which: "1:30 am EDT"."""
    shown = opening.local(zone, at)
    half = _words("clock.am" if shown.hour < 12 else "clock.pm", language)
    words = f"{shown.hour % 12 or 12}:{shown.minute:02} {half}"
    if opening.is_ambiguous(zone, shown.date(), shown.time()):
        return f"{words} {shown.tzname()}"
    return words


def day_of(at: datetime, zone: ZoneInfo, language: str = "en") -> str:
    """The site's day at this instant."""
    return day(opening.local(zone, at).date(), language)


def moment(at: datetime, zone: ZoneInfo, language: str = "en") -> str:
    """ "8:50 am on Wed 13 Jan"."""
    return _words("clock.moment", language).format(
        clock=clock(at, zone, language), day=day_of(at, zone, language)
    )


def moment_seen_from(on: date, at: datetime, zone: ZoneInfo, language: str = "en") -> str:
    """ "5:00 am", and with its day where that is not `on`: "11:00 pm on Sat 13 Mar"."""
    same = opening.local(zone, at).date() == on
    return clock(at, zone, language) if same else moment(at, zone, language)


def city(zone: ZoneInfo, language: str = "en") -> str:
    """ "New York": the zone as a person names it."""
    name = zone.key.rsplit("/", 1)[-1]
    return shipped(language).texts.get(f"zones.{name}", name.replace("_", " "))


@cache
def _words(key: str, language: str) -> str:
    return shipped(language).text(key)


@cache
def _names(key: str, language: str) -> tuple[str, ...]:
    return tuple(_words(key, language).split())
