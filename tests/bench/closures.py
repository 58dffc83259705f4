"""Invented closures: a day of a clinic is shut, and every visit of it has lost its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time
from random import Random

from scheduler.planning.day_facts import DayFacts, Held
from scheduler.planning.daybook import Day
from scheduler.planning.reaccommodate import AffectedSeries
from scheduler.planning.replan import RunningSeries, StandingVisit
from scheduler.planning.request import PatientLimits, TimeWindow
from scheduler.planning.spacing import Spacing
from tests.bench.instances import DAY, TWO_TO_SEVEN, ClinicSettings, built, calendar

NOON = time(12)
SPACING = Spacing(gap=TWO_TO_SEVEN, max_per_7d=3)


@dataclass(frozen=True)
class Closed:
    """A calendar without the lost visits, and the series that they belong to."""

    days: dict[date, Day]
    affected: tuple[AffectedSeries, ...]


def closed(clinic: ClinicSettings, seed: int, shut_chairs: int | None = None) -> Closed:
    """One day of the second week is shut, or some of its chairs are."""
    rng = Random(f"closed {seed}")
    facts = calendar(clinic, seed)
    busy = [on for on in facts if facts[on].held and (on - clinic.first_on).days >= 7]
    on = busy[rng.randrange(min(5, len(busy)))]
    shut = {chair.chair_id for chair in facts[on].chairs[:shut_chairs]}
    lost = [held for held in facts[on].held if held.chair_id in shut]
    taken: set[Held] = set()
    affected = tuple(_series(facts, held, rng, taken) for held in lost)
    chairs = tuple(
        replace(chair, open=()) if chair.chair_id in shut else chair for chair in facts[on].chairs
    )
    stays = tuple(held for held in facts[on].held if held.chair_id not in shut)
    facts[on] = replace(facts[on], chairs=chairs, held=stays)
    return Closed(built(facts), tuple(replace(one, key=n) for n, one in enumerate(affected)))


def _series(
    facts: dict[date, DayFacts], held: Held, rng: Random, taken: set[Held]
) -> AffectedSeries:
    """The visit with one before it and one after it, of the same length, 2 to 7 days away."""
    on = held.starts_at.date()
    before, after = (
        _neighbour(facts, held, [sign * days for days in rng.sample(range(2, 8), 6)], taken)
        for sign in (-1, 1)
    )
    chosen = [one for one in (before, (on, held), after) if one is not None]
    visits = tuple(
        _standing(number, *one, confirmed=rng.random() < 0.5)
        for number, one in enumerate(chosen, 1)
    )
    own = 1 + (before is not None)
    series = RunningSeries(visits=visits, spacing=SPACING, patient=_limits(rng))
    return AffectedSeries(key=0, series=series, lost=frozenset({own}), induction=rng.random() < 0.3)


def _neighbour(
    facts: dict[date, DayFacts], held: Held, away: list[int], taken: set[Held]
) -> tuple[date, Held] | None:
    for days in away:
        on = held.starts_at.date() + DAY * days
        there = facts.get(on)
        for one in there.held if there else ():
            if (one.shape, one.chair_id) == (held.shape, held.chair_id) and one not in taken:
                taken.add(one)
                return on, one
    return None


def _standing(number: int, on: date, held: Held, *, confirmed: bool) -> StandingVisit:
    return StandingVisit(
        number=number,
        on=on,
        starts_at=held.starts_at,
        chair_id=held.chair_id or 0,
        shape=held.shape,
        confirmed=confirmed,
    )


def _limits(rng: Random) -> PatientLimits:
    """A third of the patients can come before or after noon only."""
    kind = rng.randrange(6)
    if kind == 0:
        return PatientLimits(window=TimeWindow(starts_until=NOON))
    return PatientLimits(window=TimeWindow(starts_from=NOON)) if kind == 1 else PatientLimits()


def many(clinic: ClinicSettings, number: int, seed: int = 0) -> Iterator[Closed]:
    for place in range(number):
        yield closed(clinic, seed + place)
