"""Where a rule binds, in the desk's words: weekdays, half of the day, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from scheduler.planning.explain import (
    WEEKDAYS,
    day_words,
    list_words,
    wall_words,
)
from scheduler.planning.opening import MIDNIGHT
from scheduler.planning.request import TimeWindow

NAMED = 3
"""So few days are named one by one."""
NOON, LATEST_MORNING = time(12), time(13)


def where_words(lost: Sequence[date], asked: Sequence[date], window: TimeWindow) -> str:
    """As "Tue and Thu mornings until Thu 29 Apr". `lost` are those of the `asked` dates, in order,
    that the rule takes away; `window` is what of the day was asked for."""
    half, hours = half_of_day(window), _hours(window)
    if not lost:
        return ""
    if len(lost) <= NAMED:
        days = list_words(day_words(on) for on in lost)
        return f"the {half} of {days}" if half else days + hours
    asked_until = [on for on in asked if on <= lost[-1]]
    if len(asked_until) == len(lost):
        days = _weekdays(lost)
        return f"{days}{f' {half}' if half else hours} until {day_words(lost[-1])}"
    first = list_words(day_words(on) for on in lost[:2])
    part = f"{len(lost)} of {len(asked_until)} {half or 'days'}{'' if half else hours}"
    return f"{part} until {day_words(lost[-1])}, first {first}"


def half_of_day(window: TimeWindow) -> str:
    """ "mornings" or "afternoons" where that is what the window means; else nothing."""
    if window.arrives_from or window.leaves_by:
        return ""
    until = window.starts_until
    if until and not window.starts_from and MIDNIGHT < until <= LATEST_MORNING:
        return "mornings"
    if window.starts_from and not until and window.starts_from >= NOON:
        return "afternoons"
    return ""


def window_words(window: TimeWindow) -> str:
    """As "a start from 9:00 am, leaving by 1:00 pm"."""
    named = (
        ("a start from", window.starts_from),
        ("a start before", window.starts_until),
        ("arrival from", window.arrives_from),
        ("leaving by", window.leaves_by),
    )
    return ", ".join(f"{what} {wall_words(at)}" for what, at in named if at) or "any hour"


def _hours(window: TimeWindow) -> str:
    return "" if window.is_open else f" ({window_words(window)})"


def _weekdays(days: Sequence[date]) -> str:
    used = sorted({on.weekday() for on in days})
    if len(used) == len(WEEKDAYS):
        return "every day"
    if len(used) > 2 and used[-1] - used[0] == len(used) - 1:
        return f"{WEEKDAYS[used[0]]} to {WEEKDAYS[used[-1]]}"
    return list_words(WEEKDAYS[number] for number in used)
