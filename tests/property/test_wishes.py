"""Wishes that leave the hour or the chair open, and optional prices, against trying everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.planning.day_facts import DayFacts
from scheduler.planning.plan import Plan
from scheduler.planning.request import SeriesRequest, Weights, Wishes
from scheduler.planning.series import propose
from tests.bench.instances import built, mixed_request
from tests.oracle.day import minute_of
from tests.oracle.prices import optional_price
from tests.oracle.series import allowed_starts, plain, start_cost

QUARTERS = [time(hour, minute) for hour in range(6, 22) for minute in (0, 15, 30, 45)]
few = settings(max_examples=8, deadline=None)


def asked_by(seed: int, **wishes: object) -> tuple[dict[date, DayFacts], SeriesRequest]:
    """At most four visits, and only these wishes."""
    facts, request = mixed_request(seed)
    request = replace(request, shapes=request.shapes[:4], wishes=Wishes(**wishes))  # type: ignore[arg-type]
    return facts, request


def least(facts: dict[date, DayFacts], requests: Iterator[SeriesRequest]) -> int | None:
    days = built(facts)
    found = [propose(days, request, k=1).plans for request in requests]
    return min((plans[0].cost for plans in found if plans), default=None)


def chairs_of(facts: dict[date, DayFacts]) -> list[int]:
    return sorted({chair.chair_id for one in facts.values() for chair in one.chairs})


@few
@given(seed=st.integers(100, 100_000))
def test_one_time_of_day_costs_what_the_best_quarter_hour_costs_as_a_wish(seed: int) -> None:
    facts, request = asked_by(seed, same_time=True)
    plans = propose(built(facts), request, k=1).plans
    each = (replace(request, wishes=Wishes(start=quarter)) for quarter in QUARTERS)
    assert (plans[0].cost if plans else None) == least(facts, each)


@few
@given(seed=st.integers(100, 100_000))
def test_one_chair_costs_what_the_best_chair_costs_as_a_wish(seed: int) -> None:
    facts, request = asked_by(seed, same_chair=True, start=time(10))
    plans = propose(built(facts), request, k=1).plans
    each = (
        replace(request, wishes=Wishes(chair_id=chair, start=time(10)))
        for chair in chairs_of(facts)
    )
    assert (plans[0].cost if plans else None) == least(facts, each)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(100, 100_000))
def test_one_time_and_one_chair_cost_what_the_best_pair_costs_as_wishes(seed: int) -> None:
    facts, request = asked_by(seed, same_time=True, same_chair=True)
    plans = propose(built(facts), request, k=1).plans
    each = (
        replace(request, wishes=Wishes(chair_id=chair, start=quarter))
        for chair in chairs_of(facts)
        for quarter in QUARTERS
    )
    assert (plans[0].cost if plans else None) == least(facts, each)


weights = st.builds(
    Weights,
    early=st.sampled_from([0, 20]),
    day=st.sampled_from([0, 1, 20]),
    frag=st.sampled_from([0, 12]),
    stagger=st.sampled_from([0, 5]),
    prime=st.sampled_from([0, 7]),
    slack=st.sampled_from([0, 3, 30]),
    tight=st.sampled_from([0, 0, 4]),
)


@few
@given(seed=st.integers(100, 100_000), prices=weights)
def test_a_visit_goes_where_no_start_is_cheaper_with_every_optional_price(
    seed: int, prices: Weights
) -> None:
    facts, request = mixed_request(seed)
    shape = request.shapes[0]
    request = replace(
        request, shapes=(shape,), weights=prices, after=(), before=(), weekday_sets=()
    )
    calendar = plain(facts)
    costs = [
        start_cost(one, request, start, on)
        + optional_price(one, shape, prices, start.minute)
        + prices.early * (on - request.earliest_on).days
        for on, one in facts.items()
        for start in allowed_starts(calendar, request, shape, on)
    ]
    plans = propose(built(facts), request, k=1).plans
    assert (plans[0].cost if plans else None) == min(costs, default=None)


@few
@given(seed=st.integers(100, 100_000), prices=weights)
def test_the_optional_terms_of_a_plan_are_those_of_the_plain_loops(
    seed: int, prices: Weights
) -> None:
    facts, request = mixed_request(seed)
    request = replace(request, weights=prices)
    for plan in propose(built(facts), request).plans:
        assert _optional(plan) == sum(
            optional_price(
                facts[visit.on], visit.shape, prices, minute_of(facts[visit.on], visit.starts_at)
            )
            for visit in plan.visits
        )


def _optional(plan: Plan) -> int:
    return plan.terms.stagger + plan.terms.prime + plan.terms.slack


def test_where_the_best_plan_does_not_keep_one_time_another_shows_what_that_costs() -> None:
    dear_delay, shown = Weights(time=1, day=400), 0
    for seed in range(7, 40):
        facts, request = asked_by(seed, same_time=True)
        plans = propose(built(facts), replace(request, weights=dear_delay)).plans
        kept = [plan for plan in plans if plan.kind == "one_time"]
        assert all(plan.terms.time < plans[0].terms.time for plan in kept)
        shown += len(kept)
    assert shown
