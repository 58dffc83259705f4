"""The planning parts of the front desk's acceptance stories, with their own dates (domain I)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from scheduler.planning.daybook import Day
from scheduler.planning.plan import Stopped
from scheduler.planning.replan import MustStand, Replanned, RunningSeries, StandingVisit, replan
from scheduler.planning.request import PatientLimits
from scheduler.planning.schedules import Gap
from scheduler.planning.spacing import Spacing
from tests.unit.planning_clinic import MOOD, at, calendar

MOOD_SPACING = Spacing(
    gap=Gap(hard_min=2, target=2, soft_max=4, hard_max=7), max_per_7d=3, max_days=20
)
NOT_ON_SATURDAYS = frozenset(range(5))


def january(*days: int) -> list[date]:
    return [date(2027, 1, day) for day in days]


def series_on(*days: int, patient: PatientLimits | None = None) -> RunningSeries:
    """The visits of one patient at 9:00 am on chair 1, on these days of January 2027."""
    visits = tuple(
        StandingVisit(number=number, on=on, starts_at=at(on, 9), chair_id=1, shape=MOOD)
        for number, on in enumerate(january(*days), 1)
    )
    return RunningSeries(visits=visits, spacing=MOOD_SPACING, patient=patient or PatientLimits())


@pytest.fixture(scope="module")
def empty_weeks() -> Mapping[date, Day]:
    return calendar(date(2027, 1, 4), 28)


def replanned(days: Mapping[date, Day], series: RunningSeries, number: int, on: date) -> Replanned:
    answer = replan(days, series, MustStand(number=number, starts_at=at(on, 9)))
    assert isinstance(answer, Replanned)
    return answer


class TestStory1MoveOneSession:
    """Wed 6, Fri 8, Mon 11, Wed 13, Fri 15, Mon 18 Jan; session 4 shall be on Thu 14."""

    def test_session_5_goes_to_saturday_and_session_6_stays(
        self, empty_weeks: Mapping[date, Day]
    ) -> None:
        answer = replanned(empty_weeks, series_on(6, 8, 11, 13, 15, 18), 4, date(2027, 1, 14))
        assert [visit.on for visit in answer.visits] == january(6, 8, 11, 14, 16, 18)
        assert [move.after.number for move in answer.moves] == [4, 5]
        assert answer.moves[1].forced_by == (
            "Session 5 on Fri 15 Jan would be 1 day after session 4. The least gap is 2 days."
        )
        assert answer.cost == 4 * 2 + 4 * 2

    def test_for_a_patient_who_refuses_saturdays_sessions_5_and_6_move(
        self, empty_weeks: Mapping[date, Day]
    ) -> None:
        refuses = PatientLimits(weekdays=NOT_ON_SATURDAYS)
        series = series_on(6, 8, 11, 13, 15, 18, patient=refuses)
        answer = replanned(empty_weeks, series, 4, date(2027, 1, 14))
        assert [visit.on for visit in answer.visits] == january(6, 8, 11, 14, 18, 20)
        assert (answer.visits[-1].on - answer.visits[0].on).days == 14
        assert all(visit.starts_at == at(visit.on, 9) for visit in answer.visits)

    def test_a_move_that_keeps_every_gap_moves_nothing_else(
        self, empty_weeks: Mapping[date, Day]
    ) -> None:
        series = series_on(6, 8, 11, 13, 15, 18)
        answer = replanned(empty_weeks, series, 6, date(2027, 1, 19))
        assert [move.after.number for move in answer.moves] == [6]

    def test_a_place_that_is_closed_is_refused_with_its_rule(
        self, empty_weeks: Mapping[date, Day]
    ) -> None:
        series = series_on(6, 8, 11, 13, 15, 18)
        answer = replan(
            empty_weeks, series, MustStand(number=4, starts_at=at(date(2027, 1, 17), 9))
        )
        assert isinstance(answer, Stopped)
        assert answer.rule == "H3"
