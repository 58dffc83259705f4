"""When a rung of the ladder is due: wall times of the site -> instants (domain G)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.planning import opening
from scheduler.planning.preparation import PrepTimes
from scheduler.planning.rung import CONSULT, ReminderRule
from scheduler.planning.sending_window import USUAL, Window

DAY = timedelta(days=1)
LOCAL = re.compile(r"D([+-]\d{1,3})? (\d{2}):(\d{2})")
"""A wall time on a day counted from the visit: "D-1 20:00", "D 18:00", "D+1 10:00"."""
USUAL_HOUR = time(10)
"""For rungs that name a day and no time."""
FARTHEST = 60
"""Calendar days that are searched for working days before a consultation."""
OpenOn = Callable[[date], bool]


def due(
    rule: ReminderRule,
    times: PrepTimes,
    window: Window = USUAL,
    open_on: OpenOn | None = None,
) -> datetime | None:
    """When a rung is due for this visit, aware UTC; None if its rule does not hold here.

    Before the visit what falls out of the window leaves earlier, after it later. `open_on` says
    which dates are working days; None: every day. Raises ValueError for an `at` that is not one
    of domain E's forms for a visit.
    """
    if rule.at.get("rule") == "evening_rule":
        return evening(times, window, local_of(rule.at.get("else_local", "D-1 18:00"))[1])
    if "local" in rule.at:
        at = on_the_wall(str(rule.at["local"]), times.on, times.zone)
        return _moved_in(at, times, window)
    if rule.at.get("anchor") in ("fast_stop", "start"):
        return _from_anchor(rule, times, window)
    if rule.at.get("anchor") == CONSULT:
        days = int(rule.at.get("working_days", -2))
        return window.not_after(_working(days, _hour(rule), times, open_on), times.zone)
    raise ValueError(f"a reminder cannot be due at {rule.at}")


def evening(times: PrepTimes, window: Window = USUAL, otherwise: time = time(18)) -> datetime:
    """The evening rule: D-1 at the window's end if the stop minus 60 minutes is out of the window,
    else at 18:00.

    A fast so long that it begins on the evening before is told an hour ahead of it, or at 18:00 if
    that is earlier.
    """
    stop = times.first_stop_at
    early = window.not_after(_at(times, -1, otherwise), times.zone)
    if stop is None:
        return early
    notice = stop - timedelta(minutes=60)
    if not window.holds(notice, times.zone):
        late = _at(times, -1, window.closes)
        return late if late < notice else window.not_after(notice, times.zone)
    return min(early, notice)


def after_event(at: datetime, zone: ZoneInfo, window: Window = USUAL) -> datetime:
    """A rung that an event sets off (discharge, end of a phase, displacement): at once, or when
    the window opens next."""
    return window.not_before(at, zone)


def around(
    rule: ReminderRule, on: date, zone: ZoneInfo, window: Window = USUAL
) -> tuple[datetime, ...]:
    """A rung that counts days from a date (R11 from the due date, R12 from the end of a form),
    each at its `time`, else at 10:00, moved later into the window."""
    days = rule.at.get("days", [0])
    at = (opening.instant(zone, on + int(one) * DAY, _hour(rule)) for one in days)
    return tuple(window.not_before(one, zone) for one in at)


def local_of(text: str) -> tuple[int, time]:
    """ "D-3 10:00" as days from the visit and wall time. Raises ValueError."""
    match = LOCAL.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a day and an hour such as 'D-3 10:00'")
    return int(match[1] or 0), time(int(match[2]), int(match[3]))


def on_the_wall(text: str, on: date, zone: ZoneInfo) -> datetime:
    """ "D-3 10:00" of a visit on this date: never "minus 24 hours" (domain G)."""
    days, wall = local_of(text)
    return opening.instant(zone, on + days * DAY, wall)


def _hour(rule: ReminderRule) -> time:
    return time.fromisoformat(str(rule.at["time"])) if "time" in rule.at else USUAL_HOUR


def _at(times: PrepTimes, days: int, wall: time) -> datetime:
    return opening.instant(times.zone, times.on + days * DAY, wall)


def _moved_in(at: datetime, times: PrepTimes, window: Window) -> datetime:
    if at < times.starts_at:
        return window.not_after(at, times.zone)
    return window.not_before(at, times.zone)


def _from_anchor(rule: ReminderRule, times: PrepTimes, window: Window) -> datetime | None:
    """R5 is for the same day only; a stop on the day before is the evening's matter."""
    base = times.starts_at if rule.at["anchor"] == "start" else times.first_stop_at
    if base is None:
        return None
    due_at = base + timedelta(minutes=rule.at.get("offset_min", 0))
    if (rule.when or {}).get("inside") == "send_window":
        today = times.local(due_at).date() == times.on
        return due_at if today and window.holds(due_at, times.zone) else None
    return _moved_in(due_at, times, window)


def _working(days: int, wall: time, times: PrepTimes, open_on: OpenOn | None) -> datetime:
    """So many working days from the visit; days on which nothing opens do not count."""
    step, left, on = (1 if days > 0 else -1), abs(days), times.on
    for _ in range(FARTHEST):
        if left == 0:
            break
        on += step * DAY
        left -= open_on is None or open_on(on)
    return opening.instant(times.zone, on, wall)
