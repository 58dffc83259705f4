"""Plans against a solver's proven optimum and against plain loops: same cost, no rule broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.planning.plan import Plan
from scheduler.planning.searching.variety import sounds_different
from scheduler.planning.series import ChosenVisit, check_visits, propose
from scheduler.planning.spacing import Spacing, judge
from tests.bench.instances import DAILY, OPEN, TIGHT, TWO_TO_SEVEN, built, mixed_request
from tests.oracle.referee import optimum
from tests.oracle.series import broken_dates, plain, plan_breaks, plan_cost

DAY = timedelta(days=1)


@pytest.mark.parametrize("seed", range(32))
def test_the_best_plan_costs_what_the_solver_proves_to_be_the_least(seed: int) -> None:
    facts, request = mixed_request(seed)
    proposal = propose(built(facts), request, k=1)
    assert proposal.proven
    least = optimum(plain(facts), request)
    assert (proposal.plans[0].cost if proposal.plans else None) == least


few = settings(max_examples=7, deadline=None)


@few
@given(seed=st.integers(100, 100_000))
def test_every_plan_and_every_way_out_passes_the_plain_loops_and_costs_what_the_formula_says(
    seed: int,
) -> None:
    facts, request = mixed_request(seed)
    days, calendar = built(facts), plain(facts)
    proposal = propose(days, request)
    assert bool(proposal.plans) != bool(proposal.stopped)
    offered = [(plan, request) for plan in proposal.plans]
    offered += [(way.plan, way.request) for way in proposal.ways_out]
    for plan, asked in offered:
        assert plan_breaks(calendar, asked, plan) == []
        assert check_visits(days, asked, _chosen(plan)) == ()
    for plan in proposal.plans:
        assert plan_cost(calendar, request, plan) == plan.cost == plan.terms.total
        assert plan.cost >= proposal.plans[0].cost
    for place, plan in enumerate(proposal.plans):
        assert all(sounds_different(plan, other) for other in proposal.plans[:place])


@few
@given(seed=st.integers(100, 100_000), shift=st.integers(0, 1_000_000))
def test_the_check_before_a_booking_refuses_exactly_what_the_plain_loops_refuse(
    seed: int, shift: int
) -> None:
    facts, request = mixed_request(seed)
    days, calendar = built(facts), plain(facts)
    plans = propose(days, request, k=1).plans
    if not plans:
        return
    for moved in _shaken(plans[0], Random(shift)):
        if moved.visits[-1].on not in facts or moved.visits[0].on not in facts:
            continue
        refusals = check_visits(days, request, _chosen(moved))
        assert bool(refusals) == bool(plan_breaks(calendar, request, moved))
        assert all(refusal.rule and refusal.sentence for refusal in refusals)


def _shaken(plan: Plan, rng: Random) -> list[Plan]:
    """The plan with one visit moved by days, minutes or chairs."""
    found = []
    for _ in range(12):
        place = rng.randrange(len(plan.visits))
        visit, days = plan.visits[place], rng.choice([0, 0, -1, 1, 2])
        moved = replace(
            visit,
            on=visit.on + DAY * days,
            starts_at=visit.starts_at
            + DAY * days
            + timedelta(minutes=rng.choice([0, 0, 1, 5, -10, 30, 210])),
            chair_id=rng.choice([visit.chair_id, 1, 2]),
        )
        visits = (*plan.visits[:place], moved, *plan.visits[place + 1 :])
        found.append(replace(plan, visits=visits))
    return found


def _chosen(plan: Plan) -> list[ChosenVisit]:
    return [ChosenVisit(visit.chair_id, visit.starts_at) for visit in plan.visits]


@few
@given(seed=st.integers(100, 100_000))
def test_the_same_question_gets_the_same_answer(seed: int) -> None:
    facts, request = mixed_request(seed)
    again = dict(reversed(facts.items()))
    assert propose(built(facts), request) == propose(built(again), request)


@given(
    gaps=st.lists(st.integers(-1, 9), max_size=7),
    gap=st.sampled_from([TWO_TO_SEVEN, DAILY, TIGHT, OPEN]),
    most=st.sampled_from([None, 2, 3]),
    span=st.sampled_from([None, 14, 20]),
)
@settings(deadline=None)
def test_the_judge_names_exactly_the_rules_that_plain_loops_find_broken(
    gaps: list[int], gap: object, most: int | None, span: int | None
) -> None:
    _, request = mixed_request(1)
    spacing = Spacing(gap=gap, max_per_7d=most, max_days=span)  # type: ignore[arg-type]
    dates = [request.earliest_on]
    for days in gaps:
        dates.append(dates[-1] + DAY * days)
    shapes = request.shapes[:1] * len(dates)
    alone = replace(request, shapes=shapes, spacing=spacing, after=(), before=())
    named = {broken.rule for broken in judge(dates, spacing) if broken.hard}
    assert named == set(broken_dates(alone, dates))
