"""The planning parts of the front desk's acceptance stories, with their own dates (domain I)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time

import pytest

from scheduler.planning.daybook import Day
from scheduler.planning.plan import Stopped
from scheduler.planning.reaccommodate import AffectedSeries, applied, reaccommodate
from scheduler.planning.replan import MustStand, Replanned, RunningSeries, StandingVisit, replan
from scheduler.planning.request import PatientLimits, TimeWindow
from scheduler.planning.schedules import Gap
from scheduler.planning.spacing import Spacing, judge
from tests.unit.planning_clinic import DAY, MOOD, at, calendar, facts, held

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


def shut(day: Day, *chair_ids: int) -> Day:
    """The same day with these chairs out of service and nothing on them."""
    chairs = tuple(
        replace(chair, open=()) if chair.chair_id in chair_ids else chair
        for chair in day.facts.chairs
    )
    held_on = tuple(one for one in day.held if one.chair_id not in chair_ids)
    return Day.build(replace(day.facts, chairs=chairs, held=held_on))


def displaced(
    key: int,
    visit: StandingVisit,
    series: RunningSeries | None = None,
    induction: bool = False,
) -> AffectedSeries:
    """A visit that has lost its place, alone or one of a series."""
    return AffectedSeries(
        key=key,
        series=series or RunningSeries(visits=(visit,)),
        lost=frozenset({visit.number}),
        induction=induction,
    )


def single(on: date, hour: int, chair: int) -> StandingVisit:
    return StandingVisit(number=1, on=on, starts_at=at(on, hour), chair_id=chair, shape=MOOD)


class TestStory3ChairOutOfServiceForTwoDays:
    """Chair 3 is out on Wed 13 and Thu 14 Jan: another chair at the same time, the same day, then
    other days within the gaps; four of five are placed, one is left for the worklist."""

    WEDNESDAY, THURSDAY = january(13, 14)

    def test_four_of_five_are_placed_and_one_is_left(self) -> None:
        wednesday, thursday = self.WEDNESDAY, self.THURSDAY
        busy = [held(on, 13, chair=chair) for on in (wednesday, thursday) for chair in (1, 2)]
        busy += [held(wednesday, 9, chair=1), held(wednesday, 9, 15, chair=2)]
        days = calendar(date(2027, 1, 11), 6, busy, nurses=4)
        days |= {on: shut(days[on], 3) for on in (wednesday, thursday)}
        only_then = PatientLimits(
            weekdays=frozenset({2}),
            window=TimeWindow(starts_from=time(13), starts_until=time(13, 15)),
        )
        stuck = RunningSeries(visits=(single(wednesday, 13, 3),), patient=only_then)
        lost = [
            displaced(1, single(wednesday, 11, 3)),
            displaced(2, single(thursday, 9, 3)),
            displaced(3, single(thursday, 13, 3)),
            displaced(4, single(wednesday, 9, 3)),
            displaced(5, single(wednesday, 13, 3), series=stuck),
        ]
        answer = reaccommodate(days, lost)
        after = {one.key: one.move for one in answer.moves}
        assert [one.key for one in answer.unplaced] == [5]
        assert [after[key].minutes for key in (1, 2)] == [0, 0]
        assert [after[key].days for key in (1, 2, 3, 4)] == [0, 0, 0, 0]
        assert not {one.after.chair_id for one in after.values()} & {3}
        assert applied(days, answer)[wednesday].held

    def test_the_tightest_window_is_served_first(self) -> None:
        """Two visits want the one place that is left: who has no other day gets it."""
        wednesday = self.WEDNESDAY
        busy = [held(wednesday, hour, chair=1) for hour in (8, 10, 12)]
        days = calendar(wednesday, 2, busy, chairs=1, nurses=4)
        bound = replace(
            RunningSeries(visits=(single(wednesday, 14, 3),)),
            patient=PatientLimits(weekdays=frozenset({2})),
        )
        lost = [
            displaced(1, single(wednesday, 14, 3)),
            displaced(2, single(wednesday, 14, 3), series=bound),
        ]
        after = {one.key: one.move.after.on for one in reaccommodate(days, lost).moves}
        assert after == {1: self.THURSDAY, 2: wednesday}


class TestStory4SnowClosureTomorrow:
    """The day is shut; its visits move within their gaps, induction patients first."""

    def test_every_visit_of_the_day_moves_and_nothing_is_booked_into_it(self) -> None:
        series = series_on(6, 8, 11, 13, 15, 18)
        tomorrow = date(2027, 1, 13)
        others = [held(visit.on, 9) for visit in series.visits if visit.on != tomorrow]
        days = calendar(date(2027, 1, 6), 28, others)
        days[tomorrow] = shut(days[tomorrow], 1, 2, 3)
        lost = [
            AffectedSeries(key=1, series=series, lost=frozenset({4}), induction=True),
            displaced(2, single(tomorrow, 10, 2)),
            displaced(3, single(tomorrow, 13, 3)),
        ]
        answer = reaccommodate(days, lost)
        assert answer.unplaced == ()
        assert tomorrow not in {one.move.after.on for one in answer.moves}
        moved = {one.move.after.number: one.move.after.on for one in answer.moves if one.key == 1}
        dates = [moved.get(visit.number, visit.on) for visit in series.visits]
        assert not [rule for rule in judge(sorted(dates), MOOD_SPACING) if rule.hard]

    def test_the_induction_patient_gets_the_last_place(self) -> None:
        tomorrow, next_day = january(13, 14)
        busy = [held(next_day, hour, chair=1) for hour in (8, 10, 14)]
        days = {
            tomorrow: shut(Day.build(facts(tomorrow, chairs=1)), 1),
            next_day: Day.build(facts(next_day, busy, chairs=1)),
        }
        lost = [
            displaced(1, single(tomorrow, 12, 1)),
            displaced(2, single(tomorrow, 12, 1), induction=True),
        ]
        answer = reaccommodate(days, lost)
        assert [one.key for one in answer.moves] == [2]
        assert [one.key for one in answer.unplaced] == [1]


class TestStory11ProviderOnVacation:
    """No provider from Mon 1 to Fri 5 Feb: a stand-in covers Mon to Wed, the rest is re-planned."""

    def test_the_rest_goes_to_days_with_a_provider(self) -> None:
        monday = date(2027, 2, 1)
        week = [monday + DAY * number for number in range(5)]
        days = calendar(monday - 7 * DAY, 28)
        for on in week:
            days[on] = Day.build(replace(days[on].facts, providers=()))
        assert not any(days[on].free(MOOD) for on in week)
        assert {one.rule for one in days[week[0]].refusals(MOOD, 1, at(week[0], 9))} == {"H9"}
        for on in week[:3]:
            days[on] = Day.build(facts(on, [held(on, 9, chair=n) for n in (1, 2, 3)][:2]))
        rest = [displaced(n, single(week[3 + n % 2], 9 + n // 2 * 2, 1)) for n in range(4)]
        answer = reaccommodate(days, rest)
        assert answer.unplaced == ()
        assert not {one.move.after.on for one in answer.moves} & set(week[3:])
        assert all(abs(one.move.days) <= 4 for one in answer.moves)
