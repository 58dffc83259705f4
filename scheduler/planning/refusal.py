"""Why a visit may not stand where somebody wants it: the rule, the place, one plain sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scheduler.planning.day_facts import ChairFacts
from scheduler.planning.explain import clock, day_words, list_words, span_words
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


def wrong_kind(chair: ChairFacts, kind: str | None) -> Refusal:
    if kind is None:
        sentence = f"{chair.name} is a recovery bay. Visits end there and do not start there."
        return Refusal("chair", sentence, chair.chair_id)
    return Refusal("chair", f"{chair.name} is of another kind.", chair.chair_id)


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
            return Refusal("H4", f"{_closed(day, chair, closed)}.", chair.chair_id, closed)
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
    taken = _taken(day, chair, _claim(day, shape, slot))
    return Refusal("H1", f"{_taken_words(day, chair, taken)}.", chair.chair_id, taken)


def bay_taken(
    day: Day, shape: VisitShape, chair: ChairFacts, slot: int, bay: ChairFacts | None
) -> Refusal:
    """H1 for a chair that is free until recovery, with no bay free from then on.

    `bay` is the one that was asked for; None means that any would do.
    """
    claim, wanted = _claim(day, shape, slot), shape.bay_span(day.grid.at(slot))
    whole = day.grid.span(day.grid.floor(claim.starts_at), day.grid.ceil(claim.ends_at))
    closed = subtract([whole], chair.open)
    if closed:
        words = _closed(day, chair, closed[0])
    else:
        words = _taken_words(day, chair, _taken(day, chair, claim))
    bays = "no recovery bay is free" if bay is None else f"{bay.name} is not free"
    when = f" {span_words(day.zone, wanted)}" if wanted else ""
    return Refusal("H1", f"{words}, and {bays}{when}.", chair.chair_id, wanted)


def _claim(day: Day, shape: VisitShape, slot: int) -> Interval:
    """What the chair would be held for; a visit without chair time is looked at for one slot."""
    minutes = shape.chair_minutes or day.grid.minutes
    starts_at = day.grid.at(slot)
    return Interval(starts_at, starts_at + timedelta(minutes=minutes))


def _taken(day: Day, chair: ChairFacts, claim: Interval) -> Interval:
    """The first claim on the chair that shares a slot with this one."""
    wanted = day.grid.touched(claim)
    on_it = day.chairs.on_chair(chair.chair_id)
    spans = (span for held in on_it for span in held.spans_on(chair.chair_id))
    return min(span for span in spans if day.grid.touched(span) & wanted)


def _taken_words(day: Day, chair: ChairFacts, taken: Interval) -> str:
    return f"{chair.name} is taken {span_words(day.zone, taken)} on {day_words(day.on)}"


def _closed(day: Day, chair: ChairFacts, closed: Interval) -> str:
    if not chair.open:
        return f"{chair.name} is closed all day on {day_words(day.on)}"
    return f"{chair.name} is closed {span_words(day.zone, closed)} on {day_words(day.on)}"
