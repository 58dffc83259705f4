"""Plans of clinics in which providers, pumps, monitors and bays run out, too: still the least cost,
and the check before a booking agrees with the plain loops."""

from __future__ import annotations

import pytest

from scheduler.planning.series import ChosenVisit, check_visits, propose
from tests.bench.equipped import equipped_request
from tests.bench.instances import built
from tests.oracle.referee import optimum
from tests.oracle.series import plain, plan_breaks, plan_cost

SEEDS = (2, 4, 9, 13, 16, 19)
"""With and without a plan, among them one that splits a stay and two that start in bays."""


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_plan_costs_what_the_solver_proves_where_everything_may_run_out(seed: int) -> None:
    facts, request = equipped_request(seed)
    days, calendar = built(facts), plain(facts)
    proposal = propose(days, request, k=2)
    assert proposal.proven
    assert (proposal.plans[0].cost if proposal.plans else None) == optimum(calendar, request)
    for plan in proposal.plans:
        assert plan_breaks(calendar, request, plan) == []
        assert plan_cost(calendar, request, plan) == plan.cost
        chosen = [ChosenVisit(one.chair_id, one.starts_at, one.bay_id) for one in plan.visits]
        assert check_visits(days, request, chosen) == ()
        for visit in plan.visits:
            seat = days[visit.on].seat(visit.shape, visit.chair_id, visit.starts_at)
            assert seat == (visit.chair_id, visit.bay_id)
