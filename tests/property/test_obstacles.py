"""What is named as the reason for "no plan" stops it, by a solver's word; every way out books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.planning.day_facts import DayFacts
from scheduler.planning.request import SeriesRequest, TimeWindow
from scheduler.planning.searching.course import Effort
from scheduler.planning.searching.obstacles import Obstacles
from scheduler.planning.searching.offers import OfferBook
from scheduler.planning.searching.where import where_words
from scheduler.planning.series import ChosenVisit, check_visits, propose
from tests.bench.instances import built, mixed_request
from tests.oracle.referee import optimum
from tests.oracle.series import plain, plan_breaks

CALENDAR = ("H3", "chair", "window", "H1", "H8", "H8-starts")
"""Rules of the calendar that the invented clinics have, in the order in which they are added."""
MANY = 1_000
Question = tuple[Mapping[date, DayFacts], SeriesRequest]


def without(
    rules: tuple[str, ...], facts: Mapping[date, DayFacts], asked: SeriesRequest
) -> Question:
    """The same question where these rules cannot bind."""
    if "window" in rules:
        asked = replace(asked, patient=replace(asked.patient, window=TimeWindow()))
    if "chair" in rules:
        asked = replace(asked, chair_kind=None)
    return {on: _freed(one, rules) for on, one in facts.items()}, asked


def _freed(facts: DayFacts, rules: tuple[str, ...]) -> DayFacts:
    if "H1" in rules:
        facts = replace(facts, held=tuple(replace(one, chair_id=None) for one in facts.held))
    if "H8" in rules:
        spans = {span for chair in facts.chairs for span in chair.open}
        facts = replace(facts, cover=tuple((span, MANY) for span in spans))
    if "H8-starts" in rules:
        facts = replace(facts, starts_per_nurse=MANY)
    return facts


def exists(question: Question) -> bool:
    facts, asked = question
    return optimum(plain(facts), asked) is not None


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_the_rule_that_is_named_stops_every_plan_and_without_it_and_later_ones_there_is_one(
    seed: int,
) -> None:
    facts, asked = mixed_request(seed)
    days = built(facts)
    stopped = propose(days, asked).stopped
    if stopped is None or stopped.rule not in CALENDAR[2:]:
        return
    place = CALENDAR.index(stopped.rule)
    assert exists(without(CALENDAR[place:], facts, asked))
    assert not exists(without(CALENDAR[place + 1 :], facts, asked))
    alone = exists(without((stopped.rule,), facts, asked))
    if stopped.rule != "H8":  # more nurses may start more visits too
        assert alone == ("Without that:" not in stopped.sentence)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_every_way_out_books_and_keeps_what_it_says(seed: int) -> None:
    facts, asked = mixed_request(seed)
    days = built(facts)
    for way in propose(days, asked).ways_out:
        chosen = [ChosenVisit(visit.chair_id, visit.starts_at) for visit in way.plan.visits]
        assert check_visits(days, way.request, chosen) == ()
        assert plan_breaks(plain(facts), way.request, way.plan) == []
        assert check_visits(days, asked, chosen), "what already worked is no way out"


def test_a_search_without_effort_says_so_instead_of_naming_a_rule() -> None:
    facts, asked = mixed_request(1)
    stopped = Obstacles(OfferBook(built(facts)), asked, Effort(left=3)).first()
    assert stopped.rule == "search"


DAYS = [date(2027, 2, day) for day in (2, 4, 9, 11, 16, 18)]
"""Tuesdays and Thursdays."""
MORNING, AFTERNOON = TimeWindow(starts_until=time(12)), TimeWindow(starts_from=time(13))
DRIVER = TimeWindow(leaves_by=time(15))


@pytest.mark.parametrize(
    ("lost", "window", "words"),
    [
        ([], MORNING, ""),
        (DAYS[:2], TimeWindow(), "Tue 2 Feb and Thu 4 Feb"),
        (DAYS[:1], MORNING, "the mornings of Tue 2 Feb"),
        (DAYS[:5], TimeWindow(), "Tue and Thu until Tue 16 Feb"),
        (DAYS[:4], AFTERNOON, "Tue and Thu afternoons until Thu 11 Feb"),
        (DAYS[:4], DRIVER, "Tue and Thu (leaving by 3:00 pm) until Thu 11 Feb"),
        (DAYS[:3] + DAYS[5:], MORNING,
         "4 of 6 mornings until Thu 18 Feb, first Tue 2 Feb and Thu 4 Feb"),
    ],
)  # fmt: skip
def test_where_a_rule_binds_is_said_in_days_and_hours(
    lost: list[date], window: TimeWindow, words: str
) -> None:
    assert where_words(lost, DAYS, window) == words
