"""What is different in the preparation of a visit, in the patient's words: only what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scheduler.planning.prep_layers import FIELDS, differing
from scheduler.planning.preparation import PrepSet, PrepTimes, clock_times
from scheduler.planning.visit import VisitShape
from scheduler.planning.wording import Wording
from scheduler.planning.words import preparation
from scheduler.planning.words.clock import day


def changes(
    before: PrepSet, now: PrepTimes, shape: VisitShape, wording: Wording
) -> tuple[str, ...]:
    """ "Wed 13 Jan: No food from 3:00 am.", and what falls away; `now` is how the visit stands."""
    on = {"day": day(now.on, wording.language)}
    fields = differing(before, now.prep)
    said = [text for name in fields for text in _about(name, now, shape, wording)]
    found = []
    if said:
        sentences = " ".join(said)
        found.append(wording.line("prep_change.changed", {**on, "preparation": sentences}))
    gone = [text for name in fields for text in _gone(name, before, now, shape, wording)]
    if gone:
        found.append(wording.line("prep_change.gone", {**on, "was": " ".join(gone)}))
    return tuple(found)


def _about(name: str, now: PrepTimes, shape: VisitShape, wording: Wording) -> Iterator[str]:
    if name == "arrive_early_minutes":
        yield preparation.arrival(now, wording)
        return
    yield from _alone(name, now.prep, now, shape, wording)


def _gone(
    name: str, before: PrepSet, now: PrepTimes, shape: VisitShape, wording: Wording
) -> Iterator[str]:
    if not list(_about(name, now, shape, wording)):
        yield from _alone(name, before, now, shape, wording)


def _alone(
    name: str, prep: PrepSet, now: PrepTimes, shape: VisitShape, wording: Wording
) -> list[str]:
    """The sentence of one rule."""
    kept = {one: getattr(PrepSet(), one) for one in FIELDS if one != name}
    only = clock_times(replace(prep, **kept), shape, now.starts_at, now.zone)
    return preparation.to_do(only, wording)
