"""What is different in the preparation of a visit, in the patient's words: only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from scheduler.planning.prep_layers import FIELDS, differing
from scheduler.planning.preparation import PrepSet, PrepTimes, clock_times
from scheduler.planning.visit import VisitShape
from scheduler.planning.wording import Wording
from scheduler.planning.words import preparation
from scheduler.planning.words.clock import day

CHANGED, GONE = "changed", "gone"
Change = tuple[str, str]
"""What kind of change, and the sentences."""


def changes(
    before: PrepSet, now: PrepTimes, shape: VisitShape, wording: Wording
) -> tuple[Change, ...]:
    """What holds now and did not, and what falls away; `now` is how the visit stands."""
    fields = differing(before, now.prep)
    said = [text for name in fields for text in _about(name, now, shape, wording)]
    gone = [text for name in fields for text in _gone(name, before, now, shape, wording)]
    found = ((CHANGED, " ".join(said)), (GONE, " ".join(gone)))
    return tuple((kind, sentences) for kind, sentences in found if sentences)


def lines(visits: Iterable[tuple[date, tuple[Change, ...]]], wording: Wording) -> tuple[str, ...]:
    """ "Wed 13 Jan, Fri 15 Jan: No food from 3:00 am."; what is the same on several days is said
    once."""
    days: dict[Change, list[str]] = {}
    for on, found in visits:
        for change in found:
            days.setdefault(change, []).append(day(on, wording.language))
    return tuple(
        wording.line(
            f"prep_change.{kind}",
            {"day": ", ".join(when), "preparation": sentences, "was": sentences},
        )
        for (kind, sentences), when in days.items()
    )


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
