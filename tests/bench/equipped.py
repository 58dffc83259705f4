"""Invented clinics in which everything that a visit may hold is scarce: providers, pumps, monitors
and recovery bays, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from random import Random

from scheduler.planning.day_facts import BAY, ChairFacts, Counts, DayFacts
from scheduler.planning.interval import Interval
from scheduler.planning.request import SeriesRequest
from scheduler.planning.visit import Part, VisitShape
from tests.bench.instances import mixed_request

FIRST_BAY = 900


@dataclass(frozen=True, kw_only=True)
class Equipment:
    """How many there are all day; at lunch one provider is away, and one monitor is in repair."""

    bays: int
    providers: int
    pumps: int | None
    monitors: int | None
    patients_per_provider: int
    max_sedating_per_nurse: int | None
    latest_start: time | None


def equipped_request(seed: int) -> tuple[dict[date, DayFacts], SeriesRequest]:
    """As `mixed_request`: the same calendar and question, with more that can run out."""
    facts, request = mixed_request(seed)
    rng = Random(f"equipped {seed}")
    chairs = max(len(day.chairs) for day in facts.values())
    equipment = Equipment(
        bays=rng.randint(0, 2),
        providers=rng.randint(1, 2),
        pumps=rng.choice([None, 1 + chairs // 2, chairs]),
        monitors=rng.choice([None, 1 + chairs // 2, chairs]),
        patients_per_provider=rng.randint(1, 3),
        max_sedating_per_nurse=rng.choice([None, None, 1, 2]),
        latest_start=rng.choice([None, None, time(14, 30)]),
    )
    sedating = rng.random() < 0.7
    reshaped: dict[VisitShape, VisitShape] = {}

    def own(shape: VisitShape) -> VisitShape:
        return reshaped.setdefault(shape, _in_parts(shape, sedating, rng))

    days = {on: _equipped(day, equipment, own) for on, day in facts.items()}
    shapes = tuple(own(shape) for shape in request.shapes)
    if equipment.bays and rng.random() < 0.1:
        return days, replace(request, shapes=shapes, chair_kind=BAY)
    return days, replace(request, shapes=shapes)


def _in_parts(shape: VisitShape, sedating: bool, rng: Random) -> VisitShape:
    """The visit's minutes as infusion, recovery in chair or bay, and turnaround."""
    care, turnaround = shape.parts
    rest = care.minutes // 3
    infusion = replace(care, minutes=care.minutes - rest, pump=1, monitor=1, provider=True)
    recovery = Part(name="recovery", minutes=rest, nurse=care.nurse[:0], monitor=1, bay=True)
    parts = (infusion, recovery, turnaround)
    return VisitShape(parts=parts, sedating=sedating and rng.random() < 0.8)


def _equipped(
    day: DayFacts, equipment: Equipment, own: Callable[[VisitShape], VisitShape]
) -> DayFacts:
    bays = tuple(
        ChairFacts(chair_id=FIRST_BAY + n, name=f"Bay {n + 1}", open=day.hours, kind=BAY)
        for n in range(equipment.bays)
    )
    noon = tuple(_lunch(span) for span in day.hours)
    return replace(
        day,
        chairs=day.chairs + bays,
        held=tuple(replace(held, shape=own(held.shape)) for held in day.held),
        providers=_all_day(day, equipment.providers) + tuple((span, -1) for span in noon),
        patients_per_provider=equipment.patients_per_provider,
        pumps=None if equipment.pumps is None else _all_day(day, equipment.pumps),
        monitors=None
        if equipment.monitors is None
        else _all_day(day, equipment.monitors) + tuple((span, -1) for span in noon),
        max_sedating_per_nurse=equipment.max_sedating_per_nurse,
        latest_start=equipment.latest_start,
    )


def _all_day(day: DayFacts, number: int) -> Counts:
    return tuple((span, number) for span in day.hours)


def _lunch(span: Interval) -> Interval:
    """The fourth hour of the day, or its end where it is shorter."""
    starts_at = min(span.starts_at + timedelta(hours=3), span.ends_at - timedelta(minutes=30))
    return Interval(starts_at, min(starts_at + timedelta(hours=1), span.ends_at))
