"""What each cadence asks of the dates of a plan, and the dates that the planner then finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from scheduler.errors import Invalid
from scheduler.planning.phase import Phase
from scheduler.planning.phase_rules import PhaseChoice
from scheduler.planning.phase_spacing import (
    Booked,
    Start,
    followed,
    overdue,
    prices_for,
    spacing_of,
    target_gaps,
    visits_of,
)
from scheduler.planning.plan import Proposal
from scheduler.planning.request import FILL_EARLY, SeriesRequest, Weights, Wishes
from scheduler.planning.schedules import Every, Offsets
from scheduler.planning.series import ChosenVisit, check_visits, propose
from scheduler.planning.spacing import Spacing, judge
from scheduler.planning.words.distance import distance_words
from tests.template_factories import Plain, only_phase
from tests.unit.planning_clinic import DAY, MOOD, at, calendar

MON = date(2027, 1, 4)
AROUND = {"hard_min": -5, "target": 0, "soft_max": 5, "hard_max": 9}
MONTHLY: Plain = {"type": "every", "n": 1, "unit": "month", "count": 3, "gap_rel": AROUND}
FIXED: Plain = {"type": "offsets", "days": [0, 14, 42], "tol": {"before": 2, "after": 4}}
RUN: Plain = {"type": "daily_run", "count": 3, "run_on": "clinic_days", "max_break_days": 3}
CYCLE = {"n": 14, "unit": "day", "from": "cycle_start", "tol": {"before": 1, "after": 1}}
USUAL, FRESH = PhaseChoice(), Start()


def booked(phase: str, *dates: date) -> Start:
    return Start(booked=Booked(visits=tuple((phase, on) for on in dates)), is_first=False)


def planned(
    phase: Phase,
    earliest_on: date,
    choice: PhaseChoice = USUAL,
    start: Start = FRESH,
    days: int = 120,
) -> Proposal:
    """Of an empty clinic, Monday to Saturday."""
    asked = request(phase, earliest_on, choice, start)
    return propose(calendar(earliest_on, days), asked, k=1)


def request(
    phase: Phase, earliest_on: date, choice: PhaseChoice, start: Start = FRESH
) -> SeriesRequest:
    return SeriesRequest(
        shapes=(MOOD,) * visits_of(phase, choice),
        earliest_on=earliest_on,
        spacing=spacing_of(phase, choice, start),
        wishes=Wishes(start=time(9)),
        weights=prices_for(phase, FILL_EARLY),
    )


def dates(proposal: Proposal) -> list[tuple[int, int]]:
    """(month, day) of each visit of the best plan."""
    return [(visit.on.month, visit.on.day) for visit in proposal.plans[0].visits]


def test_a_month_after_the_31st_of_january_is_the_last_of_february() -> None:
    from_30_jan = planned(only_phase(MONTHLY), date(2027, 1, 30))
    assert dates(from_30_jan) == [(1, 30), (2, 27), (3, 27)]
    spacing = spacing_of(only_phase(MONTHLY), PhaseChoice())
    assert judge([date(2027, 1, 31), date(2027, 2, 23)], spacing) == ()
    (early,) = judge([date(2027, 1, 31), date(2027, 2, 22)], spacing)
    assert early.sentence == (
        "Session 2 on Mon 22 Feb would be 22 days after session 1. The least gap is 23 days."
    )
    assert judge([date(2027, 3, 31), date(2027, 4, 25)], spacing) == ()


@pytest.mark.parametrize("first_on", [date(2027, 3, 11), date(2027, 11, 4)])
def test_a_week_is_seven_dates_across_a_change_of_the_clock(first_on: date) -> None:
    weekly = only_phase({**MONTHLY, "unit": "week", "gap_rel": {**AROUND, "hard_max": 5}})
    plan = planned(weekly, first_on).plans[0]
    assert [visit.on - first_on for visit in plan.visits] == [DAY * 0, DAY * 7, DAY * 14]
    assert {at(visit.on, 9) for visit in plan.visits} == {v.starts_at for v in plan.visits}


def test_fixed_days_count_from_the_first_visit_and_keep_their_tolerance() -> None:
    phase = only_phase(FIXED)
    assert dates(planned(phase, date(2027, 1, 9))) == [(1, 9), (1, 23), (2, 20)]
    spacing = spacing_of(phase, PhaseChoice())
    first = date(2027, 1, 9)
    (late,) = judge([first, first + DAY * 19, first + DAY * 42], spacing)
    assert late.sentence == (
        "Session 2 on Thu 28 Jan would be 19 days after session 1. The largest gap is 18 days."
    )
    assert list(distance_words(3, spacing)) == ["on days 0, 14 and 42 (2 days earlier to 4 later)"]


def test_when_the_second_fixed_day_moves_the_third_still_counts_from_the_first() -> None:
    spacing, first = spacing_of(only_phase(FIXED), PhaseChoice()), date(2027, 1, 9)
    moved = [first, first + DAY * 18, first + DAY * 42]
    assert judge(moved, spacing) == ()
    without_second = judge([first, first + DAY * 47], spacing, numbers=[1, 3])
    assert [(one.rule, one.number) for one in without_second] == [("H7", 3)]


def test_a_cancelled_first_visit_leaves_the_order_of_the_others() -> None:
    spacing = spacing_of(only_phase(FIXED), PhaseChoice())
    assert judge([MON + DAY * 30, MON + DAY * 31], spacing, numbers=[2, 3]) == ()
    (broken,) = judge([MON, MON], spacing, numbers=[2, 3])
    assert broken.sentence == "Session 3 on Mon 4 Jan would not be after session 2 on Mon 4 Jan."


def test_fixed_days_count_from_the_last_visit_of_the_phase_before() -> None:
    fixed = only_phase({**FIXED, "days": [7, 10]})
    assert isinstance(fixed.schedule, Offsets)
    phase = replace(fixed, schedule=replace(fixed.schedule, ref="phase_prev_last"))
    start = booked("block", date(2027, 1, 14), date(2027, 1, 15))
    assert dates(planned(phase, date(2027, 1, 16), start=start)) == [(1, 22), (1, 25)]
    with pytest.raises(Invalid, match="the last visit of the phase before") as refused:
        spacing_of(phase, PhaseChoice(), Start(is_first=False))
    assert refused.value.field == "phase"


def test_optional_days_are_planned_when_they_are_asked_for() -> None:
    phase = only_phase({**FIXED, "optional_days": [70]})
    assert visits_of(phase, PhaseChoice()) == 3
    chosen = PhaseChoice(with_optional_days=True)
    assert dates(planned(phase, date(2027, 1, 9), chosen)) == [(1, 9), (1, 23), (2, 20), (3, 20)]


def test_the_first_of_an_interval_counts_from_the_named_visit() -> None:
    every = {"type": "every", "n": {"choice": [4, 8], "default": 8}, "unit": "week"}
    maintenance = only_phase({**every, "count": 4, "gap_rel": AROUND})
    named = _first_counts_from(maintenance, "induction#1")
    start = booked("induction", date(2027, 1, 5), date(2027, 1, 19))
    choice = PhaseChoice(n=4, count=2)
    assert dates(planned(named, date(2027, 1, 20), choice, start)) == [(2, 2), (3, 2)]
    with pytest.raises(Invalid, match="visit 3 of the phase 'induction'"):
        spacing_of(_first_counts_from(maintenance, "induction#3"), choice, start)


def _first_counts_from(phase: Phase, ref: str) -> Phase:
    assert isinstance(phase.schedule, Every)
    return replace(phase, schedule=replace(phase.schedule, first_ref=ref))


def test_a_run_passes_over_closed_days_within_its_largest_break() -> None:
    """Thu, Fri, Sat, then Mon: Sunday is closed."""
    four = PhaseChoice(count=4)
    phase = only_phase({**RUN, "count": {"min": 3, "default": 3, "max": 5}})
    assert dates(planned(phase, date(2027, 1, 7), four)) == [(1, 7), (1, 8), (1, 9), (1, 11)]


def test_a_run_on_calendar_days_has_no_gap_at_all() -> None:
    phase = only_phase({**RUN, "run_on": "calendar_days"})
    assert dates(planned(phase, date(2027, 1, 8))) == [(1, 11), (1, 12), (1, 13)]


def test_runs_repeat_from_the_start_of_the_run_before() -> None:
    phase = only_phase({**RUN, "cycle": {**CYCLE, "times": 3}})
    proposal = planned(phase, MON)
    assert dates(proposal) == [
        (1, 4), (1, 5), (1, 6), (1, 18), (1, 19), (1, 20), (2, 1), (2, 2), (2, 3)
    ]  # fmt: skip
    spacing = spacing_of(phase, PhaseChoice())
    assert list(distance_words(9, spacing)) == [
        "1 to 3 days apart",
        "each run 14 days (1 day earlier to 1 later) after the one before",
    ]


def test_a_cycle_without_an_end_goes_on_from_the_start_of_the_last_run() -> None:
    phase = only_phase({**RUN, "cycle": CYCLE}, renew={"every_sessions": 6, "needs": "provider"})
    had = Booked(visits=tuple((phase.id, MON + DAY * n) for n in (0, 1, 2)))
    goes_on = followed(phase, had, MON + DAY * 3, is_first=True)
    assert goes_on == had
    proposal = planned(phase, MON + DAY * 3, PhaseChoice(runs=1), Start(booked=goes_on))
    assert dates(proposal) == [(1, 18), (1, 19), (1, 20)]
    assert followed(phase, had, MON + DAY * 30, is_first=True) == Booked()


def test_a_visit_that_was_due_before_the_first_day_asked_for_is_named() -> None:
    weekly = only_phase({**MONTHLY, "unit": "week", "gap_rel": {**AROUND, "hard_max": 5}})
    spacing = spacing_of(weekly, PhaseChoice(), booked("induction", MON))
    assert overdue(spacing, MON + DAY * 12) is None
    late = overdue(spacing, MON + DAY * 13)
    assert late is not None
    assert (late.number, late.on) == (1, MON)


def test_a_moved_visit_of_a_cycle_keeps_its_distance_to_the_run_before_and_after() -> None:
    phase = only_phase({**RUN, "count": 1, "cycle": {**CYCLE, "times": 3}})
    spacing = spacing_of(phase, PhaseChoice())
    asked = SeriesRequest(
        shapes=(MOOD,),
        earliest_on=MON,
        spacing=spacing,
        after=(MON,),
        before=(MON + DAY * 29,),
        wishes=Wishes(start=time(9)),
    )
    days = calendar(MON, 60)
    best = propose(days, asked).plans[0]
    assert best.visits[0].on in (MON + DAY * 14, MON + DAY * 15)
    for off, rule in ((12, "H5"), (16, "H7")):
        refusals = check_visits(days, asked, [ChosenVisit(1, at(MON + DAY * off, 9))])
        assert {one.rule for one in refusals} >= {rule}


def test_a_horizon_that_ends_inside_the_series_says_so() -> None:
    stopped = planned(only_phase(FIXED), MON, days=30).stopped
    assert stopped is not None
    assert stopped.rule == "horizon"
    assert "do not fit by Tue 2 Feb" in stopped.sentence


def test_target_gaps_tell_how_long_ago_the_visit_before_will_be() -> None:
    spacing = spacing_of(only_phase(FIXED), PhaseChoice())
    assert target_gaps(spacing, 3, MON) == [None, 14, 28]
    assert target_gaps(Spacing(), 2, MON) == [None, 1]


def test_numbers_of_a_series_with_a_cancelled_visit_are_named() -> None:
    """Visit 2 is gone: visit 3 still counts from visit 1."""
    spacing = spacing_of(only_phase(FIXED), PhaseChoice())
    asked = SeriesRequest(
        shapes=(MOOD,),
        earliest_on=MON,
        spacing=spacing,
        after=(MON,),
        numbered=(1, 3),
        weights=Weights(day=1, gap=40),
    )
    assert asked.numbers == (3,)
    assert propose(calendar(MON, 60), asked).plans[0].first_on == MON + timedelta(days=42)
