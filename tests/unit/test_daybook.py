"""A day of a clinic: what it offers, what it refuses, and the sentence that says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduler.planning.day_facts import ChairFacts, DayFacts, Held
from scheduler.planning.daybook import Day
from scheduler.planning.interval import Interval
from scheduler.planning.visit import Part, VisitShape
from tests.unit.planning_clinic import MOOD, NEW_YORK, TALK, at, facts, held

WED = date(2027, 1, 13)
SUN = date(2027, 1, 17)


def only_chair(one: DayFacts) -> DayFacts:
    return replace(one, chairs=one.chairs[:1])


def refused(one: DayFacts, hour: int, minute: int = 0, shape: VisitShape = MOOD) -> dict[str, str]:
    refusals = Day.build(one).refusals(shape, 1, at(WED, hour, minute))
    return {refusal.rule: refusal.sentence for refusal in refusals}


def test_one_chair_from_nine_to_five_takes_four_mood_visits_a_day() -> None:
    nine_to_five = Interval(at(WED, 9), at(WED, 17))
    chair = ChairFacts(chair_id=1, name="Chair 1", open=(nine_to_five,))
    day = Day.build(replace(facts(WED), chairs=(chair,)))
    booked = 0
    while offered := day.free(MOOD):
        day.book(MOOD, offered[0].chair_id, offered[0].starts_at)
        booked += 1
    assert booked == 4


def test_the_chair_claim_with_its_turnaround_lies_within_opening_hours() -> None:
    last = max(start.starts_at for start in Day.build(facts(WED)).free(MOOD))
    assert last == at(WED, 15, 15)
    assert refused(facts(WED), 15, 20)["H3"] == (
        "On Wed 13 Jan the site is open 8:00 am to 5:00 pm."
        " This visit would hold Chair 1 3:20 to 5:05 pm."
    )


def test_a_closed_weekday_offers_nothing_and_says_so() -> None:
    day = Day.build(facts(SUN))
    assert day.free(MOOD) == []
    refusal = day.refusal(MOOD, 1, at(SUN, 9))
    assert refusal is not None
    assert (refusal.rule, refusal.sentence) == ("H3", "The site is closed on Sun 17 Jan.")


def test_a_closure_within_the_hours_is_named_as_a_closure() -> None:
    one = facts(WED)
    pieces = (Interval(at(WED, 8), at(WED, 10)), Interval(at(WED, 11), at(WED, 17)))
    closed = replace(one, chairs=(replace(one.chairs[0], open=pieces),))
    assert refused(closed, 9)["H4"] == "Chair 1 is closed 10:00 to 11:00 am on Wed 13 Jan."
    out = replace(one, chairs=(replace(one.chairs[0], open=()), *one.chairs[1:]))
    assert refused(out, 9)["H4"] == "Chair 1 is closed all day on Wed 13 Jan."


def test_a_taken_chair_is_named_with_its_times_turnaround_included() -> None:
    sentence = "Chair 1 is taken 9:00 to 10:45 am on Wed 13 Jan."
    assert refused(facts(WED, [held(WED, 9)]), 10, 40)["H1"] == sentence
    assert "H1" not in refused(facts(WED, [held(WED, 9)]), 10, 45)
    assert "H1" not in refused(facts(WED, [held(WED, 9, chair=2)]), 9, 15)


def test_two_infusions_are_as_much_as_one_nurse_can_watch() -> None:
    running = [held(WED, 9, chair=2), held(WED, 9, 25, chair=3)]
    assert refused(facts(WED, running, nurses=1), 9, 30) == {
        "H8": "Not enough nurse time at 9:30 am on Wed 13 Jan: 1 nurse on duty, already busy."
    }


def test_without_a_nurse_on_duty_only_visits_that_need_none_are_offered() -> None:
    nobody = facts(WED, nurses=0)
    assert refused(nobody, 9) == {
        "H8": "No nurse is on duty at 9:00 am on Wed 13 Jan.",
        "H8-starts": "No nurse can start a visit 9:00 to 9:15 am on Wed 13 Jan.",
    }
    assert Day.build(nobody).free(MOOD) == []
    assert Day.build(nobody).fits(TALK, 1, at(WED, 9))


def test_a_nurse_starts_one_visit_in_a_clock_quarter() -> None:
    watching = replace(MOOD, parts=(Part(name="infusion", minutes=60, nurse=((60, 10),)),))
    begun = facts(WED, [held(WED, 9, chair=2, shape=watching)], nurses=1)
    assert refused(begun, 9, 10, watching) == {
        "H8-starts": "1 visit may start 9:00 to 9:15 am on Wed 13 Jan, and as many already do."
    }
    assert refused(begun, 9, 15, watching) == {}
    assert refused(begun, 9, 10, TALK) == {}
    twice = replace(begun, starts_per_nurse=2)
    assert refused(twice, 9, 10, watching) == {}


def test_starts_stand_on_the_grid_and_on_the_step() -> None:
    quarters = replace(facts(WED), start_step_minutes=15)
    sentence = "Visits start in steps of 5 and 15 minutes; 9:05 am is between."
    assert refused(quarters, 9, 5) == {"grid": sentence}
    assert {start.starts_at.minute for start in Day.build(quarters).free(MOOD)} == {0, 15, 30, 45}


def test_a_chair_of_another_site_is_refused() -> None:
    refusal = Day.build(facts(WED)).refusal(MOOD, 99, at(WED, 9))
    assert refusal is not None
    assert refusal.rule == "chair"


def test_a_visit_off_the_grid_holds_every_slot_that_it_touches() -> None:
    odd = [held(WED, 9, 2, chair=1)]
    day = Day.build(only_chair(facts(WED, odd)))
    assert not day.fits(TALK, 1, at(WED, 8, 35))
    assert day.fits(TALK, 1, at(WED, 8, 30))
    assert not day.fits(TALK, 1, at(WED, 10, 45))
    assert day.fits(TALK, 1, at(WED, 10, 50))


def test_a_hole_that_no_visit_fits_in_is_a_sliver() -> None:
    day = Day.build(only_chair(facts(WED, [held(WED, 10)])))
    assert day.slivers_at(TALK, 1, at(WED, 9, 30)) == 0
    assert day.slivers_at(TALK, 1, at(WED, 9, 25)) == 1
    assert day.slivers_at(TALK, 1, at(WED, 8, 5)) == 1
    assert day.slivers_at(TALK, 1, at(WED, 8, 30)) == 0


def test_a_refused_booking_changes_nothing_and_names_the_reason() -> None:
    day = Day.build(facts(WED, [held(WED, 9)]))
    before = day.free(MOOD)
    with pytest.raises(ValueError, match="Chair 1 is taken"):
        day.book(MOOD, 1, at(WED, 9, 15))
    assert day.free(MOOD) == before
    with pytest.raises(ValueError, match="not in list"):
        day.unbook(MOOD, 1, at(WED, 9, 15))


def test_taking_one_of_two_overlapping_visits_away_keeps_the_other_ones_time() -> None:
    """Overlaps cannot be booked, but imported data may have them."""
    day = Day.build(facts(WED, [held(WED, 9), held(WED, 9, 30)]))
    day.unbook(MOOD, 1, at(WED, 9))
    assert day.fits(TALK, 1, at(WED, 9))
    assert not day.fits(TALK, 1, at(WED, 9, 30))


def test_a_day_without_chairs_offers_nothing() -> None:
    day = Day.build(replace(facts(WED), chairs=()))
    assert day.free(MOOD) == []


def test_a_visit_that_is_longer_than_the_day_is_offered_nowhere() -> None:
    long = VisitShape(parts=(Part(name="infusion", minutes=24 * 60),))
    assert Day.build(facts(WED)).free(long) == []


def test_a_visit_beside_the_day_does_not_count_in_it() -> None:
    yesterday = Held(chair_id=1, starts_at=at(WED, 9) - timedelta(days=1), shape=MOOD)
    assert Day.build(facts(WED, [yesterday])).free(MOOD) == Day.build(facts(WED)).free(MOOD)


@pytest.mark.parametrize(
    ("on", "closes"), [(date(2027, 3, 14), 7), (date(2027, 1, 17), 8), (date(2027, 11, 7), 9)]
)
def test_on_the_days_of_a_clock_change_a_night_has_one_hour_less_or_more(
    on: date, closes: int
) -> None:
    night = Interval(at(on, 0), at(on, 8))
    chair = ChairFacts(chair_id=1, name="Chair 1", open=(night,))
    day = Day.build(DayFacts(on=on, zone=NEW_YORK, chairs=(chair,), cover=((night, 1),)))
    hour = VisitShape(parts=(Part(name="infusion", minutes=60, nurse=((60, 100),)),))
    booked = 0
    while offered := day.free(hour):
        day.book(hour, 1, offered[0].starts_at)
        booked += 1
    assert booked == closes


@pytest.mark.parametrize("minutes", [0, 16])
def test_a_grid_is_1_to_15_minutes(minutes: int) -> None:
    with pytest.raises(ValueError, match="grid"):
        replace(facts(WED), grid_minutes=minutes)
