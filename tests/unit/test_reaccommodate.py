"""Many displaced visits at once: where they go, who is left, and that a dry run is what happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from scheduler.planning.day_facts import Held
from scheduler.planning.daybook import Day
from scheduler.planning.reaccommodate import (
    AffectedSeries,
    Resettlement,
    applied,
    reaccommodate,
)
from scheduler.planning.replan import RunningSeries, StandingVisit
from scheduler.planning.request import PatientLimits
from scheduler.planning.schedules import Gap
from scheduler.planning.spacing import Spacing
from tests.bench.closures import closed
from tests.bench.instances import ClinicSettings
from tests.unit.planning_clinic import MOOD, at, calendar, facts, held

DAY = timedelta(days=1)
MONDAY = date(2027, 1, 11)
SPACING = Spacing(gap=Gap(hard_min=2, target=2, soft_max=4, hard_max=7), max_per_7d=3)


def alone(key: int, on: date, hour: int, chair: int = 1, **more: bool) -> AffectedSeries:
    """A single visit that has lost its place."""
    visit = StandingVisit(number=1, on=on, starts_at=at(on, hour), chair_id=chair, shape=MOOD)
    return AffectedSeries(
        key=key, series=RunningSeries(visits=(visit,)), lost=frozenset({1}), **more
    )


def chair_shut(on: date, chair: int, visits: list[Held]) -> Day:
    known = facts(on, visits)
    chairs = [replace(c, open=()) if c.chair_id == chair else c for c in known.chairs]
    return Day.build(replace(known, chairs=tuple(chairs)))


def test_another_chair_at_the_same_time_comes_first_then_the_same_day() -> None:
    days = calendar(MONDAY, 7)
    days[MONDAY] = chair_shut(MONDAY, 3, [held(MONDAY, 9, chair=1), held(MONDAY, 13, chair=1)])
    answer = reaccommodate(days, [alone(1, MONDAY, 9, chair=3), alone(2, MONDAY, 13, chair=3)])
    assert answer.unplaced == ()
    assert [(one.move.after.chair_id, one.move.minutes) for one in answer.moves] == [(2, 0), (2, 0)]
    full = [held(MONDAY, hour, chair=1) for hour in (8, 10, 13, 15)]
    days[MONDAY] = chair_shut(MONDAY, 3, [*full, held(MONDAY, 9, 30, chair=2)])
    (one,) = reaccommodate(days, [alone(1, MONDAY, 9, chair=3)]).moves
    assert one.move.after.on == MONDAY
    assert one.move.minutes > 0


def test_a_closed_day_sends_its_visits_to_the_nearest_days_within_their_gaps() -> None:
    days = calendar(MONDAY - 7 * DAY, 21)
    on = MONDAY + 2 * DAY
    days[on] = Day.build(replace(facts(on), chairs=()))
    visits = tuple(
        StandingVisit(
            number=n,
            on=MONDAY + DAY * off,
            starts_at=at(MONDAY + DAY * off, 9),
            chair_id=1,
            shape=MOOD,
            confirmed=True,
        )
        for n, off in enumerate((-3, 0, 2, 4), 1)
    )
    for visit in visits:
        if visit.on != on:
            days[visit.on] = Day.build(facts(visit.on, [held(visit.on, 9)]))
    series = RunningSeries(visits=visits, spacing=SPACING)
    answer = reaccommodate(days, [AffectedSeries(key=7, series=series, lost=frozenset({3}))])
    assert answer.unplaced == ()
    assert {one.key for one in answer.moves} == {7}
    assert answer.cost == sum(10 * (1 + abs(one.move.days)) for one in answer.moves)


def test_who_cannot_be_placed_is_left_with_a_reason_and_nobody_else_moves() -> None:
    days = calendar(MONDAY, 1, chairs=1)
    visitor = alone(1, MONDAY, 9)
    never = replace(visitor.series, patient=PatientLimits(weekdays=frozenset({6})))
    answer = reaccommodate(days, [visitor, replace(visitor, key=2, series=never)])
    assert [one.key for one in answer.moves] == [1]
    (left,) = answer.unplaced
    assert (left.key, bool(left.reason.sentence)) == (2, True)


def test_induction_patients_are_placed_before_others_who_would_lose_as_much() -> None:
    taken = [held(MONDAY, hour, chair=1) for hour in (8, 12, 14)]
    days = calendar(MONDAY, 1, taken, chairs=1)
    both = [alone(1, MONDAY, 10), alone(2, MONDAY, 10, induction=True)]
    answer = reaccommodate(days, both)
    assert [one.key for one in answer.moves] == [2]
    assert [one.key for one in answer.unplaced] == [1]


@pytest.mark.parametrize("days", [{}, calendar(MONDAY, 7, chairs=0), calendar(MONDAY, 7, nurses=0)])
def test_with_nothing_open_everybody_is_left(days: dict[date, Day]) -> None:
    answer = reaccommodate(days, [alone(1, MONDAY, 9), alone(2, MONDAY, 10)])
    assert answer.moves == ()
    assert {one.key for one in answer.unplaced} == {1, 2}


def test_nothing_displaced_is_nothing_to_do() -> None:
    assert reaccommodate(calendar(MONDAY, 7), []) == Resettlement(
        moves=(), unplaced=(), cost=0, minutes=0
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shut_chairs", [None, 2])
def test_a_dry_run_is_what_happens_and_touches_nobody_else(
    seed: int, shut_chairs: int | None
) -> None:
    clinic = ClinicSettings(chairs=5, weeks=3, load=75 + 4 * seed)
    case = closed(clinic, seed, shut_chairs)
    before = {on: sorted(map(repr, day.held)) for on, day in case.days.items()}
    answer = reaccommodate(case.days, case.affected)
    assert {on: sorted(map(repr, day.held)) for on, day in case.days.items()} == before
    backwards = dict(reversed(case.days.items()))
    assert reaccommodate(backwards, case.affected[::-1]) == answer
    lost = {(one.key, number) for one in case.affected for number in one.lost}
    placed = {(one.key, one.move.after.number) for one in answer.moves if one.displaced}
    left = {(one.key, one.visit.number) for one in answer.unplaced}
    assert placed | left == lost
    assert not placed & left
    _only_these_moved(case.days, applied(case.days, answer), answer)


def _only_these_moved(
    before: dict[date, Day], after: dict[date, Day], answer: Resettlement
) -> None:
    """What is held afterwards is what was held, without the old places and with the new ones."""
    expected = {on: list(day.held) for on, day in before.items()}
    for one in answer.moves:
        old, new = one.move.before, one.move.after
        if old is not None and not one.displaced:
            expected[old.on].remove(
                Held(chair_id=old.chair_id, starts_at=old.starts_at, shape=old.shape)
            )
        expected[new.on].append(
            Held(chair_id=new.chair_id, starts_at=new.starts_at, shape=new.shape)
        )
    for on, day in after.items():
        assert sorted(map(repr, day.held)) == sorted(map(repr, expected[on]))
        rebuilt = Day.build(replace(day.facts, held=tuple(day.held)))
        assert rebuilt.free_slots == day.free_slots


def test_every_new_place_keeps_the_rules_of_the_day_and_of_its_series() -> None:
    case = closed(ClinicSettings(chairs=6, weeks=3, load=80), 5)
    answer = reaccommodate(case.days, case.affected)
    series = {one.key: one.series for one in case.affected}
    dates = {key: {v.number: v.on for v in one.visits} for key, one in series.items()}
    for one in answer.moves:
        dates[one.key][one.move.after.number] = one.move.after.on
    left = {(one.key, one.visit.number) for one in answer.unplaced}
    for key, placed in dates.items():
        known = sorted(on for number, on in placed.items() if (key, number) not in left)
        gaps = [(later - earlier).days for earlier, later in pairwise(known)]
        assert all(gap >= 2 for gap in gaps)
        assert len(known) < len(placed) or all(gap <= 7 for gap in gaps)
    held_now = applied(case.days, answer)
    for one in answer.moves:
        day, visit = held_now[one.move.after.on], one.move.after
        day.unbook(visit.shape, visit.chair_id, visit.starts_at, visit.bay_id)
        assert day.fits(visit.shape, visit.chair_id, visit.starts_at)
        day.book(visit.shape, visit.chair_id, visit.starts_at)
