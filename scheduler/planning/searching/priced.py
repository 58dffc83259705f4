"""A plan's cost, term by term, straight from the formula (planner): what "best" is measured by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise

from scheduler.planning.daybook import Day
from scheduler.planning.interval import MINUTE
from scheduler.planning.plan import CostTerms, Plan, PlannedVisit
from scheduler.planning.request import SeriesRequest
from scheduler.planning.visit import VisitShape

Chosen = tuple[Day, int, datetime]
"""The day, the chair, the start."""
TIME_STEP_MINUTES = 10


def priced_plan(
    request: SeriesRequest, chosen: Sequence[Chosen], set_place: int, kind: str
) -> Plan:
    """`set_place` is the place of the weekday set that the plan keeps to."""
    weights = request.weights
    terms = [
        _visit_terms(request, shape, one) for shape, one in zip(request.shapes, chosen, strict=True)
    ]
    dates = [day.on for day, _, _ in chosen]
    whole = CostTerms(
        early=weights.early * (dates[0] - request.earliest_on).days,
        gap=weights.gap * _off_target(request, dates),
        set=weights.set * set_place,
        day=sum(term.day for term in terms),
        time=sum(term.time for term in terms),
        chair=sum(term.chair for term in terms),
        frag=sum(term.frag for term in terms),
    )
    visits = tuple(
        PlannedVisit(
            number=number,
            on=day.on,
            chair_id=chair_id,
            starts_at=starts_at,
            shape=shape,
            cost=term.total,
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
        flags=tuple(one for one in request.broken(dates) if not one.hard),
        kind=kind,
        zone=chosen[0][0].zone,
    )


def _visit_terms(request: SeriesRequest, shape: VisitShape, chosen: Chosen) -> CostTerms:
    day, chair_id, starts_at = chosen
    weights, wishes, off = request.weights, request.wishes, 0
    if wishes.start is not None:
        minute = (starts_at - day.grid.midnight) // MINUTE
        off = abs(minute - day.grid.wall_minute(wishes.start))
    misses_chair = wishes.chair_id is not None and wishes.chair_id != chair_id
    return CostTerms(
        day=weights.day * (day.on - request.earliest_on).days,
        time=weights.time * (off // TIME_STEP_MINUTES),
        chair=weights.chair * misses_chair,
        frag=weights.frag * day.slivers_at(shape, chair_id, starts_at),
    )


def _off_target(request: SeriesRequest, dates: Sequence[date]) -> int:
    """Days off the target gap, the gaps to the fixed visits before and after included."""
    chain = [*request.after[-1:], *dates, *request.before[:1]]
    target = request.spacing.gap.target
    return sum(abs((later - earlier).days - target) for earlier, later in pairwise(chain))
