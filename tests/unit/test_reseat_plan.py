"""Whole plans by late chair binding, against every chair tried for every start."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from random import Random

import pytest

from scheduler.planning.daybook import Day
from scheduler.planning.request import PatientLimits, SeriesRequest, TimeWindow
from scheduler.planning.reseat import reseat
from scheduler.planning.reseat_plan import plan_reseated, pooled
from scheduler.planning.schedules import Gap
from scheduler.planning.series import propose
from scheduler.planning.spacing import Spacing
from tests.unit.planning_clinic import MOOD, TALK, at, calendar, facts, held

MONDAY = date(2027, 1, 11)
DAY = timedelta(days=1)


def nobody(_: object) -> bool:
    return False


@pytest.mark.parametrize("seed", range(12))
def test_a_pooled_day_offers_exactly_the_starts_that_reseating_makes(seed: int) -> None:
    rng = Random(seed)
    day = Day.build(facts(MONDAY, chairs=3, nurses=2))
    for _ in range(9):
        free = day.free(shape := rng.choice([MOOD, TALK]))
        if free:
            start = rng.choice(free)
            day.book(shape, start.chair_id, start.starts_at)
    day = Day.build(replace(day.facts, held=tuple(day.held)))
    offered = {one.starts_at for one in pooled(day).free(MOOD)}
    steps = (at(MONDAY, 8) + timedelta(minutes=5 * step) for step in range(12 * 9))
    assert offered == {one for one in steps if reseat(day, MOOD, one)}


def series(window: TimeWindow) -> SeriesRequest:
    return SeriesRequest(
        shapes=(MOOD, MOOD),
        earliest_on=MONDAY,
        latest_on=MONDAY + DAY * 2,
        spacing=Spacing(gap=Gap(hard_min=2, target=2, hard_max=2, soft_max=2)),
        patient=PatientLimits(window=window),
    )


def test_a_series_without_a_free_chair_gets_a_plan_and_the_number_of_changes() -> None:
    there = [
        held(on, hour, minute, chair)
        for on in (MONDAY, MONDAY + DAY * 2)
        for hour, minute, chair in ((8, 0, 1), (10, 30, 2))
    ]
    days = calendar(MONDAY, 3, there, chairs=2, nurses=9)
    asked = series(TimeWindow(starts_from=time(9), starts_until=time(9, 5)))
    assert propose(days, asked).stopped is not None
    found = plan_reseated(days, asked, nobody)
    assert found is not None
    assert found.changes == 2
    assert [one.on for one in found.plan.visits] == [MONDAY, MONDAY + DAY * 2]
    assert plan_reseated(days, asked, lambda _: True) is None


def test_where_the_chairs_are_full_all_together_there_is_none() -> None:
    there = [held(on, 8, 30, chair) for on in (MONDAY, MONDAY + DAY * 2) for chair in (1, 2)]
    days = calendar(MONDAY, 3, there, chairs=2, nurses=9)
    asked = series(TimeWindow(starts_from=time(9), starts_until=time(9, 5)))
    assert plan_reseated(days, asked, nobody) is None
