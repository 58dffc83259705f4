"""Short plain words for times, spans and weekdays (en-US, site wall time), to be read aloud."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from statistics import median_low
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.planning.interval import Interval
from scheduler.planning.opening import local

if TYPE_CHECKING:
    from scheduler.planning.plan import Plan

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SAME_TIME_MINUTES = 60
"""Starts this close together are the same time of day (domain SO3)."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def wall_words(wall: time) -> str:
    """As "8:50 am"; noon is 12:00 pm and midnight 12:00 am."""
    return f"{wall.hour % 12 or 12}:{wall.minute:02} {'am' if wall.hour < 12 else 'pm'}"


def clock(zone: ZoneInfo, at: datetime) -> str:
    """As "8:50 am" on the wall clock of the site."""
    return wall_words(local(zone, at).time())


def span_words(zone: ZoneInfo, span: Interval) -> str:
    """As "9:00 to 10:45 am", or "11:00 am to 1:15 pm"."""
    return _pair_words(local(zone, span.starts_at).time(), local(zone, span.ends_at).time(), "to")


def _pair_words(first: time, last: time, between: str) -> str:
    """am or pm is said once if both share it."""
    starts, ends = wall_words(first), wall_words(last)
    return f"{starts[:-3] if starts[-2:] == ends[-2:] else starts} {between} {ends}"


def day_words(on: date) -> str:
    """As "Wed 13 Jan"."""
    return f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]}"


def weekday_words(weekdays: Iterable[int]) -> str:
    """As "Mon/Wed/Fri", "Mon to Fri", or "any day" for none or all seven."""
    named = sorted(set(weekdays))
    if named == [0, 1, 2, 3, 4]:
        return "Mon to Fri"
    return "/".join(WEEKDAYS[day] for day in named) if 0 < len(named) < 7 else "any day"


def count_words(number: int, noun: str) -> str:
    """As "1 day", "2 days"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def list_words(names: Iterable[str]) -> str:
    """As "a", "a and b", "a, b and c"."""
    *rest, last = list(names) or [""]
    return f"{', '.join(rest)} and {last}" if rest else last


def title(plan: Plan) -> str:
    """What the patient hears first: "Mon/Wed/Fri at 9:00 am over 2 weeks, from Mon 18 Jan"."""
    if len(plan.visits) == 1:
        return f"{day_words(plan.first_on)} at {clock(plan.zone, plan.visits[0].starts_at)}"
    days = weekday_words(plan.weekdays)
    days = days[:1].upper() + days[1:]
    weeks = count_words(-(-((plan.last_on - plan.first_on).days + 1) // 7), "week")
    return f"{days} {hours_words(plan)} over {weeks}, from {day_words(plan.first_on)}"


def hours_words(plan: Plan) -> str:
    """As "at 9:00 am", "around 9:00 am" (within an hour), "between 9:00 and 11:15 am"."""
    starts = sorted(local(plan.zone, visit.starts_at).time() for visit in plan.visits)
    if starts[0] == starts[-1]:
        return f"at {wall_words(starts[0])}"
    minutes = [wall.hour * 60 + wall.minute for wall in starts]
    if minutes[-1] - minutes[0] <= SAME_TIME_MINUTES:
        return f"around {wall_words(median_low(starts))}"
    return f"between {_pair_words(starts[0], starts[-1], 'and')}"
