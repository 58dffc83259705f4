"""Which booked visits of a day are left without an open chair, staff or equipment, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from scheduler.planning.day_facts import DayFacts
from scheduler.planning.explain import count_words
from scheduler.planning.interval import Interval
from scheduler.planning.need import Asked, NeedStep, need_steps, uses
from scheduler.planning.opening import day_span
from scheduler.planning.visit import VisitShape


@dataclass(frozen=True, kw_only=True)
class Booked:
    """A visit that keeps its time. `claims` are the chairs and bays it holds, half-open UTC."""

    visit_id: int
    starts_at: datetime
    shape: VisitShape
    claims: tuple[tuple[int, Interval], ...]


class Lack(NamedTuple):
    """The rule that a booked visit would break; `is_none`: nothing at all is there. `noun` is what
    a sentence calls such visits."""

    rule: str
    is_none: bool = False
    noun: str = "visit"


def left_without(facts: DayFacts, booked: Sequence[Booked]) -> dict[int, frozenset[Lack]]:
    """By visit; a visit that has all it needs is not listed.

    Chairs have to be open for every claim (H3, H4). Of what visits share (H8, H9, H10) every visit
    that uses it in a minute in which there is too little is listed: nobody here says whose it is.
    """
    found: dict[int, set[Lack]] = {}
    for visit in booked:
        if not _is_open(facts, visit):
            found.setdefault(visit.visit_id, set()).add(Lack("H4"))
    held = [(visit.starts_at, visit.shape) for visit in booked]
    for rule, asked in shared(facts):
        steps = need_steps(day_span(facts.zone, facts.on), held, asked)
        short = [step for step in steps if step.is_short]
        for visit in booked if short else ():
            if (worst := _worst(visit, asked.resource, short)) is not None:
                lack = Lack(rule, worst.on_duty == 0, _noun(rule, visit))
                found.setdefault(visit.visit_id, set()).add(lack)
    return {visit_id: frozenset(lacks) for visit_id, lacks in found.items()}


def shared(facts: DayFacts) -> Iterator[tuple[str, Asked]]:
    """Each rule about what visits share with its resource; what nobody counts is left out."""
    yield "H8", Asked(resource="nurse", there=facts.cover)
    if facts.max_sedating_per_nurse is not None:
        most = facts.max_sedating_per_nurse
        yield "H8-sedating", Asked(resource="sedating", there=facts.cover, serves=most)
    patients = facts.patients_per_provider
    yield "H9", Asked(resource="provider", there=facts.providers, serves=patients)
    if facts.pumps is not None:
        yield "H10-pump", Asked(resource="pump", there=facts.pumps)
    if facts.monitors is not None:
        yield "H10-monitor", Asked(resource="monitor", there=facts.monitors)


def sentences(lacks: Sequence[Lack]) -> tuple[str, ...]:
    """One for each kind of lack: "14 sedating visits would have no provider on site."."""
    kinds = sorted(set(lacks), key=lambda lack: (lack.rule, not lack.is_none))
    return tuple(_sentence(kind, lacks.count(kind)) for kind in kinds)


_SEDATION = ("H9", "H8-sedating")
_WORDS = {
    "H4": ("no open chair", "no open chair"),
    "H8": ("no nurse on duty", "too few nurses on duty"),
    "H8-sedating": ("no nurse on duty", "too few nurses on duty"),
    "H9": ("no provider on site", "too few providers on site"),
    "H10-pump": ("no pump", "too few pumps"),
    "H10-monitor": ("no monitor", "too few monitors"),
}


def _sentence(lack: Lack, number: int) -> str:
    nobody, too_few = _WORDS[lack.rule]
    return f"{count_words(number, lack.noun)} would have {nobody if lack.is_none else too_few}."


def _noun(rule: str, visit: Booked) -> str:
    """Sedation is why a provider has to be there (domain H9)."""
    return "sedating visit" if visit.shape.sedating and rule in _SEDATION else "visit"


def _is_open(facts: DayFacts, visit: Booked) -> bool:
    spans = {chair.chair_id: chair.open for chair in facts.chairs}
    return all(
        any(span.covers(claim) for span in spans.get(chair_id, ()))
        for chair_id, claim in visit.claims
    )


def _worst(visit: Booked, resource: str, short: Sequence[NeedStep]) -> NeedStep | None:
    """Of the short steps in which the visit uses the resource, one with the fewest there."""
    mine = [span for span, _ in uses(visit.starts_at, visit.shape, resource)]
    hit = [step for step in short if any(step.span.overlaps(span) for span in mine)]
    return min(hit, key=lambda step: step.on_duty, default=None)
