"""Recovery bays: where the chair is not free for the whole stay, its last part may be spent in one
(domain C10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from scheduler.planning.day_facts import ChairFacts, DayFacts, Held
from scheduler.planning.daybook import Day
from scheduler.planning.interval import Interval
from scheduler.planning.slots.chairs import Seat
from scheduler.planning.visit import VisitShape
from tests.unit.planning_clinic import MOOD, TALK, at, facts, held

WED = date(2027, 1, 13)
BAYS = (8, 9)
REST = VisitShape(
    parts=tuple(
        replace(part, nurse=(), bay=part.name == "recovery")
        for part in MOOD.parts
        if part.name != "checkin"
    )
)
"""55 minutes until recovery, 35 to leaving, 15 of turnaround: the chair may be free after 70."""


def clinic(*visits: Held, bays: int = 1) -> DayFacts:
    """One chair and some bays, 8:00 am to 5:00 pm."""
    usual = facts(WED, visits, chairs=1)
    more = tuple(
        ChairFacts(chair_id=number, name=f"Bay {number}", open=usual.hours, kind="bay")
        for number in BAYS[:bays]
    )
    return replace(usual, chairs=usual.chairs + more)


NEXT = held(WED, 10, 30, shape=TALK)
"""Chair 1 is taken from 10:30 on."""


def test_a_chair_that_is_free_for_the_whole_stay_is_held_for_all_of_it() -> None:
    day = Day.build(clinic())
    assert day.seat(REST, 1, at(WED, 9)) == Seat(1)
    assert day.seat(REST, 1, at(WED, 9), bay_id=8) == Seat(1)
    assert day.book(REST, 1, at(WED, 9)) == Seat(1)
    assert day.fits(TALK, 8, at(WED, 10), kind="bay")


def test_a_stay_is_split_where_the_chair_is_needed_before_its_end() -> None:
    day = Day.build(clinic(NEXT))
    assert day.book(REST, 1, at(WED, 9, 20)) == Seat(1, 8)
    assert not day.fits(TALK, 8, at(WED, 9, 50), kind="bay")
    assert not day.fits(TALK, 8, at(WED, 11), kind="bay")
    assert day.fits(TALK, 8, at(WED, 11, 5), kind="bay")
    assert day.fits(TALK, 8, at(WED, 9, 45), kind="bay")


def test_the_chair_is_cleaned_after_the_patient_has_gone_to_the_bay() -> None:
    assert Day.build(clinic(NEXT)).fits(REST, 1, at(WED, 9, 20))
    assert not Day.build(clinic(NEXT)).fits(REST, 1, at(WED, 9, 25))


def test_without_a_bay_or_with_none_free_the_stay_is_not_split() -> None:
    starts_at = at(WED, 9, 20)
    alone = Day.build(clinic(NEXT, bays=0)).refusal(REST, 1, starts_at)
    assert alone is not None
    assert alone.sentence == "Chair 1 is taken 10:30 to 11:00 am on Wed 13 Jan."
    full = clinic(NEXT, Held(chair_id=8, starts_at=at(WED, 10), shape=TALK))
    refusal = Day.build(full).refusal(REST, 1, starts_at)
    assert refusal is not None
    assert (refusal.rule, refusal.sentence) == (
        "H1",
        "Chair 1 is taken 10:30 to 11:00 am on Wed 13 Jan,"
        " and no recovery bay is free 10:15 to 11:05 am.",
    )
    assert refusal.span == Interval(at(WED, 10, 15), at(WED, 11, 5))


def test_the_first_free_bay_is_taken_unless_one_is_named() -> None:
    day = Day.build(clinic(NEXT, bays=2))
    assert day.seat(REST, 1, at(WED, 9, 20)) == Seat(1, 8)
    assert day.seat(REST, 1, at(WED, 9, 20), bay_id=9) == Seat(1, 9)
    day.hold(Held(chair_id=8, starts_at=at(WED, 10), shape=TALK))
    assert day.seat(REST, 1, at(WED, 9, 20)) == Seat(1, 9)
    refusal = day.refusal(REST, 1, at(WED, 9, 20), bay_id=8)
    assert refusal is not None
    assert refusal.sentence.endswith(", and Bay 8 is not free 10:15 to 11:05 am.")


def test_a_bay_goes_on_where_a_chair_closes_early() -> None:
    usual = clinic()
    early = Interval(at(WED, 8), at(WED, 15))
    one = replace(usual, chairs=(replace(usual.chairs[0], open=(early,)), *usual.chairs[1:]))
    day = Day.build(one)
    assert day.seat(REST, 1, at(WED, 13, 50)) == Seat(1, 8)
    assert day.seat(REST, 1, at(WED, 13, 55)) is None
    day.hold(Held(chair_id=8, starts_at=at(WED, 15), shape=TALK))
    refusal = day.refusal(REST, 1, at(WED, 13, 50))
    assert refusal is not None
    assert refusal.rule == "H1"
    assert refusal.sentence.startswith("Chair 1 is closed 3:00 to 3:35 pm on Wed 13 Jan, and no")


def test_no_visit_starts_in_a_bay_unless_bays_are_asked_for() -> None:
    day = Day.build(clinic())
    assert {start.chair_id for start in day.free(TALK)} == {1}
    assert {start.chair_id for start in day.free(TALK, kind="bay")} == {8}
    refusal = day.refusal(TALK, 8, at(WED, 9))
    assert refusal is not None
    assert (refusal.rule, refusal.sentence) == (
        "chair",
        "Bay 8 is a recovery bay. Visits end there and do not start there.",
    )
    other = day.refusal(TALK, 1, at(WED, 9), kind="room")
    assert other is not None
    assert other.sentence == "Chair 1 is of another kind."


def test_a_hole_beside_a_split_stay_counts_from_when_its_chair_is_free_again() -> None:
    """70 minutes from 9:10: a hole of 10 minutes before 10:30; the whole stay would pass it."""
    day = Day.build(clinic(NEXT))
    assert day.slivers_at(REST, 1, at(WED, 9, 10)) == 1
    assert day.slivers_at(REST, 1, at(WED, 9, 20)) == 0


def test_a_held_stay_with_a_bay_gives_both_back() -> None:
    stay = Held(chair_id=1, starts_at=at(WED, 9, 20), shape=REST, bay_id=8)
    day = Day.build(clinic(NEXT, stay))
    assert (stay.span, stay.bay_span) == (
        Interval(at(WED, 9, 20), at(WED, 10, 30)),
        Interval(at(WED, 10, 15), at(WED, 11, 5)),
    )
    with pytest.raises(ValueError, match="not in list"):
        day.unbook(REST, 1, at(WED, 9, 20))
    day.unbook(REST, 1, at(WED, 9, 20), bay_id=8)
    assert day.free(REST) == Day.build(clinic(NEXT)).free(REST)
    assert day.free(TALK, kind="bay") == Day.build(clinic(NEXT)).free(TALK, kind="bay")


def test_giving_a_bay_back_changes_nothing_for_a_visit_that_holds_it_twice() -> None:
    """As its chair and as its bay: rows from elsewhere may say so, and the two spans overlap."""
    twice = Held(chair_id=8, starts_at=at(WED, 13), shape=REST, bay_id=8)
    day = Day.build(clinic(NEXT, twice))
    assert day.fits(TALK, 8, at(WED, 14, 45), kind="bay")
    assert day.book(REST, 1, at(WED, 9, 20)) == Seat(1, 8)
    day.unbook(REST, 1, at(WED, 9, 20), bay_id=8)
    assert day.fits(TALK, 8, at(WED, 14, 45), kind="bay")
