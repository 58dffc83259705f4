"""Lost chair time: what a hole beside a visit costs, in steps of 20 minutes that nobody can use."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from scheduler.planning.day_facts import ChairFacts
from scheduler.planning.daybook import Day
from scheduler.planning.interval import Interval
from scheduler.planning.request import SeriesRequest, Weights, Wishes
from scheduler.planning.searching.tightness import lost_steps, tight_at
from scheduler.planning.series import propose
from scheduler.planning.visit import Part, VisitShape
from tests.unit.planning_clinic import at, facts

WED = date(2027, 1, 13)
HOUR = VisitShape(parts=(Part(name="infusion", minutes=60), Part(name="turnaround", minutes=10)))


def day_of_one_chair(*bookable: int, shortest: int = 0) -> Day:
    """One chair, open from 9 am to 5 pm: 480 minutes."""
    chair = ChairFacts(chair_id=1, name="Chair 1", open=(Interval(at(WED, 9), at(WED, 17)),))
    return Day.build(
        replace(
            facts(WED), chairs=(chair,), bookable_minutes=bookable, shortest_chair_minutes=shortest
        )
    )


@pytest.mark.parametrize(
    ("hole", "steps"),
    [(0, 0), (5, 1), (20, 1), (25, 2), (65, 4), (70, 0), (90, 1), (95, 2), (140, 0), (160, 1)],
)
def test_a_hole_costs_the_started_twenty_minutes_that_no_visits_fill(hole: int, steps: int) -> None:
    assert lost_steps(day_of_one_chair(70, 100, 130, 190))[hole // 5] == steps


def test_no_hole_costs_more_than_five_steps() -> None:
    assert lost_steps(day_of_one_chair(240))[200 // 5] == 5


def test_without_all_lengths_the_shortest_counts_and_without_that_nothing() -> None:
    assert lost_steps(day_of_one_chair(shortest=70))[90 // 5] == 1
    assert set(lost_steps(day_of_one_chair())) == {0}


def test_both_sides_of_a_visit_count_to_the_edges_of_the_hours() -> None:
    day = day_of_one_chair(70)
    assert tight_at(day, HOUR, 1, at(WED, 9)) == 3  # 410 minutes after it, 350 can be filled
    assert tight_at(day, HOUR, 1, at(WED, 10, 5)) == 4 + 4  # 65 before it, 345 after it


def test_with_a_price_on_lost_time_a_visit_leaves_its_wish_for_a_start_that_others_can_fill() -> (
    None
):
    parts = (Part(name="infusion", minutes=70), Part(name="turnaround", minutes=10))
    asked = SeriesRequest(
        shapes=(VisitShape(parts=parts),), earliest_on=WED, wishes=Wishes(start=time(9, 30))
    )
    day = day_of_one_chair(80)  # six visits fill it, from 9:00 on
    free = propose({WED: day}, asked).plans[0]
    tight = propose({WED: day}, replace(asked, weights=Weights(tight=4))).plans[0]
    assert (free.visits[0].starts_at, free.terms.tight) == (at(WED, 9, 30), 0)
    assert (tight.visits[0].starts_at, tight.terms.tight) == (at(WED, 9), 0)


def test_lost_time_that_cannot_be_avoided_stands_in_the_terms() -> None:
    asked = SeriesRequest(shapes=(HOUR,), earliest_on=WED, weights=Weights(tight=4))
    plan = propose({WED: day_of_one_chair(70)}, asked).plans[0]
    assert plan.terms.tight == 4 * 3  # 480 minutes are six visits of 70 and 60 more
