"""Preparation by the clock: what is told is right on every day of the year (domain G)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from scheduler.planning.opening import instant
from scheduler.planning.preparation import PrepSet, PrepTimes, clock_times
from scheduler.planning.visit import Part, VisitShape
from scheduler.planning.words.preparation import sentences

NEW_YORK = ZoneInfo("America/New_York")
SHAPE = VisitShape(
    parts=(
        Part(name="checkin", minutes=10, chair=False),
        Part(name="prep", minutes=15),
        Part(name="infusion", minutes=40),
        Part(name="recovery", minutes=30),
        Part(name="discharge", minutes=5),
        Part(name="turnaround", minutes=15),
    ),
    arrive_early_minutes=15,
    sedating=True,
)
KETAMINE = PrepSet(
    fasting_solids_minutes=240,
    limit_fluids_minutes=120,
    driver="required",
    no_driving_until="next_day_after_sleep",
    alcohol_before_minutes=1440,
    alcohol_after_minutes=1440,
    clothing="comfortable_arm_access",
    medicines="provider_reviewed_list",
    arrive_early_minutes=15,
)


def times_of(on: date, wall: time, prep: PrepSet = KETAMINE) -> PrepTimes:
    return clock_times(prep, SHAPE, instant(NEW_YORK, on, wall), NEW_YORK)


def wall(times: PrepTimes, at: datetime | None) -> str:
    assert at is not None
    return f"{times.local(at):%a %d %b %H:%M}"


def test_a_nine_oclock_visit_stops_food_at_five_and_drinks_at_seven() -> None:
    times = times_of(date(2027, 1, 13), time(9))
    assert times.food_stop_at == datetime(2027, 1, 13, 10, tzinfo=UTC)
    assert wall(times, times.drinks_stop_at) == "Wed 13 Jan 07:00"
    assert wall(times, times.arrives_at) == "Wed 13 Jan 08:45"
    assert wall(times, times.leaves_at) == "Wed 13 Jan 10:30"
    assert wall(times, times.alcohol_stop_at) == "Tue 12 Jan 09:00"
    assert wall(times, times.no_driving_until) == "Thu 14 Jan 10:30"


def test_sentences_speak_in_clock_times_and_name_another_day() -> None:
    assert sentences(times_of(date(2027, 1, 13), time(9))) == [
        "No food from 5:00 am.",
        "Stop drinks at 7:00 am.",
        "Someone must take you home.",
        "Do not drive before 10:30 am on Thu 14 Jan, and only after a night's sleep.",
        "Wear loose sleeves.",
        "For tablets, follow the list you were given; call us with questions.",
        "No alcohol from 9:00 am on Tue 12 Jan.",
        "After the visit, no alcohol until 10:30 am on Thu 14 Jan.",
        "Arrive at 8:45 am.",
    ]


def test_a_fast_that_begins_the_evening_before_names_that_day() -> None:
    times = times_of(date(2027, 1, 13), time(8), PrepSet(fasting_solids_minutes=600))
    assert sentences(times)[0] == "No food from 10:00 pm on Tue 12 Jan."


def test_hours_of_fasting_are_elapsed_hours_when_the_clocks_spring_forward() -> None:
    times = times_of(date(2027, 3, 14), time(8), PrepSet(fasting_solids_minutes=480))
    assert wall(times, times.food_stop_at) == "Sat 13 Mar 23:00"
    assert sentences(times)[0] == "No food from 11:00 pm on Sat 13 Mar."


def test_an_hour_that_comes_twice_says_which_one_is_meant() -> None:
    times = times_of(date(2027, 11, 7), time(8), PrepSet(fasting_solids_minutes=480))
    assert sentences(times)[0] == "No food from 1:00 am EDT."
    later = times_of(date(2027, 11, 7), time(8), PrepSet(fasting_solids_minutes=420))
    assert sentences(later)[0] == "No food from 1:00 am EST."


@pytest.mark.parametrize("on", [date(2027, 3, 13), date(2027, 11, 6)])
def test_driving_is_off_for_a_whole_day_across_a_change_of_clocks(on: date) -> None:
    times = times_of(on, time(9))
    assert times.no_driving_until is not None
    assert (times.no_driving_until - times.leaves_at).total_seconds() == 24 * 3600
    assert times.local(times.no_driving_until).date() > on


def test_a_visit_without_rules_only_says_when_to_arrive() -> None:
    times = times_of(date(2027, 1, 13), time(13), PrepSet())
    assert sentences(times) == ["Arrive at 12:45 pm."]
    assert times.first_stop_at is None


def test_every_rule_of_a_prep_set_has_its_sentence() -> None:
    prep = PrepSet(
        limit_fluids_minutes=30,
        nasal_products_gap_minutes=60,
        driver="recommended",
        hydrate=True,
        infection_check=True,
    )
    assert sentences(times_of(date(2027, 1, 13), time(13), prep)) == [
        "Stop drinks at 12:30 pm.",
        "No nose sprays from 12:00 pm.",
        "Please let someone take you home.",
        "Drink plenty of water before you come.",
        "If you feel ill or have a fever, call us before you come.",
        "Arrive at 12:45 pm.",
    ]


def test_a_prep_set_survives_a_json_column() -> None:
    assert PrepSet.from_plain(KETAMINE.to_plain()) == KETAMINE


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock_times(KETAMINE, SHAPE, datetime(2027, 1, 13, 9), NEW_YORK)  # noqa: DTZ001
