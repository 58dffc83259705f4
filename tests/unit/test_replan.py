"""Least-change re-planning on odd questions: plain answers, never an exception."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

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
from scheduler.planning.request import PatientLimits
from scheduler.planning.schedules import Gap
from scheduler.planning.spacing import Anchored, Spacing
from tests.unit.planning_clinic import MOOD, TALK, at, calendar, held

DAY = timedelta(days=1)
MONDAY = date(2027, 1, 11)
TWO_TO_SEVEN = Spacing(gap=Gap(hard_min=2, target=2, soft_max=4, hard_max=7), max_per_7d=3)
DAYS = calendar(MONDAY, 21)


def series(*offsets: int, spacing: Spacing = TWO_TO_SEVEN) -> RunningSeries:
    dates = [MONDAY + DAY * offset for offset in offsets]
    visits = tuple(
        StandingVisit(number=number, on=on, starts_at=at(on, 9), chair_id=1, shape=MOOD)
        for number, on in enumerate(dates, 1)
    )
    return RunningSeries(visits=visits, spacing=spacing)


def lost(*numbers: int) -> Lost:
    return Lost(numbers=frozenset(numbers))


def replanned(course: RunningSeries, change: Change) -> Replanned:
    answer = replan(DAYS, course, change)
    assert isinstance(answer, Replanned), answer
    return answer


def test_a_confirmed_visit_is_moved_only_where_an_unconfirmed_one_does_not_help() -> None:
    course = series(0, 2, 4, 8)
    first, *rest = course.visits
    confirmed = replace(course, visits=(first, replace(rest[0], confirmed=True), *rest[1:]))
    answer = replanned(confirmed, MustStand(number=1, starts_at=at(MONDAY + DAY, 9)))
    assert [move.after.number for move in answer.moves] == [1, 2, 3]
    assert answer.cost == 4 * 2 + 10 * 2 + 4 * 2


def test_the_time_of_day_and_the_chair_are_kept_where_they_can_be() -> None:
    wednesday = MONDAY + 2 * DAY
    days = calendar(MONDAY, 21, [held(wednesday, 9, chair=1)])
    answer = replan(days, series(0, 2, 4), lost(2))
    assert isinstance(answer, Replanned)
    (moved,) = answer.moves
    assert (moved.after.on, moved.after.starts_at) == (wednesday, at(wednesday, 9))
    assert moved.after.chair_id == 2
    assert answer.cost == 4


def test_a_lost_visit_keeps_the_number_of_visits_and_may_come_last() -> None:
    answer = replanned(series(0, 2, 4, 7), Lost(numbers=frozenset({2}), from_on=MONDAY + 7 * DAY))
    assert len(answer.visits) == 4
    assert [move.after.number for move in answer.moves] == [2]
    assert answer.moves[0].after.on > MONDAY + 7 * DAY


def test_an_absence_moves_the_visits_in_it_and_what_they_push() -> None:
    away = Away(from_on=MONDAY + 2 * DAY, until_on=MONDAY + 4 * DAY)
    answer = replanned(series(0, 2, 4, 7), away)
    inside = [visit for visit in answer.visits if away.from_on <= visit.on <= MONDAY + 4 * DAY]
    assert inside == []
    assert answer.moves[0].forced_by == "The patient cannot come on Wed 13 Jan."


def test_an_absence_without_an_end_says_which_visits_have_no_date() -> None:
    answer = replan(DAYS, series(0, 2, 4), Away(from_on=MONDAY + DAY))
    assert answer == Stopped(
        "H17",
        "Tue 12 Jan",
        "Without a day on which the patient is back, sessions 2 and 3 can have no date.",
    )


def test_added_visits_follow_at_the_target_gap_and_time_and_move_nothing() -> None:
    answer = replanned(series(0, 2, 4), Added(shapes=(MOOD, MOOD)))
    assert answer.cost == 0
    assert [visit.number for visit in answer.visits] == [1, 2, 3, 4, 5]
    assert [visit.on - MONDAY for visit in answer.visits[3:]] == [7 * DAY, 9 * DAY]
    assert answer.visits[3].starts_at == at(MONDAY + 7 * DAY, 9)


def test_a_gap_over_the_soft_limit_is_planned_and_flagged() -> None:
    answer = replanned(series(0, 2, 4), Away(from_on=MONDAY + 4 * DAY, until_on=MONDAY + 6 * DAY))
    assert [flag.rule for flag in answer.flags] == ["H7"]


def test_what_visits_that_stay_break_is_not_held_against_a_change() -> None:
    course = series(0, 1, 4, 7)
    answer = replanned(course, MustStand(number=4, starts_at=at(MONDAY + 8 * DAY, 9)))
    assert [move.after.number for move in answer.moves] == [4]


def test_the_rule_that_leaves_no_change_is_named() -> None:
    begun = series(0, 2, 4, spacing=replace(TWO_TO_SEVEN, max_days=4))
    first = replace(begun.visits[0], fixed=True)
    course = replace(begun, visits=(first, *begun.visits[1:]))
    answer = replan(DAYS, course, MustStand(number=3, starts_at=at(MONDAY + 8 * DAY, 9)))
    assert isinstance(answer, Stopped)
    assert answer.rule == "span"
    assert "8 days. At most 4 are allowed." in answer.sentence


@pytest.mark.parametrize(
    ("course", "change"),
    [
        (RunningSeries(visits=()), Added(shapes=(MOOD,))),
        (series(0, 2), lost(9)),
        (series(0, 2), MustStand(number=9, starts_at=at(MONDAY, 9))),
    ],
)
def test_a_question_about_no_visit_gets_a_plain_answer(
    course: RunningSeries, change: Change
) -> None:
    answer = replan(DAYS, course, change)
    assert isinstance(answer, Stopped)
    assert answer.rule == "count"


@pytest.mark.parametrize("change", [lost(1), lost(1, 2), Added(shapes=(MOOD, TALK))])
def test_without_a_calendar_or_chairs_nothing_can_be_placed(change: Change) -> None:
    for days in ({}, calendar(MONDAY, 21, chairs=0), calendar(MONDAY, 21, nurses=0)):
        answer = replan(days, series(0, 2), change)
        assert isinstance(answer, Stopped)
        assert answer.sentence


def test_a_visit_that_has_begun_is_never_moved() -> None:
    course = series(0, 2, 4)
    begun = replace(course, visits=(replace(course.visits[0], fixed=True), *course.visits[1:]))
    assert isinstance(replan(DAYS, begun, lost(1)), Stopped)
    answer = replanned(begun, lost(2))
    assert answer.visits[0] == begun.visits[0]


@pytest.mark.parametrize("change_of_clocks", [date(2027, 3, 14), date(2027, 11, 7)])
def test_across_a_change_of_clocks_the_wall_time_is_kept(change_of_clocks: date) -> None:
    friday, monday = change_of_clocks - 2 * DAY, change_of_clocks + DAY
    visits = tuple(
        StandingVisit(number=n, on=on, starts_at=at(on, 9), chair_id=1, shape=MOOD)
        for n, on in enumerate([friday, monday], 1)
    )
    course = RunningSeries(visits=visits, spacing=TWO_TO_SEVEN)
    answer = replan(calendar(friday, 14), course, Away(from_on=friday, until_on=friday))
    assert isinstance(answer, Replanned)
    assert answer.minutes == 0
    assert all(visit.starts_at == at(visit.on, 9) for visit in answer.visits)


def test_a_patient_who_can_never_come_is_told_why() -> None:
    never = PatientLimits(weekdays=frozenset({6}))
    answer = replan(DAYS, replace(series(0, 2), patient=never), lost(2))
    assert isinstance(answer, Stopped)
    assert answer.rule == "weekday"
    assert "Sun" in answer.sentence


def test_visits_that_count_from_the_first_one_follow_it_and_not_their_neighbour() -> None:
    """0, 14 and 42 days after the first: two days early to four days late."""
    around = {"soft_max": 18, "hard_max": 18}
    spacing = Spacing(
        gap=Gap(hard_min=1, target=1, soft_max=400),
        anchored=(
            Anchored(number=2, of=1, gap=Gap(hard_min=12, target=14, **around)),
            Anchored(number=3, of=1, gap=Gap(hard_min=40, target=42, soft_max=46, hard_max=46)),
        ),
    )
    days = calendar(MONDAY, 70)
    course = series(0, 14, 42, spacing=spacing)
    second = replan(days, course, MustStand(number=2, starts_at=at(MONDAY + 18 * DAY, 9)))
    assert isinstance(second, Replanned)
    assert [move.after.number for move in second.moves] == [2]
    first = replan(days, course, MustStand(number=1, starts_at=at(MONDAY + 7 * DAY, 9)))
    assert isinstance(first, Replanned)
    assert [(visit.on - MONDAY).days for visit in first.visits] == [7, 19, 47]


def test_a_gap_of_calendar_months_moves_with_the_visit_before() -> None:
    spacing = Spacing(gap=Gap(hard_min=0, target=0, soft_max=3, hard_max=3), months=1)
    days = calendar(date(2027, 1, 4), 90)
    starts = (date(2027, 1, 12), date(2027, 2, 12), date(2027, 3, 12))
    visits = tuple(
        StandingVisit(number=n, on=on, starts_at=at(on, 9), chair_id=1, shape=MOOD)
        for n, on in enumerate(starts, 1)
    )
    course = RunningSeries(visits=visits, spacing=spacing)
    answer = replan(days, course, MustStand(number=1, starts_at=at(date(2027, 1, 15), 9)))
    assert isinstance(answer, Replanned)
    assert [visit.on for visit in answer.visits] == [
        date(2027, 1, 15),
        date(2027, 2, 15),
        date(2027, 3, 15),
    ]
