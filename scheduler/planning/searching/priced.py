"""A plan's cost, term by term, straight from the formula (planner): what "best" is measured by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

from scheduler.planning.daybook import Day
from scheduler.planning.interval import MINUTE
from scheduler.planning.plan import CostTerms, Plan, PlannedVisit
from scheduler.planning.request import SeriesRequest, Wishes
from scheduler.planning.searching.slot_prices import prime_price, slack_price, stagger_price
from scheduler.planning.searching.tightness import tight_at
from scheduler.planning.slots.grid import MINUTES_A_DAY
from scheduler.planning.visit import VisitShape

Chosen = tuple[Day, int, datetime]
"""The day, the chair, the start."""
TIME_STEP_MINUTES = 10
ANCHOR_MINUTES = 15
"""One time of day for all visits is a quarter hour of the clock (SO3)."""


def priced_plan(
    request: SeriesRequest, chosen: Sequence[Chosen], set_place: int, kind: str
) -> Plan:
    """`set_place` is the place of the weekday set that the plan keeps to."""
    wishes = anchored(request.wishes, chosen)
    terms = [
        _visit_terms(request, wishes, shape, one)
        for shape, one in zip(request.shapes, chosen, strict=True)
    ]
    whole = _plan_terms(request, [day.on for day, _, _ in chosen], set_place, terms)
    visits = tuple(
        PlannedVisit(
            number=number,
            on=day.on,
            chair_id=chair_id,
            starts_at=starts_at,
            shape=shape,
            cost=term.total,
            bay_id=_bay(day, shape, chair_id, starts_at),
        )
        for number, (day, chair_id, starts_at), shape, term in zip(
            request.numbers, chosen, request.shapes, terms, strict=True
        )
    )
    return Plan(
        visits=visits,
        cost=whole.total,
        terms=whole,
        weekday_set=request.sets[set_place],
        flags=tuple(
            one for one in request.broken([day.on for day, _, _ in chosen]) if not one.hard
        ),
        kind=kind,
        zone=chosen[0][0].zone,
    )


def anchored(wishes: Wishes, chosen: Sequence[Chosen]) -> Wishes:
    """`same_time` and `same_chair` as a start and a chair: those that these visits miss least."""
    if wishes.same_time and wishes.start is None:
        wishes = replace(wishes, start=_least_time(chosen))
    if wishes.same_chair and wishes.chair_id is None:
        used = Counter(chair_id for _, chair_id, _ in chosen)
        wishes = replace(wishes, chair_id=max(used, key=lambda one: (used[one], -one)))
    return wishes


def _least_time(chosen: Sequence[Chosen]) -> time:
    """The quarter hour that is least off all starts, in steps of the formula; the earliest of
    several."""
    minutes = [(at - day.grid.midnight) // MINUTE for day, _, at in chosen]
    shift = 60 * any(day.grid.last_minute != MINUTES_A_DAY for day, _, _ in chosen)
    first = max((min(minutes) - shift) // ANCHOR_MINUTES, 0)
    last = min((max(minutes) + shift) // ANCHOR_MINUTES + 1, 24 * 60 // ANCHOR_MINUTES - 1)
    quarters = [divmod(quarter * ANCHOR_MINUTES, 60) for quarter in range(first, last + 1)]
    return min(
        (time(*quarter) for quarter in quarters),
        key=lambda wall: sum(_steps_off(day, at, wall) for day, _, at in chosen),
    )


def _steps_off(day: Day, starts_at: datetime, wall: time) -> int:
    minute = (starts_at - day.grid.midnight) // MINUTE
    return abs(minute - day.grid.wall_minute(wall)) // TIME_STEP_MINUTES


def _bay(day: Day, shape: VisitShape, chair_id: int, starts_at: datetime) -> int | None:
    """The bay in which the visit would recover, if its chair is not free for the whole stay."""
    seat = day.seat(shape, chair_id, starts_at) if day.bays else None
    return seat.bay_id if seat else None


def _visit_terms(
    request: SeriesRequest, wishes: Wishes, shape: VisitShape, chosen: Chosen
) -> CostTerms:
    """What one visit adds. `wishes` are spelled out: one start, one chair, or none."""
    day, chair_id, starts_at = chosen
    weights = request.weights
    off = 0 if wishes.start is None else _steps_off(day, starts_at, wishes.start)
    return CostTerms(
        day=weights.day * (day.on - request.earliest_on).days,
        time=weights.time * off,
        chair=weights.chair * (wishes.chair_id not in (None, chair_id)),
        frag=weights.frag * day.slivers_at(shape, chair_id, starts_at) if weights.frag else 0,
        stagger=stagger_price(day, weights, starts_at),
        prime=prime_price(day, shape, weights, starts_at),
        slack=slack_price(day, shape, weights, starts_at),
        tight=weights.tight * tight_at(day, shape, chair_id, starts_at) if weights.tight else 0,
    )


def _plan_terms(
    request: SeriesRequest, dates: Sequence[date], set_place: int, visits: Sequence[CostTerms]
) -> CostTerms:
    """The sum over the visits, and what the dates and their weekday set add."""
    weights = request.weights
    names = ("day", "time", "chair", "frag", "stagger", "prime", "slack", "tight")
    return CostTerms(
        early=weights.early * (dates[0] - request.earliest_on).days,
        gap=weights.gap * request.off_target(dates),
        set=weights.set * set_place,
        **{name: sum(getattr(one, name) for one in visits) for name in names},
    )
