"""The patient's steps by the clock: in order, in both languages, and as the messages say them."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

from scheduler.planning.opening import instant, local
from scheduler.planning.preparation import PrepSet, PrepTimes, clock_times
from scheduler.planning.wording import shipped
from scheduler.planning.words.checklist import checklist, long_day
from scheduler.planning.words.clock import clock
from scheduler.planning.words.preparation import sentences
from tests.factories import MOOD

NEW_YORK = ZoneInfo("America/New_York")
ALL = PrepSet(
    fasting_solids_minutes=480,
    limit_fluids_minutes=120,
    driver="required",
    no_driving_until="next_day_after_sleep",
    alcohol_before_minutes=1440,
    alcohol_after_minutes=1440,
    clothing="comfortable_arm_access",
)


def times_of(on: date, prep: PrepSet = ALL) -> PrepTimes:
    return clock_times(prep, MOOD, instant(NEW_YORK, on, time(8)), NEW_YORK)


def test_steps_follow_the_clock_and_name_the_driver() -> None:
    steps = checklist(times_of(date(2027, 1, 13)), driver="Ben")
    shown = [(f"{local(NEW_YORK, step.at):%a %H:%M}", step.lead) for step in steps]
    assert shown == [
        ("Tue 08:00", "No alcohol"),
        ("Wed 00:00", "Stop eating."),
        ("Wed 06:00", "Stop drinking."),
        ("Wed 07:50", "Arrive."),
        ("Wed 09:30", "Ben picks you up"),
        ("Thu 09:30", "You may drive again"),
        ("Thu 09:30", "Until now, no alcohol."),
    ]
    assert "loose clothes" in steps[3].text


def test_a_visit_without_rules_is_arrival_and_going_home() -> None:
    leads = [step.lead for step in checklist(times_of(date(2027, 1, 13), PrepSet()))]
    assert leads == ["Arrive.", "You can go home."]


def test_page_and_messages_tell_the_same_clock_across_both_changes() -> None:
    for on, food in ((date(2027, 3, 14), "11:00 pm"), (date(2027, 11, 7), "1:00 am EDT")):
        times = times_of(on)
        (step,) = [one for one in checklist(times) if one.is_food]
        assert clock(step.at, NEW_YORK) == food
        assert food in sentences(times)[0]


def test_the_day_is_named_in_the_patients_language() -> None:
    assert long_day(date(2027, 1, 12)) == "Tuesday, 12 January"
    assert long_day(date(2027, 1, 12), shipped("es")) == "martes 12 de enero"
