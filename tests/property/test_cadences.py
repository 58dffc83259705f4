"""Every cadence against a solver's proven optimum and against plain loops: months, named visits,
runs, cycles, fixed days, with visits that stay before and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.planning.plan import Plan
from scheduler.planning.request import SeriesRequest
from scheduler.planning.series import ChosenVisit, check_visits, propose
from scheduler.planning.spacing import Spacing, judge
from tests.bench.cadences import cadence_request, cadence_spacing
from tests.bench.instances import built
from tests.oracle.referee import optimum
from tests.oracle.series import broken_dates, plain, plan_breaks, plan_cost
from tests.unit.planning_clinic import MOOD

DAY = timedelta(days=1)


@pytest.mark.parametrize("seed", range(28))
def test_the_best_plan_of_every_cadence_costs_what_the_solver_proves(seed: int) -> None:
    facts, request = cadence_request(seed)
    proposal = propose(built(facts), request, k=1)
    assert proposal.proven
    least = optimum(plain(facts), request, one_a_day=True)
    assert (proposal.plans[0].cost if proposal.plans else None) == least


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(100, 100_000), shift=st.integers(0, 1_000_000))
def test_the_check_before_a_booking_refuses_exactly_what_the_plain_loops_refuse(
    seed: int, shift: int
) -> None:
    facts, request = cadence_request(seed)
    days, calendar = built(facts), plain(facts)
    for plan in propose(days, request).plans:
        assert plan_breaks(calendar, request, plan) == []
        assert plan_cost(calendar, request, plan) == plan.cost == plan.terms.total
        for moved in [plan, *_shaken(plan, Random(shift))]:
            if all(visit.on in facts for visit in moved.visits):
                chosen = [ChosenVisit(v.chair_id, v.starts_at) for v in moved.visits]
                refused = check_visits(days, request, chosen)
                assert bool(refused) == bool(plan_breaks(calendar, request, moved))


def _shaken(plan: Plan, rng: Random) -> list[Plan]:
    """The plan with one visit moved by whole days."""
    found = []
    for _ in range(6):
        place, days = rng.randrange(len(plan.visits)), DAY * rng.choice([-2, -1, 1, 2, 3])
        visit = plan.visits[place]
        moved = replace(visit, on=visit.on + days, starts_at=visit.starts_at + days)
        visits = (*plan.visits[:place], moved, *plan.visits[place + 1 :])
        found.append(replace(plan, visits=visits))
    return found


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), gaps=st.lists(st.integers(-1, 16), min_size=8, max_size=8))
def test_the_judge_names_exactly_the_rules_that_plain_loops_find_broken(
    seed: int, gaps: list[int]
) -> None:
    count, spacing = cadence_spacing(seed)
    dates = [date(2027, 1, 29)]
    for days in gaps[: count - 1]:
        dates.append(dates[-1] + DAY * days)
    alone = SeriesRequest(shapes=(MOOD,) * len(dates), earliest_on=dates[0], spacing=spacing)
    named = {broken.rule for broken in judge(dates, spacing) if broken.hard}
    assert named == set(broken_dates(alone, dates))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_limits_that_were_kept_with_a_series_are_read_back_as_they_were(seed: int) -> None:
    _, spacing = cadence_spacing(seed)
    assert Spacing.from_plain(spacing.to_plain()) == spacing
