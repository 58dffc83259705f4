"""Example dates and the judgement of H16 against plain loops that try everything."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduler.planning.example_dates import Limits, Window, best_dates, exists
from scheduler.planning.feasibility import infeasible
from tests.template_factories import only_phase

START = date(2027, 1, 4)


@st.composite
def searches(draw: st.DrawFn) -> tuple[Limits, frozenset[int]]:
    """Small limits, and the days after the start that are open."""
    low = draw(st.integers(1, 3))
    high = draw(st.integers(low, low + 4))
    window = Window(low=low, target=draw(st.integers(low, high)), high=high)
    limits = Limits(
        count=draw(st.integers(1, 4)),
        window=lambda last: window,
        max_per_7d=draw(st.sampled_from([None, 1, 2, 3])),
        span=draw(st.sampled_from([None, 4, 8, 12])),
    )
    closed = draw(st.sets(st.integers(1, 24)))
    return limits, frozenset(range(25)) - closed


def legal(limits: Limits, days: tuple[int, ...]) -> bool:
    window = limits.window(0)
    steps = [b - a for a, b in pairwise(days)]
    weeks = [sum(day <= other <= day + 6 for other in days) for day in days]
    return (
        all(window.low <= step <= window.high for step in steps)
        and (limits.max_per_7d is None or max(weeks) <= limits.max_per_7d)
        and (limits.span is None or days[-1] - days[0] <= limits.span)
    )


def price(limits: Limits, days: tuple[int, ...]) -> int:
    off = sum(abs(b - a - limits.window(0).target) for a, b in pairwise(days))
    return limits.w_day * sum(days) + limits.w_gap * off


@given(searches())
def test_the_best_dates_are_the_cheapest_of_all_that_are_legal(
    search: tuple[Limits, frozenset[int]],
) -> None:
    limits, open_days = search
    others = sorted(open_days - {0})
    every = [(0, *rest) for rest in combinations(others, limits.count - 1)]
    prices = [price(limits, days) for days in every if legal(limits, days)]

    def is_open(on: date) -> bool:
        return (on - START).days in open_days

    found = best_dates(limits, [(START, 0)], is_open)
    assert (found is not None) == bool(prices)
    assert exists(limits, START, is_open) == bool(prices)
    if found:
        days = tuple((on - START).days for on in found.days)
        assert legal(limits, days)
        assert price(limits, days) == found.cost == min(prices)


@given(
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(0, 4),
    st.integers(1, 3),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(1, 21),
)
def test_a_phase_is_refused_exactly_when_no_week_admits_it(
    count: int, low: int, more: int, per_7: int, weekdays: set[int], within: int
) -> None:
    gap = {"hard_min": low, "target": low, "soft_max": low, "hard_max": low + more}
    schedule = {
        "type": "spread",
        "count": count,
        "within_days": within,
        "gap": gap,
        "max_per_7d": per_7,
    }
    window = Window(low=low, target=low, high=low + more)
    limits = Limits(count=count, window=lambda last: window, max_per_7d=per_7, span=within - 1)

    def on(first: int, days: tuple[int, ...]) -> bool:
        return all((START + timedelta(days=first + day)).weekday() in weekdays for day in days)

    possible = any(
        legal(limits, days) and on(first, days)
        for first in range(7)
        for rest in combinations(range(1, within), count - 1)
        if (days := (0, *rest))
    )
    assert (infeasible(only_phase(schedule), weekdays) is None) == possible
