"""Local-time display: an instant becomes the site's wall time here (screens section 1, rule 5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from flask import Flask

from scheduler.planning import opening
from scheduler.web import words
from scheduler.web.forms.wall import MONTHS, WEEKDAYS, clock_text, day_text

Zone = str | ZoneInfo

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Held(Protocol):
    """A visit, as a row or as the board has it."""

    @property
    def state(self) -> str: ...

    @property
    def held_until(self) -> datetime | None: ...


def clock(at: datetime | time, zone: Zone | None = None) -> str:
    """ "8:50 am". An instant needs its zone; an hour that comes twice says which: "1:30 am EST"."""
    if isinstance(at, time):
        return clock_text(at)
    shown = _local(at, zone)
    twice = opening.is_ambiguous(_zone(zone), shown.date(), shown.time())
    return f"{clock_text(shown.time())}{f' {shown.tzname()}' if twice else ''}"


def short_clock(at: datetime | time, zone: Zone | None = None) -> str:
    """ "8:50" for tight places that say am or pm elsewhere."""
    shown = at if isinstance(at, time) else _local(at, zone).time()
    return f"{shown.hour % 12 or 12}:{shown.minute:02}"


def day(on: date, zone: Zone | None = None) -> str:
    """ "Wed 13 Jan"."""
    return day_text(_date(on, zone)).rsplit(" ", 1)[0]


def day_short(on: date, zone: Zone | None = None) -> str:
    """ "Wed 13"."""
    return day_text(_date(on, zone)).rsplit(" ", 2)[0]


def day_year(on: date, zone: Zone | None = None) -> str:
    """ "Wed 13 Jan 2027"."""
    return day_text(_date(on, zone))


def day_long(on: date, zone: Zone | None = None) -> str:
    """ "Monday 11 January 2027", for a page's headline."""
    local = _date(on, zone)
    return f"{WEEKDAYS[local.weekday()]} {local.day} {local:%B} {local.year}"


def birth(on: date) -> str:
    """ "14 Mar 1979"."""
    return f"{on.day} {MONTHS[on.month - 1].capitalize()} {on.year}"


def span(start: datetime | time, end: datetime | time, zone: Zone | None = None) -> str:
    """ "8:50 to 10:30 am", "11:30 am to 1:10 pm"; with the days where they differ."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        first_day, last_day = _date(start, zone), _date(end, zone)
        if first_day != last_day:
            return f"{stamp(start, zone)} to {stamp(end, zone)}"
    first, last = clock(start, zone), clock(end, zone)
    same = len(first.split()) == 2 and first.split()[1:] == last.split()[1:]
    return f"{first.split()[0] if same else first} to {last}"


def stamp(at: datetime, zone: Zone | None) -> str:
    """ "Mon 11 Jan, 10:42 am"."""
    return f"{day(at, zone)}, {clock(at, zone)}"


def held(visit: Held, zone: Zone | None) -> str | None:
    """ "until Wed 6 Jan, 10:00 am" of a visit that is held, to stand behind its state."""
    if visit.state != "held" or visit.held_until is None:
        return None
    return f"until {stamp(visit.held_until, zone)}"


def days_span(first: date, last: date) -> str:
    """ "Wed 13 to Mon 25 Jan", "Wed 13 Jan to Mon 1 Feb"; the year where it changes."""
    if first.year != last.year:
        return f"{day_year(first)} to {day_year(last)}"
    return f"{day_short(first) if first.month == last.month else day(first)} to {day(last)}"


def closed_when(starts_at: datetime, ends_at: datetime, zone: Zone) -> str:
    """ "Wed 13 to Fri 15 Jan"; "Wed 13 Jan, 8:00 am to 12:00 pm" if it is not whole days."""
    first, last = _local(starts_at, zone), _local(ends_at, zone)
    if first.time() == last.time() == time():
        until = last.date() - timedelta(days=1)
        return day(first.date()) if until == first.date() else days_span(first.date(), until)
    if first.date() == last.date():
        return f"{day(first.date())}, {span(starts_at, ends_at, zone)}"
    return span(starts_at, ends_at, zone)


def length_text(minutes: int) -> str:
    """ "40 min", "2 h", "1 h 40"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02}" if rest else f"{hours} h"


def until(at: datetime, now: datetime) -> str:
    """ "in 18 min", "in 3 h", "in 2 days", or the same with "ago"."""
    minutes = round((at - now).total_seconds() / 60)
    away = abs(minutes)
    if away < 60:
        amount = f"{away} min"
    elif away < 48 * 60:
        amount = f"{away // 60} h"
    else:
        amount = f"{away // (24 * 60)} days"
    return f"in {amount}" if minutes >= 0 else f"{amount} ago"


def city(zone: Zone) -> str:
    """ "New York": the zone as a person names it."""
    return str(zone).rsplit("/", 1)[-1].replace("_", " ")


def in_words(number: int) -> str:
    """ "six" up to ten, digits beyond."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """ "1 visit", "6 visits"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(items: Iterable[str]) -> str:
    """ "Mon, Wed and Fri"."""
    every = list(items)
    return " and ".join([", ".join(every[:-1]), every[-1]] if len(every) > 1 else every)


def weekday(number: int) -> str:
    """ "Monday" for 0."""
    return WEEKDAYS[number]


def weeks_of(first: date, last: date) -> list[list[date]]:
    """Whole weeks, Monday to Sunday, that hold both days: the rows of a month strip."""
    monday = first - timedelta(days=first.weekday())
    count = (last - monday).days // 7 + 1
    return [[monday + timedelta(days=7 * row + at) for at in range(7)] for row in range(count)]


SHOWN: tuple[Any, ...] = (
    clock, short_clock, day, day_short, day_year, day_long, birth, span, days_span, stamp, held,
    closed_when, length_text, until, city, in_words, plural, listed, weekday,
)  # fmt: skip


def init(app: Flask) -> None:
    """Give every template these filters, and the tables of words."""
    app.jinja_env.filters.update({one.__name__: one for one in SHOWN})
    app.jinja_env.globals.update(
        weeks_of=weeks_of,
        look=words.look,
        part_words=words.PARTS,
        ready_looks=words.READY,
        priority_looks=words.PRIORITIES,
    )


def _zone(zone: Zone | None) -> ZoneInfo:
    if zone is None:
        raise ValueError("an instant is shown in a zone: say which")
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)


def _local(at: datetime, zone: Zone | None) -> datetime:
    return opening.local(_zone(zone), at)


def _date(on: date, zone: Zone | None) -> date:
    return _local(on, zone).date() if isinstance(on, datetime) else on
