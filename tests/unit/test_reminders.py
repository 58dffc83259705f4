"""When reminders are due on the wall clock, and what the calendar's own alarms say (domain G)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.planning.alarms import alarms
from scheduler.planning.opening import instant
from scheduler.planning.preparation import PrepSet, PrepTimes, clock_times
from scheduler.planning.reminders import (
    STANDARD_RULES,
    ReminderRule,
    due,
    evening,
    inside_window,
    may_leave,
    next_opening,
    reminders,
)
from scheduler.planning.visit import Part, VisitShape

NEW_YORK = ZoneInfo("America/New_York")
SHAPE = VisitShape(parts=(Part(name="infusion", minutes=90),), arrive_early_minutes=15)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
FASTING = PrepSet(
    fasting_solids_minutes=240,
    limit_fluids_minutes=120,
    driver="required",
    clothing="comfortable_arm_access",
)


def times_of(on: date, wall: time, prep: PrepSet = FASTING) -> PrepTimes:
    return clock_times(prep, SHAPE, instant(NEW_YORK, on, wall), NEW_YORK)


def ladder(
    times: PrepTimes, *, after: datetime = LONG_AGO, previous: int | None = None
) -> dict[str, str]:
    found = reminders(STANDARD_RULES, times, after=after, days_since_previous=previous)
    return {one.kind: f"{times.local(one.due_at):%a %d %b %H:%M}" for one in found}


def test_a_morning_visit_is_told_three_days_before_and_at_eight_the_evening_before() -> None:
    assert ladder(times_of(date(2027, 1, 13), time(9))) == {
        "r3": "Sun 10 Jan 10:00",
        "r4": "Tue 12 Jan 20:00",
    }


def test_an_afternoon_visit_is_told_at_six_and_again_an_hour_before_the_stop() -> None:
    assert ladder(times_of(date(2027, 1, 13), time(14))) == {
        "r3": "Sun 10 Jan 10:00",
        "r4": "Tue 12 Jan 18:00",
        "r5": "Wed 13 Jan 09:00",
    }


@pytest.mark.parametrize(
    ("start", "evening_at", "same_day"),
    [
        (time(12, 59), "20:00", None),  # stop 8:59, an hour before it is 7:59: shut
        (time(13), "18:00", "08:00"),  # closed at both ends: 8:00 is inside
        (time(13, 1), "18:00", "08:01"),
    ],
)
def test_the_window_is_closed_at_eight_in_the_morning(
    start: time, evening_at: str, same_day: str | None
) -> None:
    found = ladder(times_of(date(2027, 1, 13), start))
    assert found["r4"].endswith(evening_at)
    assert found.get("r5", "").endswith(same_day or "")
    assert ("r5" in found) is (same_day is not None)


@pytest.mark.parametrize(
    ("hours", "minutes", "expected"),
    [
        (11, 0, "18:00"),  # stop 21:00 on D-1, notice 20:00: inside, the window is closed there
        (10, 59, "20:00"),  # stop 21:01, notice 20:01: outside
        (15, 0, "16:00"),  # stop 17:00 on D-1: told before it, not at 18:00 when it is over
    ],
)
def test_a_fast_that_begins_the_evening_before_is_told_in_time(
    hours: int, minutes: int, expected: str
) -> None:
    prep = PrepSet(fasting_solids_minutes=hours * 60 + minutes)
    times = times_of(date(2027, 1, 13), time(8), prep)
    assert ladder(times) == {"r3": "Sun 10 Jan 10:00", "r4": f"Tue 12 Jan {expected}"}


def test_the_third_day_reminder_stands_in_the_evening_one_where_visits_are_close() -> None:
    times = times_of(date(2027, 1, 13), time(9))
    assert "r3" not in ladder(times, previous=2)
    assert "r3" not in ladder(times, previous=3)
    assert "r3" in ladder(times, previous=4)
    assert "r4" in ladder(times, previous=2)


def test_the_evening_before_a_change_of_clocks_is_still_eight_on_the_wall() -> None:
    spring = times_of(date(2027, 3, 14), time(8), PrepSet(fasting_solids_minutes=480))
    assert ladder(spring) == {"r3": "Thu 11 Mar 10:00", "r4": "Sat 13 Mar 20:00"}
    assert evening(spring) == datetime(2027, 3, 14, 1, tzinfo=UTC)  # EST
    autumn = times_of(date(2027, 11, 7), time(9))
    assert ladder(autumn) == {"r3": "Thu 04 Nov 10:00", "r4": "Sat 06 Nov 20:00"}
    assert evening(autumn) == datetime(2027, 11, 7, 0, tzinfo=UTC)  # EDT


def test_a_late_booking_drops_what_is_past_or_leaves_with_its_own_confirmation() -> None:
    times = times_of(date(2027, 1, 13), time(14))
    monday = instant(NEW_YORK, date(2027, 1, 11), time(16))
    assert set(ladder(times, after=monday)) == {"r4", "r5"}
    evening_before = instant(NEW_YORK, date(2027, 1, 12), time(18))
    assert set(ladder(times, after=evening_before)) == {"r5"}
    same_day = instant(NEW_YORK, date(2027, 1, 13), time(9))
    assert ladder(times, after=same_day) == {}


def test_a_visit_without_a_fast_is_told_at_six_and_never_on_the_day() -> None:
    times = times_of(date(2027, 1, 13), time(9), PrepSet(driver="required"))
    assert ladder(times) == {"r3": "Sun 10 Jan 10:00", "r4": "Tue 12 Jan 18:00"}


def test_each_reminder_knows_when_it_helps_nobody_any_more() -> None:
    times = times_of(date(2027, 1, 13), time(14))
    found = {
        one.kind: one
        for one in reminders(STANDARD_RULES, times, after=LONG_AGO, days_since_previous=None)
    }
    assert found["r3"].useless_at == found["r4"].due_at
    assert found["r4"].useless_at == times.arrives_at
    assert found["r5"].useless_at == times.food_stop_at


def test_a_clinics_own_hours_are_kept_and_moved_earlier_out_of_the_window() -> None:
    times = times_of(date(2027, 1, 13), time(9))
    late = due(ReminderRule(id="R3", at={"local": "D-3 21:30"}), times)
    early = due(ReminderRule(id="R3", at={"local": "D-3 07:00"}), times)
    ahead = due(ReminderRule(id="R3", at={"anchor": "start", "offset_min": -180}), times)
    assert [f"{times.local(at):%d %H:%M}" for at in (late, early, ahead) if at] == [
        "10 20:00",
        "09 20:00",
        "12 20:00",
    ]


def test_an_unknown_due_rule_is_named() -> None:
    times = times_of(date(2027, 1, 13), time(9))
    with pytest.raises(ValueError, match="D minus three"):
        due(ReminderRule(id="R3", at={"local": "D minus three"}), times)
    with pytest.raises(ValueError, match="consult"):
        due(ReminderRule(id="R3", at={"anchor": "consult"}), times)


def test_a_due_message_may_leave_half_an_hour_late_at_any_hour_and_later_by_day_only() -> None:
    times = times_of(date(2027, 1, 13), time(9))
    due_at = evening(times)
    assert may_leave(due_at, due_at + timedelta(minutes=30), times)
    assert not may_leave(due_at, due_at + timedelta(minutes=31), times)
    morning = instant(NEW_YORK, date(2027, 1, 13), time(8))
    assert next_opening(due_at + timedelta(hours=1), times) == morning
    assert next_opening(morning - timedelta(hours=1), times) == morning
    assert may_leave(due_at, morning, times)
    assert inside_window(morning, times)


def test_the_food_alarm_rings_first_then_the_ride() -> None:
    times = times_of(date(2027, 1, 13), time(9))
    food, driver = alarms(times, now=LONG_AGO, neutral=False)
    assert f"{times.local(food.at):%a %H:%M}" == "Tue 20:00"
    assert times.starts_at - food.at == timedelta(hours=13)
    assert food.text == "No food from 5:00 am on Wed 13 Jan. Stop drinks at 7:00 am."
    assert f"{times.local(driver.at):%a %H:%M}" == "Tue 18:00"
    assert driver.text == "Who takes you home on Wed 13 Jan? Wear loose sleeves. Arrive at 8:45 am."


def test_the_food_alarm_names_the_evening_where_the_fast_begins_then() -> None:
    times = times_of(date(2027, 3, 14), time(8), PrepSet(fasting_solids_minutes=480))
    food = alarms(times, now=LONG_AGO, neutral=False)[0]
    assert food.text == "No food from 11:00 pm on Sat 13 Mar."
    assert times.starts_at - food.at == timedelta(hours=11)  # the night has one hour less


def test_neutral_alarms_say_nothing_on_a_lock_screen() -> None:
    found = alarms(times_of(date(2027, 1, 13), time(9)), now=LONG_AGO, neutral=True)
    assert {one.text for one in found} == {"Open your preparation checklist."}


def test_a_visit_without_preparation_has_one_alarm_and_a_past_alarm_is_left_out() -> None:
    times = times_of(date(2027, 1, 13), time(9), PrepSet())
    (only,) = alarms(times, now=LONG_AGO, neutral=False)
    assert only.text == "Appointment on Wed 13 Jan. Arrive at 8:45 am."
    assert alarms(times, now=only.at, neutral=False) == ()
