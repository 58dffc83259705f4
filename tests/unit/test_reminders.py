"""When reminders are due on the wall clock, and what the calendar's own alarms say (domain G)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.planning import due_times, escalation, ladder_when
from scheduler.planning.alarms import alarms
from scheduler.planning.due_times import due, evening
from scheduler.planning.ladder import Ladder, RungChange, SiteLadder, channels_of, resolved
from scheduler.planning.opening import instant
from scheduler.planning.preparation import PrepSet, PrepTimes, clock_times
from scheduler.planning.reminders import Occasion, Reminder, escalations, reminders
from scheduler.planning.rung import ReminderRule
from scheduler.planning.sending_window import USUAL, Window
from scheduler.planning.visit import Part, VisitShape
from scheduler.services.outgoing.ladders import shipped, standard

NEW_YORK = ZoneInfo("America/New_York")
SHAPE = VisitShape(parts=(Part(name="infusion", minutes=90),), arrive_early_minutes=15)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
FASTING = PrepSet(
    fasting_solids_minutes=240,
    limit_fluids_minutes=120,
    driver="required",
    clothing="comfortable_arm_access",
)
SEDATING = Ladder(rules=standard(sedating=True))
WEDNESDAY = date(2027, 1, 13)


def times_of(on: date, wall: time, prep: PrepSet = FASTING) -> PrepTimes:
    return clock_times(prep, SHAPE, instant(NEW_YORK, on, wall), NEW_YORK)


def asked(times: PrepTimes, **facts: Any) -> Occasion:
    """The second visit of a series, long after the first one, if nothing else is said."""
    usual: dict[str, Any] = {"booked_at": LONG_AGO, "number": 2, "days_since_previous": 7}
    return Occasion(times=times, **{**usual, **facts})


def first_tries(times: PrepTimes, ladder: Ladder = SEDATING, **facts: Any) -> dict[str, Reminder]:
    found = reminders(ladder, asked(times, **facts))
    return {one.kind: one for one in found if not one.second}


def leaves(times: PrepTimes, ladder: Ladder = SEDATING, **facts: Any) -> dict[str, str]:
    found = first_tries(times, ladder, **facts)
    return {kind: f"{times.local(one.due_at):%a %d %b %H:%M}" for kind, one in found.items()}


def comes_up(times: PrepTimes, ladder: Ladder = SEDATING, **facts: Any) -> dict[str, str]:
    found = escalations(ladder, asked(times, **facts))
    return {one.rule_id: f"{times.local(one.at):%a %d %H:%M} {one.unless}" for one in found}


def test_a_morning_visit_is_told_three_days_before_and_at_eight_the_evening_before() -> None:
    assert leaves(times_of(WEDNESDAY, time(9))) == {
        "r3": "Sun 10 Jan 10:00",
        "r4": "Tue 12 Jan 20:00",
    }


def test_an_afternoon_visit_is_told_at_six_and_again_an_hour_before_the_stop() -> None:
    assert leaves(times_of(WEDNESDAY, time(14))) == {
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
    found = leaves(times_of(WEDNESDAY, start))
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
    times = times_of(WEDNESDAY, time(8), prep)
    assert leaves(times) == {"r3": "Sun 10 Jan 10:00", "r4": f"Tue 12 Jan {expected}"}


def test_the_third_day_reminder_stands_in_the_evening_one_where_visits_are_close() -> None:
    times = times_of(WEDNESDAY, time(9))
    assert "r3" not in leaves(times, days_since_previous=2)
    assert "r3" not in leaves(times, days_since_previous=3)
    assert "r3" in leaves(times, days_since_previous=4)
    assert "r4" in leaves(times, days_since_previous=2)
    assert "R3" not in comes_up(times, days_since_previous=2)


def test_the_evening_before_a_change_of_clocks_is_still_eight_on_the_wall() -> None:
    spring = times_of(date(2027, 3, 14), time(8), PrepSet(fasting_solids_minutes=480))
    assert leaves(spring) == {"r3": "Thu 11 Mar 10:00", "r4": "Sat 13 Mar 20:00"}
    assert evening(spring) == datetime(2027, 3, 14, 1, tzinfo=UTC)  # EST
    autumn = times_of(date(2027, 11, 7), time(9))
    assert leaves(autumn) == {"r3": "Thu 04 Nov 10:00", "r4": "Sat 06 Nov 20:00"}
    assert evening(autumn) == datetime(2027, 11, 7, 0, tzinfo=UTC)  # EDT


def test_a_visit_without_a_fast_is_told_at_six_and_never_on_the_day() -> None:
    times = times_of(WEDNESDAY, time(9), PrepSet(driver="required"))
    assert leaves(times) == {"r3": "Sun 10 Jan 10:00", "r4": "Tue 12 Jan 18:00"}


def test_each_reminder_knows_when_it_helps_nobody_any_more() -> None:
    times = times_of(WEDNESDAY, time(14))
    found = first_tries(times)
    assert found["r3"].useless_at == found["r4"].due_at
    assert found["r4"].useless_at == times.arrives_at
    assert found["r5"].useless_at == times.food_stop_at


def test_the_week_before_is_for_first_visits_and_for_those_after_a_long_pause() -> None:
    times = times_of(WEDNESDAY, time(9))
    assert leaves(times, number=1, days_since_previous=None)["r2"] == "Wed 06 Jan 10:00"
    assert "r2" not in leaves(times, number=2, days_since_previous=21)
    assert "r2" in leaves(times, number=2, days_since_previous=22)


def test_a_consultation_is_told_two_working_days_before() -> None:
    times = times_of(date(2027, 1, 18), time(9), PrepSet())
    ladder = Ladder(rules=(shipped()["R1"],))

    def weekdays_except_friday(on: date) -> bool:
        return on.weekday() not in (4, 5, 6)

    told = leaves(times, ladder, phase="consult", open_on=weekdays_except_friday)
    assert told == {"r1": "Wed 13 Jan 10:00"}
    assert leaves(times, ladder, phase="induction") == {}


def test_an_unanswered_question_goes_another_way_and_then_to_a_person() -> None:
    times = times_of(WEDNESDAY, time(9))
    (again,) = [one for one in reminders(SEDATING, asked(times)) if one.second]
    assert (again.kind, f"{times.local(again.due_at):%a %d %H:%M}") == ("r3", "Mon 11 10:00")
    assert comes_up(times, number=1, booked_at=instant(NEW_YORK, date(2027, 1, 4), time(9))) == {
        "R0": "Wed 06 09:00 heard",
        "R2": "Sat 09 10:00 arranged",
        "R3": "Mon 11 15:00 ready",
        "R4": "Tue 12 16:00 coming",
    }
    high = {one.rule_id: one.high for one in escalations(SEDATING, asked(times))}
    assert high == {"R3": True, "R4": True}


def test_rungs_after_a_visit_wait_for_the_window_and_count_days_on_the_wall() -> None:
    late = instant(NEW_YORK, WEDNESDAY, time(20, 30))
    morning = instant(NEW_YORK, date(2027, 1, 14), time(8))
    assert due_times.after_event(late, NEW_YORK) == morning
    rungs = shipped()
    due_on = date(2027, 3, 15)  # the clocks change in the week before
    found = due_times.around(rungs["R11"], due_on, NEW_YORK)
    assert [f"{at.astimezone(NEW_YORK):%d %b %H:%M}" for at in found] == [
        "08 Mar 10:00",
        "15 Mar 10:00",
        "29 Mar 10:00",
    ]
    assert escalation.after_event(rungs["R10"], late) == late + timedelta(hours=72)
    times = times_of(WEDNESDAY, time(9))
    evening_after, next_day = due(rungs["R8"], times), due(rungs["R9"], times)
    assert evening_after == instant(NEW_YORK, WEDNESDAY, time(18))
    assert next_day == instant(NEW_YORK, date(2027, 1, 14), time(10))


def test_a_clinics_own_hours_are_kept_and_moved_earlier_out_of_the_window() -> None:
    times = times_of(WEDNESDAY, time(9))
    late = due(ReminderRule(id="R3", at={"local": "D-3 21:30"}), times)
    early = due(ReminderRule(id="R3", at={"local": "D-3 07:00"}), times)
    ahead = due(ReminderRule(id="R3", at={"anchor": "start", "offset_min": -180}), times)
    assert [f"{times.local(at):%d %H:%M}" for at in (late, early, ahead) if at] == [
        "10 20:00",
        "09 20:00",
        "12 20:00",
    ]


def test_an_unknown_due_rule_is_named() -> None:
    times = times_of(WEDNESDAY, time(9))
    with pytest.raises(ValueError, match="D minus three"):
        due(ReminderRule(id="R3", at={"local": "D minus three"}), times)
    with pytest.raises(ValueError, match="moon"):
        due(ReminderRule(id="R3", at={"anchor": "moon"}), times)


def test_a_due_message_may_leave_half_an_hour_late_at_any_hour_and_later_by_day_only() -> None:
    due_at = evening(times_of(WEDNESDAY, time(9)))
    morning = instant(NEW_YORK, WEDNESDAY, time(8))

    def shut(now: datetime) -> datetime | None:
        return USUAL.shut_until(due_at, now, NEW_YORK)

    assert shut(due_at + timedelta(minutes=30)) is None
    assert shut(due_at + timedelta(minutes=31)) == morning
    assert shut(morning - timedelta(hours=1)) == morning
    assert shut(morning) is None
    at_night = instant(NEW_YORK, WEDNESDAY, time(3))  # nothing is due at night, and nothing leaves
    assert USUAL.shut_until(at_night, at_night, NEW_YORK) == morning


def test_a_sites_word_changes_the_shipped_rung_and_a_templates_own_word_stays() -> None:
    site = SiteLadder(
        window=Window(opens=time(9), closes=time(19)),
        changes={
            "R3": RungChange(at={"local": "D-3 12:00"}, channels=("email",)),
            "R2": RungChange(on=False),
        },
        own=(ReminderRule(id="bring", at={"local": "D-2 11:00"}, text="Bring your list."),),
    )
    times = times_of(WEDNESDAY, time(9))
    ladder = resolved(standard(sedating=True), shipped(), site)
    assert leaves(times, ladder, number=1) == {
        "r3": "Sun 10 Jan 12:00",
        "own": "Mon 11 Jan 11:00",
        "r4": "Tue 12 Jan 19:00",
    }
    its_own = replace(shipped()["R3"], at={"local": "D-4 10:00"})
    (kept,) = resolved((its_own,), shipped(), replace(site, own=())).rules
    assert (kept.at, kept.channels) == ({"local": "D-4 10:00"}, ("email",))
    assert SiteLadder.from_plain(site.to_plain()) == site
    assert SiteLadder().to_plain() == {}


def test_a_rung_takes_the_persons_own_way_among_those_it_allows() -> None:
    rungs = shipped()
    assert channels_of(rungs["R3"], ("email", "sms")) == ("email", "sms")
    assert channels_of(rungs["R2"], ("voice", "sms")) == ("sms",)
    assert channels_of(rungs["R5"], ("email",)) == ("email",)  # no phone: by mail, if it may help
    assert channels_of(rungs["R11"], ("voice", "email")) == ("voice", "email")  # as preferred
    assert channels_of(rungs["R3"], ()) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"session_no": 1},
        {"session_no": {"about": 1}},
        {"session_no": {"lte": "one"}},
        {"moon": {"eq": 1}},
        {"any": []},
        {"inside": "night"},
        "always",
    ],
)
def test_a_condition_that_cannot_be_asked_is_named(wrong: Any) -> None:
    assert ladder_when.problem(wrong)
    assert ladder_when.problem(shipped()["R2"].when) is None


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
