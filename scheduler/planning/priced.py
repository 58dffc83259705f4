"""A plan's cost, term by term, straight from the formula (planner): what "best" is measured by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
        **{name: sum(vars(term)[name] for term in terms) for name in _PER_VISIT},
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


_PER_VISIT = ("day", "time", "chair", "frag")


def _visit_terms(request: SeriesRequest, shape: VisitShape, chosen: Chosen) -> CostTerms:
    day, chair_id, starts_at = chosen
    weights, wishes = request.weights, request.wishes
    terms = CostTerms(
        day=weights.day * (day.on - request.earliest_on).days,
        frag=weights.frag * day.slivers_at(shape, chair_id, starts_at),
    )
    if wishes.start is not None:
        minute = (starts_at - day.grid.midnight) // MINUTE
        off = abs(minute - day.grid.wall_minute(wishes.start))
        terms = replace(terms, time=weights.time * (off // TIME_STEP_MINUTES))
    if wishes.chair_id is not None and wishes.chair_id != chair_id:
        terms = replace(terms, chair=weights.chair)
    return terms


def _off_target(request: SeriesRequest, dates: Sequence[date]) -> int:
    """Days off the target gap, the gaps to the fixed visits before and after included."""
    chain = [*request.after[-1:], *dates, *request.before[:1]]
    target = request.spacing.gap.target
    return sum(abs((later - earlier).days - target) for earlier, later in pairwise(chain))
