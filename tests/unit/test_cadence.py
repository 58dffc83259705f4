"""The dates that each pattern means, on days that a site opens (domain E, planner "Exactly")."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from scheduler.planning.cadence import month_starts, preview
from scheduler.planning.calendar_months import months_later
from scheduler.planning.laying import PhaseDates
from scheduler.planning.phase_rules import PhaseChoice
from tests.template_factories import built_in, phase, quota, template

WED = date(2027, 1, 6)


def open_on(*weekdays: int, closed: tuple[date, ...] = ()) -> Callable[[date], bool]:
    return lambda on: on.weekday() in weekdays and on not in closed


MON_TO_SAT = open_on(0, 1, 2, 3, 4, 5)
MON_TO_FRI = open_on(0, 1, 2, 3, 4)
ALWAYS = open_on(0, 1, 2, 3, 4, 5, 6)


def days(dates: PhaseDates) -> list[str]:
    return [f"{on:%a} {on.day} {on:%b}" for on in dates.dates]


def offsets(dates: PhaseDates) -> list[int]:
    return [(on - dates.dates[0]).days for on in dates.dates]


def laid(schedule: dict[str, Any], first: date = WED, is_open: Any = ALWAYS) -> PhaseDates:
    return preview(template(phase(schedule)), first, is_open)[0]


def test_a_mood_series_from_wednesday_is_the_acceptance_story() -> None:
    found = preview(built_in("ket-mood-3x2"), WED, MON_TO_SAT)[0]
    assert days(found) == [
        "Wed 6 Jan",
        "Fri 8 Jan",
        "Mon 11 Jan",
        "Wed 13 Jan",
        "Fri 15 Jan",
        "Mon 18 Jan",
    ]
    assert found.span_days == 12


def test_a_closed_day_moves_the_plan_and_not_the_rules() -> None:
    is_open = open_on(0, 1, 2, 3, 4, 5, closed=(date(2027, 1, 11),))
    found = preview(built_in("ket-mood-3x2"), WED, is_open)[0]
    assert days(found) == [
        "Wed 6 Jan",
        "Fri 8 Jan",
        "Wed 13 Jan",
        "Fri 15 Jan",
        "Mon 18 Jan",
        "Wed 20 Jan",
    ]
    assert found.late == (3,)


def test_a_plan_keeps_to_one_weekday_set() -> None:
    found = preview(built_in("ket-mood-3x2"), date(2027, 1, 5), MON_TO_SAT)[0]
    assert {on.weekday() for on in found.dates} == {1, 3, 5}


def test_a_first_day_outside_every_set_says_so() -> None:
    found = preview(built_in("ket-reinduction"), WED, MON_TO_SAT)[0]
    assert found.refused == "No weekday set has a Wednesday."
    assert found.dates == ()


def test_a_closed_first_day_says_so() -> None:
    found = preview(built_in("ket-mood-3x2"), date(2027, 1, 10), MON_TO_SAT)[0]
    assert found.refused == "The clinic is closed on Sun 10 Jan."


def test_fixed_days_count_from_the_first_visit_within_their_tolerance() -> None:
    schedule = {"type": "offsets", "days": [0, 14, 42], "tol": {"before": 2, "after": 4}}
    assert offsets(laid(schedule)) == [0, 14, 42]
    saturday = laid(schedule, date(2027, 1, 8), open_on(0, 1, 2, 3))
    assert saturday.refused == "The clinic is closed on Fri 8 Jan."
    closed = laid(schedule, WED, open_on(0, 1, 2, 3, 4, 5, 6, closed=(date(2027, 1, 20),)))
    assert offsets(closed) == [0, 13, 42]


def test_a_fixed_day_with_no_open_day_near_it_is_named() -> None:
    schedule = {"type": "offsets", "days": [0, 3]}
    assert (
        laid(schedule, WED, MON_TO_FRI).refused == "The clinic is closed around Sat 9 Jan, day 3."
    )


def test_an_optional_day_is_shown_apart_and_counts_only_when_it_is_chosen() -> None:
    load = {
        "id": "load",
        "next": "later",
        "schedule": {"type": "offsets", "days": [0, 14], "optional_days": [28]},
    }
    weekly = {
        "type": "every",
        "n": 1,
        "unit": "week",
        "count": 1,
        "gap": {"hard_min": 5, "target": 7, "soft_max": 9},
    }
    protocol = template(load, {"id": "later", "schedule": weekly})
    without, later = preview(protocol, WED, ALWAYS)
    assert without.optional_dates == (WED + timedelta(days=28),)
    assert later.dates == (WED + timedelta(days=21),)
    used = preview(protocol, WED, ALWAYS, {"load": PhaseChoice(with_optional_days=True)})
    assert used[1].dates == (WED + timedelta(days=35),)


def test_every_eight_weeks_is_eight_weeks_and_the_choice_of_the_patient_counts() -> None:
    protocol = built_in("infliximab-0-2-6-q8")
    maintenance = preview(protocol, WED, ALWAYS)[1]
    assert maintenance.goes_on
    assert offsets(maintenance) == [0, 56, 112]
    chosen = preview(protocol, WED, ALWAYS, {"maintenance": PhaseChoice(n=4)})[1]
    assert offsets(chosen) == [0, 28, 56]


def test_months_are_calendar_months() -> None:
    relative = {"hard_min": -7, "target": 0, "soft_max": 7, "hard_max": 14}
    schedule = {"type": "every", "n": 1, "unit": "month", "count": 4, "gap_rel": relative}
    found = laid(schedule, date(2027, 1, 31))
    assert days(found) == ["Sun 31 Jan", "Sun 28 Feb", "Sun 28 Mar", "Wed 28 Apr"]
    assert months_later(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert months_later(date(2026, 11, 30), 3) == date(2027, 2, 28)


def test_later_doses_may_count_from_the_first_one() -> None:
    load = {"id": "load", "next": "half_yearly", "schedule": {"type": "offsets", "days": [0, 14]}}
    every = {
        "type": "every",
        "n": 6,
        "unit": "month",
        "count": 2,
        "first_ref": "load#1",
        "gap_rel": {"hard_min": -14, "target": 0, "soft_max": 14, "hard_max": 28},
    }
    protocol = template(load, {"id": "half_yearly", "schedule": every})
    later = preview(protocol, WED, ALWAYS)[1]
    assert later.dates == (date(2027, 7, 6), date(2028, 1, 6))


def test_a_daily_run_passes_the_weekend_where_only_open_days_count() -> None:
    run = {"type": "daily_run", "count": 5, "run_on": "clinic_days", "max_break_days": 3}
    assert days(laid(run, WED, MON_TO_FRI)) == [
        "Wed 6 Jan",
        "Thu 7 Jan",
        "Fri 8 Jan",
        "Mon 11 Jan",
        "Tue 12 Jan",
    ]
    calendar = {**run, "run_on": "calendar_days"}
    assert laid(calendar, WED, MON_TO_FRI).refused
    assert offsets(laid(calendar, WED, ALWAYS)) == [0, 1, 2, 3, 4]


def test_a_run_may_come_again_as_cycles() -> None:
    cycle = {"n": 4, "unit": "week", "tol": {"before": 0, "after": 3}, "times": 3}
    run = {"type": "daily_run", "count": 5, "run_on": "clinic_days", "cycle": cycle}
    found = laid(run, date(2027, 1, 4), MON_TO_FRI)
    assert offsets(found) == [*range(5), *range(28, 33), *range(56, 61)]
    is_open = open_on(0, 1, 2, 3, 4, closed=(date(2027, 2, 1),))
    assert offsets(laid(run, date(2027, 1, 4), is_open))[5] == 29


def test_five_within_fourteen_days_counts_both_ends() -> None:
    found = preview(built_in("iron-sucrose-5in14"), WED, MON_TO_FRI)[0]
    assert len(found.dates) == 5
    assert found.span_days <= 13


def test_a_visit_on_demand_is_due_at_its_target_and_recalled_later() -> None:
    booster = preview(built_in("ket-mood-3x2"), WED, MON_TO_SAT)[2]
    assert booster.goes_on
    assert len(booster.dates) == 1
    assert booster.recall_on == booster.dates[0] + timedelta(days=49)


def test_a_phase_without_a_plan_ends_the_preview() -> None:
    narrow = quota(weekday_sets=[["su"]])
    protocol = template(
        {"id": "a", "schedule": quota(), "next": "b"}, {"id": "b", "schedule": narrow}
    )
    first, second = preview(protocol, WED, MON_TO_SAT)
    assert first.dates
    assert second.refused
    assert second.refused.startswith("After ")


def test_the_weekly_limit_counts_any_seven_days() -> None:
    gap = {"hard_min": 1, "target": 1, "soft_max": 4, "hard_max": 7}
    found = laid(quota(gap=gap, per_week=2))
    assert offsets(found) == [0, 1, 7, 8, 14, 15]


def test_start_days_of_a_month_are_counted_on_open_days() -> None:
    january = [date(2027, 1, 1) + timedelta(days=place) for place in range(31)]
    is_open = open_on(0, 1, 2, 3, 4, 5, closed=(date(2027, 1, 1),))
    mood = month_starts(built_in("ket-mood-3x2").first_phase, january, is_open)
    assert (len(mood.full), len(mood.open_days)) == (25, 25)
    short = month_starts(built_in("ket-reinduction").first_phase, january, is_open)
    assert {on.weekday() for on in short.full} == {0, 1, 3, 4}


def test_dates_are_local_dates_across_both_changes_of_clocks() -> None:
    """Dates carry no clock, so 14 March and 7 November are days like others."""
    for first in (date(2027, 3, 10), date(2027, 11, 3)):
        assert offsets(preview(built_in("ket-mood-3x2"), first, MON_TO_SAT)[0]) == [
            0,
            2,
            5,
            7,
            9,
            12,
        ]
