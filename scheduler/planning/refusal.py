"""Why a visit may not stand where somebody wants it: the rule, the place, one plain sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scheduler.planning.day_facts import QUARTER_MINUTES, ChairFacts
from scheduler.planning.explain import clock, count_words, day_words, list_words, span_words
from scheduler.planning.interval import Interval, merge, subtract
from scheduler.planning.visit import VisitShape

if TYPE_CHECKING:
    from scheduler.planning.daybook import Day


@dataclass(frozen=True)
class Refusal:
    """One broken rule: an id of domain D, or grid, chair, weekday, window, past, horizon.

    `span` is where the rule binds, if it binds for a part of the day. Sentences name times and
    chairs, never patients.
    """

    rule: str
    sentence: str
    chair_id: int | None = None
    span: Interval | None = None


def unknown_chair(chair_id: int) -> Refusal:
    return Refusal("chair", "This chair does not belong to the site.", chair_id)


def off_grid(day: Day, starts_at: datetime) -> Refusal:
    steps = {day.grid.minutes, day.facts.start_step_minutes}
    every = " and ".join(str(step) for step in sorted(steps))
    sentence = f"Visits start in steps of {every} minutes; {clock(day.zone, starts_at)} is between."
    return Refusal("grid", sentence)


def not_open(day: Day, shape: VisitShape, chair: ChairFacts, slot: int) -> Refusal:
    """H4 where the site's hours would allow it and a closure or an outage does not, else H3."""
    claim = _claim(day, shape, slot)
    if any(hours.covers(claim) for hours in merge(day.facts.hours)):
        pieces = subtract(day.facts.hours, chair.open)
        closed = next((piece for piece in pieces if piece.overlaps(claim)), None)
        if closed:
            return Refusal("H4", _closed_sentence(day, chair, closed), chair.chair_id, closed)
    hours = merge(day.facts.hours) or merge(chair.open)
    if not hours:
        return Refusal("H3", f"The site is closed on {day_words(day.on)}.", chair.chair_id, claim)
    open_words = list_words(span_words(day.zone, span) for span in hours)
    sentence = (
        f"On {day_words(day.on)} the site is open {open_words}. This visit would hold"
        f" {chair.name} {span_words(day.zone, claim)}."
    )
    return Refusal("H3", sentence, chair.chair_id, claim)


def chair_taken(day: Day, shape: VisitShape, chair: ChairFacts, slot: int) -> Refusal:
    """H1, with the claim that stands in the way."""
    wanted = day.grid.touched(_claim(day, shape, slot))
    spans = (held.span for held in day.held if held.chair_id == chair.chair_id)
    taken = min(span for span in spans if span and day.grid.touched(span) & wanted)
    sentence = f"{chair.name} is taken {span_words(day.zone, taken)} on {day_words(day.on)}."
    return Refusal("H1", sentence, chair.chair_id, taken)


def nurses_short(day: Day, slot: int) -> Refusal:
    """H8 at the first slot that asks for more nurse time than there is."""
    span, number = day.grid.span(slot, slot + 1), day.on_duty[slot]
    when = f"at {clock(day.zone, span.starts_at)} on {day_words(day.on)}"
    if number == 0:
        return Refusal("H8", f"No nurse is on duty {when}.", span=span)
    busy = f"Not enough nurse time {when}: {count_words(number, 'nurse')} on duty, already busy."
    return Refusal("H8", busy, span=span)


def too_many_starts(day: Day, slot: int) -> Refusal:
    """H8-starts: the nurses on duty begin no more visits in this clock quarter."""
    quarter = day.nurse_starts.quarter(slot)
    starts_at = day.grid.midnight + timedelta(minutes=quarter * QUARTER_MINUTES)
    span = Interval(starts_at, starts_at + timedelta(minutes=QUARTER_MINUTES))
    limit = day.nurse_starts.limit.get(quarter, 0)
    when = f"{span_words(day.zone, span)} on {day_words(day.on)}"
    if limit == 0:
        return Refusal("H8-starts", f"No nurse can start a visit {when}.", span=span)
    most = f"{count_words(limit, 'visit')} may start {when}, and as many already do."
    return Refusal("H8-starts", most, span=span)


def _claim(day: Day, shape: VisitShape, slot: int) -> Interval:
    """What the chair would be held for; a visit without chair time is looked at for one slot."""
    minutes = shape.chair_minutes or day.grid.minutes
    starts_at = day.grid.at(slot)
    return Interval(starts_at, starts_at + timedelta(minutes=minutes))


def _closed_sentence(day: Day, chair: ChairFacts, closed: Interval) -> str:
    if not chair.open:
        return f"{chair.name} is closed all day on {day_words(day.on)}."
    return f"{chair.name} is closed {span_words(day.zone, closed)} on {day_words(day.on)}."
