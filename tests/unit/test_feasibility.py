"""A template for which no plan can exist is refused with the reason in words (domain H16)."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.planning.feasibility import infeasible, infeasible_phases
from scheduler.services.protocol_library import templates
from tests.template_factories import only_phase, quota, template

MON_TO_FRI = range(5)
SPREAD = {
    "type": "spread",
    "count": 5,
    "within_days": 14,
    "gap": {"hard_min": 2, "target": 3, "soft_max": 5},
}


def reason(schedule: dict[str, Any], days: Any = range(7), **changes: Any) -> str | None:
    problem = infeasible(only_phase(schedule, **changes), days)
    return problem.message if problem else None


def test_iron_five_in_fourteen_days_with_two_a_week_cannot_exist() -> None:
    assert reason({**SPREAD, "max_per_7d": 3}) is None
    assert reason({**SPREAD, "max_per_7d": 2}) == (
        "5 visits, at most 2 in 7 days, cannot fit in 14 days: 15 are needed."
    )


def test_the_reason_is_the_sentence_of_the_screen() -> None:
    gap = {"hard_min": 3, "target": 3, "soft_max": 4}
    schedule = quota(count=5, per_week=7, gap=gap)
    assert reason(schedule, span={"max_days": 10}) == (
        "5 visits, least gap 3 days, cannot fit in 10 days: 12 are needed."
    )
    assert reason(schedule, span={"max_days": 12}) is None


def test_the_field_that_stands_in_the_way_is_named() -> None:
    problem = infeasible(only_phase(quota(), span={"max_days": 5}), range(7))
    assert problem is not None
    assert problem.path == ("span", "max_days")
    protocol = template(
        {"id": "a", "schedule": quota(), "next": "b"},
        {"id": "b", "schedule": {**SPREAD, "max_per_7d": 2}},
    )
    (found,) = infeasible_phases(protocol, range(7))
    assert found.path == ("phases", 1, "schedule", "within_days")


def test_weekday_sets_on_which_the_clinic_is_closed_are_no_sets() -> None:
    weekend = quota(weekday_sets=[["sa", "su"]])
    assert reason(weekend, MON_TO_FRI) == (
        "The clinic opens on Mon to Fri; no weekday set has one of these days."
    )
    assert reason(quota(weekday_sets=[["sa"], ["mo", "we", "fr"]]), MON_TO_FRI) is None


def test_a_greatest_gap_can_leave_no_plan_at_all() -> None:
    gap = {"hard_min": 2, "target": 2, "soft_max": 2, "hard_max": 2}
    said = reason(quota(gap=gap, weekday_sets=[["mo", "th"]]))
    assert said == "6 visits with 2 to 2 days between two visits, only on Mon, Thu do not exist."


def test_a_run_of_calendar_days_needs_open_weekends() -> None:
    run = {"type": "daily_run", "count": 7, "run_on": "calendar_days"}
    assert reason(run) is None
    assert reason(run, MON_TO_FRI) == (
        "7 visits in a row are not possible: the clinic opens on Mon to Fri."
    )
    assert reason({**run, "count": 5}, MON_TO_FRI) is None


def test_a_run_may_break_only_as_long_as_it_says() -> None:
    run = {"type": "daily_run", "count": 6, "run_on": "clinic_days", "max_break_days": 2}
    assert reason(run, MON_TO_FRI)
    assert reason({**run, "max_break_days": 3}, MON_TO_FRI) is None


def test_a_run_fits_into_its_cycle() -> None:
    cycle = {"n": 1, "unit": "week"}
    run = {"type": "daily_run", "count": 10, "run_on": "clinic_days", "cycle": cycle}
    assert reason(run, MON_TO_FRI) == "10 visits take 12 days; the next run starts after 7."
    assert reason({**run, "cycle": {"n": 3, "unit": "week"}}, MON_TO_FRI) is None


def test_a_fixed_day_that_always_falls_on_a_closed_day_is_named() -> None:
    weekend = {"type": "offsets", "days": [0, 1, 2, 3, 4, 5]}
    assert reason(weekend, range(6)) is None
    said = reason(weekend, MON_TO_FRI)
    assert said
    assert said.startswith("The clinic opens on Mon to Fri: whatever the first day")
    assert reason({**weekend, "tol": {"before": 0, "after": 2}}, MON_TO_FRI) is None


@pytest.mark.parametrize("unit", ["week", "month"])
def test_each_interval_that_may_be_chosen_must_be_possible(unit: str) -> None:
    relative = {"hard_min": 0, "target": 0, "soft_max": 0, "hard_max": 0}
    n = {"choice": [1, 2], "default": 2}
    exact = {"type": "every", "n": n, "unit": unit, "count": 4, "gap_rel": relative}
    assert (reason(exact, [0]) is None) == (unit == "week")


def test_a_plan_that_takes_many_years_is_no_plan() -> None:
    gap = {"hard_min": 84, "target": 84, "soft_max": 90}
    yearly = {"type": "every", "n": 12, "unit": "week", "count": 100, "gap": gap}
    said = reason(yearly)
    assert said
    assert "take 8,316 days; a plan reaches 1,096" in said


def test_a_clinic_that_never_opens_has_no_plan() -> None:
    assert reason(quota(), []) == "The clinic has no opening hours, so no visit can take place."


def test_every_built_in_template_can_be_planned_from_monday_to_friday() -> None:
    found = {one.id: infeasible_phases(one, MON_TO_FRI) for one in templates()}
    assert {name: problems for name, problems in found.items() if problems} == {}
