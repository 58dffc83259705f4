"""Scheduled utilisation: what counts as open, what as booked, and where."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.models.visit import VISIT_STATES
from scheduler.planning.interval import Interval, subtract
from scheduler.planning.opening import OpeningSpan, day_span, instant, open_spans
from scheduler.planning.utilisation import (
    COUNTED_STATES,
    PRIME_HOURS,
    Cell,
    ChairDay,
    HeldChair,
    Sheet,
    Slice,
    Tally,
    sheet,
)

ZONE = ZoneInfo("America/New_York")
MON, TUE = date(2027, 1, 11), date(2027, 1, 12)
SPRING, AUTUMN = date(2027, 3, 14), date(2026, 11, 1)
ALL_DAY = [OpeningSpan(weekday, time(0), time(0)) for weekday in range(7)]


def at(on: date, hour: int, minute: int = 0) -> datetime:
    return instant(ZONE, on, time(hour, minute))


def span(on: date, first: str, last: str) -> Interval:
    begins, ends = time.fromisoformat(first), time.fromisoformat(last)
    return Interval(instant(ZONE, on, begins), instant(ZONE, on, ends))


def chair_day(on: date, *closed: Interval, chair_id: int = 1) -> ChairDay:
    """Nine to five, without what is closed."""
    hours = (span(on, "09:00", "17:00"),)
    return ChairDay(chair_id=chair_id, on=on, hours=hours, open=subtract(hours, closed))


def visit(visit_id: int, place: Interval, *, chair_id: int = 1, missed: bool = False) -> HeldChair:
    return HeldChair(visit_id=visit_id, chair_id=chair_id, span=place, missed=missed)


def monday(*held: HeldChair, closed: tuple[Interval, ...] = ()) -> Sheet:
    return sheet(ZONE, [chair_day(MON, *closed)], held)


def test_a_chair_booked_half_of_its_open_time_is_half_used() -> None:
    total = monday(visit(1, span(MON, "09:00", "13:00"))).total()
    assert total == Tally(open=480, booked=240)
    assert total.percent == 50


def test_a_bay_counts_where_it_is_asked_for_and_in_no_other_figure() -> None:
    held = (
        visit(1, span(MON, "09:00", "10:10")),
        visit(1, span(MON, "09:55", "10:45"), chair_id=9),
    )
    days = [chair_day(MON), chair_day(MON, chair_id=9)]
    counted = sheet(ZONE, days, held, frozenset({9}))
    assert counted.total() == counted.total(Slice(chair_id=1)) == Tally(open=480, booked=70)
    assert counted.total(Slice(chair_id=9)) == Tally(open=480, booked=50)
    assert counted.visits() == {1: Tally(booked=70)}
    assert counted.visits(Slice(chair_id=9)) == {1: Tally(booked=50)}
    assert set(counted.grouped(lambda cell: cell.chair_id)) == {1}


def test_closures_that_overlap_are_taken_off_once() -> None:
    closed = (span(MON, "12:00", "14:00"), span(MON, "13:00", "15:00"))
    assert monday(closed=closed).total() == Tally(open=300, closed=180)


def test_a_chair_out_of_service_offers_no_minute_and_its_hours_count_as_closed() -> None:
    day = ChairDay(chair_id=1, on=MON, hours=(span(MON, "09:00", "17:00"),), open=())
    total = sheet(ZONE, [day], []).total()
    assert total == Tally(closed=480)
    assert total.percent is None


def test_minutes_before_opening_after_closing_or_in_a_closure_are_counted_apart() -> None:
    early = visit(1, span(MON, "08:30", "10:00"))
    late = visit(2, span(MON, "16:30", "17:15"))
    within_closure = visit(3, span(MON, "11:30", "12:30"))
    total = monday(early, late, within_closure, closed=(span(MON, "12:00", "13:00"),)).total()
    assert total == Tally(open=420, booked=60 + 30 + 30, outside=30 + 15 + 30, closed=60)


def test_a_no_show_counts_because_its_time_was_booked() -> None:
    assert monday(visit(1, span(MON, "09:00", "10:00"), missed=True)).total().booked == 60


def test_a_no_shows_place_that_was_given_away_counts_once_and_for_the_visit_that_came() -> None:
    missed = visit(1, span(MON, "09:00", "11:00"), missed=True)
    came = visit(2, span(MON, "09:30", "10:30"))
    found = monday(missed, came)
    assert found.total().booked == 120
    assert {number: tally.booked for number, tally in found.visits().items()} == {1: 60, 2: 60}


def test_a_visit_of_another_chair_does_not_count() -> None:
    assert monday(visit(1, span(MON, "09:00", "10:00"), chair_id=2)).total().booked == 0


def test_a_visit_over_midnight_gives_each_date_its_own_minutes() -> None:
    days = [
        ChairDay(chair_id=1, on=on, hours=(day_span(ZONE, on),), open=(day_span(ZONE, on),))
        for on in (MON, TUE)
    ]
    night = visit(1, Interval(at(MON, 23), at(TUE, 0, 45)))
    found = sheet(ZONE, days, [night])
    assert found.grouped(lambda cell: cell.on) == {MON: Tally(1440, 60), TUE: Tally(1440, 45)}


@pytest.mark.parametrize(("on", "minutes"), [(SPRING, 23 * 60), (AUTUMN, 25 * 60), (MON, 24 * 60)])
def test_a_day_has_as_many_open_minutes_as_it_really_has(on: date, minutes: int) -> None:
    open_all_day = open_spans(ZONE, on, ALL_DAY)
    day = ChairDay(chair_id=1, on=on, hours=open_all_day, open=open_all_day)
    assert sheet(ZONE, [day], []).total().open == minutes


def test_an_hour_shown_twice_has_120_minutes_and_a_skipped_one_has_no_cell() -> None:
    days = [
        ChairDay(chair_id=1, on=on, hours=(day_span(ZONE, on),), open=(day_span(ZONE, on),))
        for on in (SPRING, AUTUMN)
    ]
    cells = sheet(ZONE, days, []).cells
    assert cells[Cell(1, AUTUMN, 1)].open == 120
    assert Cell(1, SPRING, 2) not in cells
    assert cells[Cell(1, SPRING, 3)].open == 60


def test_a_visit_stands_in_the_hours_of_the_sites_own_clock() -> None:
    found = monday(visit(1, span(MON, "10:30", "12:15")))
    booked = found.grouped(lambda cell: cell.hour, Slice(weekday=0))
    assert [booked[hour].booked for hour in (9, 10, 11, 12, 13)] == [0, 30, 60, 15, 0]


def test_a_slice_holds_only_what_meets_all_of_it() -> None:
    days = [chair_day(on, chair_id=chair) for on in (MON, TUE) for chair in (1, 2)]
    held = [
        visit(1, span(MON, "09:00", "11:00")),
        visit(2, span(TUE, "10:00", "12:00")),
        visit(3, span(TUE, "13:00", "15:00"), chair_id=2),
    ]
    found = sheet(ZONE, days, held)
    assert found.visits(Slice(weekday=1)).keys() == {2, 3}
    assert found.visits(Slice(weekday=1, chair_id=1)).keys() == {2}
    assert found.visits(Slice(on=MON, hours=frozenset({11}))) == {}
    assert found.total(Slice(hours=PRIME_HOURS)) == Tally(open=4 * 240, booked=60 + 120 + 60)


def test_every_visit_state_is_decided_on() -> None:
    """A new state must be counted or left out on purpose."""
    left_out = {
        *("proposed", "held", "released", "cancelled", "displaced", "entered_in_error"),
    }  # fmt: skip
    assert set(VISIT_STATES) == COUNTED_STATES | left_out
    assert not COUNTED_STATES & left_out


def test_no_open_time_has_no_rate() -> None:
    assert Tally(outside=30).percent is None
    assert sheet(ZONE, [], []).total() == Tally()


def test_a_visit_that_takes_all_day_every_day_is_a_hundred_percent() -> None:
    days = [chair_day(MON + timedelta(days=number)) for number in range(5)]
    held = [visit(number, span(day.on, "09:00", "17:00")) for number, day in enumerate(days)]
    assert sheet(ZONE, days, held).total().percent == 100
