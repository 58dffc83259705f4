"""Providers, pumps, monitors and the limits on starts of a day: what they offer and what they
say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest

from scheduler.planning.day_facts import Counts, DayFacts, Load
from scheduler.planning.daybook import CAPACITY_RULES, Day
from scheduler.planning.interval import Interval
from scheduler.planning.visit import Part, VisitShape
from tests.unit.planning_clinic import MOOD, TALK, at, facts, held

WED = date(2027, 1, 13)
IRON = VisitShape(
    parts=(
        Part(name="prep", minutes=10),
        Part(name="infusion", minutes=60, pump=1, monitor=1),
        Part(name="turnaround", minutes=10),
    )
)
"""Not sedating: a pump and a monitor for its second part, no provider."""
WATCHED = replace(IRON, parts=(IRON.parts[0], Part(name="infusion", minutes=60, provider=True)))
SLEEP = replace(TALK, sedating=True)
"""Half an hour, sedating, no nurse."""


def span(first: int, last: int) -> Interval:
    return Interval(at(WED, first), at(WED, last))


def all_day(number: int, *changes: tuple[Interval, int]) -> Counts:
    return ((span(8, 17), number), *changes)


def clinic(**changed: Any) -> DayFacts:
    """Ten nurses, one provider for 4 patients; three monitors and no count of pumps."""
    usual: dict[str, Any] = {
        "providers": all_day(1),
        "patients_per_provider": 4,
        "monitors": all_day(3),
    }
    return replace(facts(WED, chairs=6, nurses=10), **{**usual, **changed})


def refused(one: DayFacts, starts_at: datetime, shape: VisitShape) -> dict[str, str]:
    found = Day.build(one).refusals(shape, 1, starts_at)
    return {refusal.rule: refusal.sentence for refusal in found}


def test_a_site_without_a_provider_takes_no_sedating_visit_that_day() -> None:
    nobody = clinic(providers=())
    assert Day.build(nobody).free(MOOD) == []
    assert refused(nobody, at(WED, 9), MOOD) == {
        "H9": "No provider is on site on Wed 13 Jan. Cover, under Setup, says when."
    }
    assert refused(nobody, at(WED, 9), IRON) == {}


def test_a_provider_stays_from_prep_to_discharge_and_the_turnaround_is_without_one() -> None:
    """A mood visit keeps its patient for 90 minutes; 15 more belong to the chair alone."""
    until_two = clinic(providers=((span(8, 14), 1),))
    assert refused(until_two, at(WED, 12, 30), MOOD) == {}
    assert refused(until_two, at(WED, 12, 35), MOOD) == {
        "H15": "The last provider leaves at 2:00 pm on Wed 13 Jan;"
        " this visit would need one until 2:05 pm."
    }


def test_a_provider_who_is_away_over_lunch_is_missed_by_visits_that_last_into_it() -> None:
    lunch = clinic(providers=all_day(1, (span(13, 14), -1)))
    assert refused(lunch, at(WED, 12), MOOD) == {
        "H15": "No provider is on site 1:00 to 2:00 pm on Wed 13 Jan;"
        " this visit would need one until 1:30 pm."
    }
    assert refused(lunch, at(WED, 13, 30), MOOD) == {
        "H9": "No provider is on site 1:00 to 2:00 pm on Wed 13 Jan."
    }
    assert refused(lunch, at(WED, 14), MOOD) == {}


def test_a_provider_has_so_many_patients_at_a_time() -> None:
    running = [held(WED, 9, chair=2, shape=SLEEP), held(WED, 9, 5, chair=3, shape=SLEEP)]
    two = clinic(patients_per_provider=2, held=tuple(running))
    assert refused(two, at(WED, 9, 10), SLEEP) == {
        "H9": "1 provider on site 9:10 to 9:30 am on Wed 13 Jan for at most 2 patients,"
        " and that is booked."
    }
    assert refused(two, at(WED, 9, 30), SLEEP) == {}
    assert refused(two, at(WED, 9, 10), TALK) == {}
    assert refused(replace(two, providers=all_day(2)), at(WED, 9, 10), SLEEP) == {}


def test_a_visit_that_is_not_sedating_needs_a_provider_for_the_parts_that_say_so() -> None:
    from_nine = clinic(providers=((span(9, 17), 1),))
    assert refused(from_nine, at(WED, 8, 50), WATCHED) == {}
    assert "H9" in refused(from_nine, at(WED, 8, 45), WATCHED)
    assert "H9" in refused(from_nine, at(WED, 8, 50), replace(WATCHED, sedating=True))


def test_monitors_in_use_never_exceed_those_there_are() -> None:
    running = tuple(held(WED, 9, chair=chair, shape=IRON) for chair in (2, 3, 4))
    busy = clinic(held=running)
    assert refused(busy, at(WED, 9), IRON) == {
        "H10-monitor": "All 3 monitors are in use 9:10 to 10:10 am on Wed 13 Jan."
    }
    assert refused(busy, at(WED, 10), IRON) == {}
    assert refused(replace(busy, monitors=all_day(4)), at(WED, 9), IRON) == {}
    assert refused(replace(busy, monitors=None), at(WED, 9), IRON) == {}


def test_a_pump_out_of_service_is_one_less() -> None:
    one_less = clinic(pumps=all_day(1, (span(12, 13), -1)))
    assert refused(one_less, at(WED, 12), IRON) == {
        "H10-pump": "No pump is in service 12:10 to 1:00 pm on Wed 13 Jan."
    }
    assert refused(clinic(pumps=all_day(0)), at(WED, 9), IRON) == {
        "H10-pump": "No pump is in service 9:10 am to 5:00 pm on Wed 13 Jan."
    }
    assert refused(one_less, at(WED, 13), IRON) == {}
    taken = replace(one_less, held=(held(WED, 9, chair=2, shape=IRON),))
    assert refused(taken, at(WED, 9), IRON) == {
        "H10-pump": "The only pump is in use 9:10 to 10:10 am on Wed 13 Jan."
    }


def test_two_pumps_for_one_visit_are_both_counted() -> None:
    double = replace(IRON, parts=(Part(name="infusion", minutes=60, pump=2),))
    three = clinic(pumps=all_day(3), held=(held(WED, 9, chair=2, shape=double),))
    assert refused(three, at(WED, 9), double) == {
        "H10-pump": "This visit needs 2 pumps, and 1 of 3 is free 9:00 to 10:00 am on Wed 13 Jan."
    }
    assert refused(three, at(WED, 10), double) == {}


def test_a_site_may_cap_sedating_visits_for_each_nurse() -> None:
    running = (held(WED, 9, chair=2, shape=SLEEP), held(WED, 9, chair=3, shape=SLEEP))
    capped = replace(
        clinic(held=running), cover=all_day(1), max_sedating_per_nurse=2, starts_per_nurse=9
    )
    assert refused(capped, at(WED, 9, 15), SLEEP) == {
        "H8-sedating": "At most 2 sedating visits at a time with 1 nurse,"
        " and that is booked 9:15 to 9:30 am on Wed 13 Jan."
    }
    assert refused(capped, at(WED, 9, 15), TALK) == {}
    assert refused(replace(capped, cover=all_day(2)), at(WED, 9, 15), SLEEP) == {}


def test_no_visit_starts_after_the_last_start_of_the_day() -> None:
    early = clinic(latest_start=time(14))
    assert refused(early, at(WED, 14), TALK) == {}
    assert refused(early, at(WED, 14, 5), TALK) == {
        "H15": "The last start on Wed 13 Jan is at 2:00 pm."
    }
    assert max(start.starts_at for start in Day.build(early).free(TALK)) == at(WED, 14)
    midnight = clinic(latest_start=time(0))
    assert Day.build(midnight).free(TALK) == Day.build(clinic()).free(TALK)


def test_what_is_used_beside_the_visits_is_not_there_for_them() -> None:
    other = Load(resource="monitor", span=span(12, 13), hundredths=250)
    assert refused(clinic(loads=(other,)), at(WED, 12), IRON) == {
        "H10-monitor": "All 3 monitors are in use 12:10 to 1:00 pm on Wed 13 Jan."
    }
    half = replace(other, hundredths=50)
    assert refused(clinic(loads=(half,)), at(WED, 12), IRON) == {}


@pytest.mark.parametrize("wrong", [{"resource": "chair"}, {"hundredths": -1}])
def test_a_load_names_a_resource_and_is_never_negative(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a load is"):
        replace(Load(resource="pump", span=span(8, 9), hundredths=100), **wrong)


def test_away_beyond_those_who_are_there_is_nobody_and_never_less() -> None:
    away = clinic(providers=all_day(1, (span(9, 12), -3), (span(11, 12), 1)))
    assert "H9" in refused(away, at(WED, 9), SLEEP)
    assert "H9" in refused(away, at(WED, 11), SLEEP)
    assert refused(away, at(WED, 12), SLEEP) == {}
    nurses = replace(clinic(), cover=all_day(1, (span(9, 12), -3)))
    assert refused(nurses, at(WED, 9), MOOD)["H8"] == (
        "No nurse is on duty at 9:00 am on Wed 13 Jan."
    )


def test_limits_on_starts_may_be_given_by_clock_quarter() -> None:
    nursed = replace(TALK, parts=(Part(name="infusion", minutes=60, nurse=((0, 10),)),))
    nine = Interval(at(WED, 9), at(WED, 9, 15))
    limited = clinic(start_limits=((nine, 1),))
    assert {start.starts_at for start in Day.build(limited).free(nursed)} == {
        at(WED, 9),
        at(WED, 9, 5),
        at(WED, 9, 10),
    }


@pytest.mark.parametrize("rule", sorted(CAPACITY_RULES))
def test_each_rule_can_be_left_out_to_find_the_one_that_stops_a_plan(rule: str) -> None:
    """Nothing is there: with one rule left out the others still stop everything."""
    nothing = replace(
        clinic(providers=(), monitors=(), pumps=(), latest_start=time(7), held=()),
        cover=(),
        max_sedating_per_nurse=1,
    )
    every = replace(
        IRON,
        sedating=True,
        parts=(Part(name="infusion", minutes=60, pump=1, monitor=1, nurse=((0, 50),)),),
    )
    day = Day.build(nothing)
    print_ = day.footprint(every)
    assert day.starts(print_, CAPACITY_RULES) != 0
    only_this = day.starts(print_, CAPACITY_RULES - {rule})
    assert (only_this == 0) == (rule != "H1")
    assert day.starts(print_, frozenset({rule})) == 0


def test_what_a_booking_takes_is_gone_at_once_and_back_when_it_is_given_back() -> None:
    day = Day.build(clinic(monitors=all_day(1)))
    assert at(WED, 9) in {start.starts_at for start in day.free(IRON)}
    day.book(IRON, 2, at(WED, 9))
    assert at(WED, 9) not in {start.starts_at for start in day.free(IRON)}
    day.unbook(IRON, 2, at(WED, 9))
    assert at(WED, 9) in {start.starts_at for start in day.free(IRON)}


def test_limits_for_one_clock_quarter_add_up() -> None:
    nursed = replace(TALK, parts=(Part(name="infusion", minutes=60, nurse=((0, 10),)),))
    nine = Interval(at(WED, 9), at(WED, 9, 15))
    begun = (held(WED, 9, chair=2, shape=nursed),)
    twice = clinic(start_limits=((nine, 1), (nine, 1)), held=begun)
    assert refused(twice, at(WED, 9), nursed) == {}
