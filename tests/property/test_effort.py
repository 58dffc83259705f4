"""A search that must stop early stops near its limit, and still answers with a legal plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.planning.day_facts import DayFacts
from scheduler.planning.request import SeriesRequest, Wishes
from scheduler.planning.schedules import Gap
from scheduler.planning.searching.course import Effort
from scheduler.planning.searching.offers import OfferBook
from scheduler.planning.searching.search import Search
from scheduler.planning.series import propose
from scheduler.planning.spacing import Spacing
from tests.bench.instances import ClinicSettings, built, calendar, mixed_request
from tests.oracle.series import plain, plan_breaks

ENDLESS = Gap(hard_min=1, target=1, soft_max=36_500)
CLINIC = ClinicSettings(chairs=3, weeks=40, load=5)
OVERRUN = 8_000
"""A search may finish the row of days that it is at."""


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(100, 100_000))
def test_some_plan_is_found_soon_whenever_there_is_one_and_it_breaks_no_rule(seed: int) -> None:
    facts, request = mixed_request(seed)
    days = built(facts)
    soon = Search(OfferBook(days), request, Effort()).soon()
    assert bool(soon) == bool(propose(days, request, k=1).plans)
    assert soon is None or plan_breaks(plain(facts), request, soon) == []


def a_year(count: int, wishes: Wishes) -> tuple[dict[date, DayFacts], SeriesRequest]:
    """Every visit of another length, so that nothing is looked up twice; gaps without limit."""
    shapes = tuple(CLINIC.shape(60 + number) for number in range(count))
    request = SeriesRequest(
        shapes=shapes, earliest_on=CLINIC.first_on, spacing=Spacing(gap=ENDLESS), wishes=wishes
    )
    return calendar(CLINIC, 1), request


@pytest.mark.parametrize("wishes", [Wishes(), Wishes(same_time=True, same_chair=True)])
def test_the_widest_request_gets_a_plan_that_is_not_called_proven(wishes: Wishes) -> None:
    facts, request = a_year(120, wishes)
    proposal = propose(built(facts), request)
    assert not proposal.proven
    assert len(proposal.plans[0].visits) == 120
    assert proposal.plans[0].cost == proposal.plans[0].terms.total


@pytest.mark.parametrize("steps", [0, 100, 5_000, 40_000])
def test_a_search_spends_little_more_than_it_may(steps: int) -> None:
    facts, request = a_year(60, Wishes(same_time=True))
    effort = Effort(steps)
    Search(OfferBook(built(facts)), request, effort).best()
    assert effort.left > -OVERRUN


def test_a_request_that_was_searched_to_its_end_is_proven() -> None:
    facts, request = a_year(6, Wishes())
    request = replace(request, spacing=Spacing(gap=Gap(hard_min=2, target=3, soft_max=5)))
    assert propose(built(facts), request).proven
