"""Plans inside clearances cost what a solver proves, or there is no plan (domain H11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.planning.request import Clearance
from scheduler.planning.series import propose
from tests.bench.instances import built, mixed_request
from tests.oracle.referee import optimum
from tests.oracle.series import plain


@settings(max_examples=4, deadline=None)
@given(
    seed=st.integers(100, 100_000),
    ends=st.lists(st.integers(0, 30), min_size=1, max_size=2),
)
def test_a_plan_inside_the_clearances_costs_the_proven_least(seed: int, ends: list[int]) -> None:
    facts, request = mixed_request(seed)
    clearances = tuple(
        Clearance(what="Blood pressure", until=request.earliest_on + timedelta(days=days))
        for days in ends
    )
    asked = replace(request, patient=replace(request.patient, clearances=clearances))
    proposal = propose(built(facts), asked, k=1)
    assert proposal.proven
    least = optimum(plain(facts), asked)
    assert (proposal.plans[0].cost if proposal.plans else None) == least
