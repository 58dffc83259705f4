"""Least-change re-planning against plain loops: the same price, nothing moves that may stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from scheduler.planning.day_facts import DayFacts
from scheduler.planning.opening import local
from scheduler.planning.plan import Stopped
from scheduler.planning.replan import (
    Added,
    Away,
    Change,
    Lost,
    MustStand,
    Replanned,
    RunningSeries,
    StandingVisit,
    replan,
)
from scheduler.planning.series import propose
from scheduler.planning.spacing import judge
from tests.bench.instances import built, calendar, mixed, request
from tests.oracle.least_change import least_change
from tests.oracle.series import plain

DAY = timedelta(days=1)


def running(seed: int) -> tuple[dict[date, DayFacts], RunningSeries] | None:
    """A booked series of 2 or 3 visits on a small calendar of which it is no part."""
    rng = Random(f"running {seed}")
    clinic, asked = mixed(seed)
    facts = calendar(replace(clinic, weeks=2), seed)
    wanted = request(clinic, replace(asked, count=rng.randint(2, 3)), seed)
    plans = propose(built(facts), wanted, k=1).plans
    if not plans:
        return None
    visits = tuple(
        StandingVisit(
            number=planned.number,
            on=planned.on,
            starts_at=planned.starts_at,
            chair_id=planned.chair_id,
            shape=planned.shape,
            confirmed=rng.random() < 0.4,
            fixed=place == 0 and rng.random() < 0.2,
        )
        for place, planned in enumerate(plans[0].visits)
    )
    return facts, RunningSeries(visits=visits, spacing=wanted.spacing, patient=wanted.patient)


def some_change(seed: int, facts: dict[date, DayFacts], series: RunningSeries) -> Change:
    rng = Random(f"change {seed}")
    visit, kind = rng.choice(series.visits), rng.randrange(5)
    if kind == 0:
        from_on = rng.choice([None, visit.on, visit.on + DAY, visit.on + 2 * DAY])
        return Lost(numbers=frozenset({visit.number}), from_on=from_on)
    if kind == 1:
        return Lost(numbers=frozenset(v.number for v in rng.sample(series.visits, 2)))
    if kind == 2:
        back = rng.choice([None, visit.on, visit.on + DAY, visit.on + 3 * DAY])
        return Away(from_on=visit.on, until_on=back)
    if kind == 3:
        return Added(shapes=(visit.shape,))
    days, shape = built(facts), visit.shape
    near = [on for on in days if abs((on - visit.on).days) <= 4]
    free = [start for on in near for start in days[on].free(shape)]
    if not free:
        return Lost(numbers=frozenset({visit.number}))
    start = rng.choice(free)
    chair = rng.choice([None, start.chair_id])
    return MustStand(number=visit.number, starts_at=start.starts_at, chair_id=chair)


@pytest.mark.parametrize("seed", range(14))
def test_the_change_costs_what_plain_loops_find_to_be_the_least(seed: int) -> None:
    case = running(seed)
    if case is None:
        return
    facts, series = case
    change = some_change(seed, facts, series)
    if _about_a_fixed_visit(series, change):
        assert isinstance(replan(built(facts), series, change), Stopped)
        return
    answer = replan(built(facts), series, change)
    least = least_change(plain(facts), series, change)
    if isinstance(answer, Stopped):
        assert least is None, answer
        assert answer.rule
        assert answer.sentence
        return
    assert answer.proven
    assert least is not None
    assert (answer.cost, answer.minutes) == (least[0], least[2])
    _agrees_with_itself(facts, series, answer)


def _about_a_fixed_visit(series: RunningSeries, change: Change) -> bool:
    numbers = {visit.number for visit in series.visits if visit.fixed}
    if isinstance(change, MustStand):
        return change.number in numbers
    return isinstance(change, Lost) and bool(change.numbers & numbers)


def _agrees_with_itself(
    facts: dict[date, DayFacts], series: RunningSeries, answer: Replanned
) -> None:
    """Visits that are no move stand as before; moved ones fit; no hard rule is newly broken."""
    days, moved = built(facts), {move.after.number for move in answer.moves}
    before = {visit.number: visit for visit in series.visits}
    for visit in answer.visits:
        if visit.number not in moved:
            assert visit == before[visit.number]
        else:
            assert days[visit.on].fits(visit.shape, visit.chair_id, visit.starts_at)
            assert local(days[visit.on].zone, visit.starts_at).date() == visit.on
    assert [visit.on for visit in answer.visits] == sorted(visit.on for visit in answer.visits)
    numbers = [visit.number for visit in answer.visits]
    for rule in judge([visit.on for visit in answer.visits], series.spacing, numbers):
        assert not rule.hard or not set(rule.involved) & moved
