"""Where a patient can be on a day: the same rules as a mask of starts and as refusals (H2, H11,
H17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial

from scheduler.planning.daybook import Day
from scheduler.planning.explain import day_words, span_words, wall_words, weekday_words
from scheduler.planning.interval import MINUTE, Interval
from scheduler.planning.opening import DAY, MIDNIGHT
from scheduler.planning.refusal import Refusal
from scheduler.planning.request import PatientLimits
from scheduler.planning.slots.plane import ones
from scheduler.planning.visit import VisitShape

EVER = 10_000
"""Minutes beyond the end of any day."""


@dataclass(frozen=True)
class Block:
    """Starts in the minutes [first, until) since local midnight are refused."""

    first: int
    until: int
    refusal: Callable[[], Refusal]


def date_refusals(on: date, limits: PatientLimits, shape: VisitShape) -> Iterator[Refusal]:
    """Rules that take the whole day."""
    if limits.weekdays and on.weekday() not in limits.weekdays:
        days = weekday_words(limits.weekdays)
        yield Refusal("weekday", f"{day_words(on)} is not one of the patient's days ({days}).")
    if on in limits.blackouts:
        yield Refusal("H17", f"The patient cannot come on {day_words(on)}.")
    for clearance in limits.clearances:
        if clearance.until < on:
            ended = f"ends on {day_words(clearance.until)}, before this visit."
            yield Refusal("H11", f"The clearance '{clearance.what}' {ended}")
    if shape.sedating and on in limits.sedating_on:
        sentence = f"The patient already has a sedating visit on {day_words(on)}."
        yield Refusal("H2", sentence)


def time_refusals(
    day: Day, limits: PatientLimits, shape: VisitShape, starts_at: datetime
) -> Iterator[Refusal]:
    """Rules that take a part of the day."""
    minute = (starts_at - day.grid.midnight) // MINUTE
    for block in _blocks(day, limits, shape):
        if block.first <= minute < block.until:
            yield block.refusal()


def possible_slots(day: Day, limits: PatientLimits, shape: VisitShape) -> int:
    """Slots at which the patient could start: a one-chair mask."""
    grid = day.grid
    mask = ones(0, grid.slots)
    for block in _blocks(day, limits, shape):
        first = -((grid.first - block.first) // grid.minutes)
        until = -((grid.first - block.until) // grid.minutes)
        mask &= ~ones(max(first, 0), min(max(until, 0), grid.slots))
    return mask


def _blocks(day: Day, limits: PatientLimits, shape: VisitShape) -> Iterator[Block]:
    if not limits.window.is_open:
        yield from _window(day, limits, shape)
    dawn = day.grid.midnight
    for busy in limits.busy:
        if dawn - DAY < busy.ends_at and busy.starts_at < dawn + 2 * DAY:
            yield _busy(day, busy, shape)
    if limits.not_before is not None and limits.not_before > dawn:
        until = _minute_up(day, limits.not_before)
        yield Block(-EVER, until, lambda: Refusal("past", "This start has already passed."))


def _window(day: Day, limits: PatientLimits, shape: VisitShape) -> Iterator[Block]:
    window = limits.window
    if window.starts_from is not None:
        until = day.grid.wall_minute(window.starts_from)
        yield Block(-EVER, until, partial(_outside, "before", window.starts_from))
    if window.starts_until is not None:
        first = _end_minute(day, window.starts_until)
        yield Block(first, EVER, partial(_outside, "not before", window.starts_until))
    if window.arrives_from is not None:
        until = day.grid.wall_minute(window.arrives_from) + shape.before_minutes
        yield Block(-EVER, until, partial(_outside, "with arrival before", window.arrives_from))
    if window.leaves_by is not None:
        first = _end_minute(day, window.leaves_by) - shape.stay_minutes + 1
        yield Block(first, EVER, partial(_outside, "with leaving after", window.leaves_by))


def _outside(what: str, wall: time) -> Refusal:
    sentence = f"A start {what} {wall_words(wall)} is outside the patient's hours."
    return Refusal("window", sentence)


def _busy(day: Day, busy: Interval, shape: VisitShape) -> Block:
    """Arrival to leaving may touch another visit but not overlap it."""
    first = (busy.starts_at - day.grid.midnight) // MINUTE - shape.stay_minutes + 1
    until = _minute_up(day, busy.ends_at) + shape.before_minutes
    return Block(first, until, partial(_elsewhere, day, busy))


def _elsewhere(day: Day, busy: Interval) -> Refusal:
    when = f"{span_words(day.zone, busy)} on {day_words(day.on)}"
    return Refusal("H2", f"The patient has another visit {when}.", span=busy)


def _end_minute(day: Day, wall: time) -> int:
    """00:00 as an end is the midnight after the day."""
    return day.grid.last_minute if wall == MIDNIGHT else day.grid.wall_minute(wall)


def _minute_up(day: Day, at: datetime) -> int:
    return -((day.grid.midnight - at) // MINUTE)
