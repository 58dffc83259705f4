"""Minutes counted by the sheet against a plain loop over every minute, across changes of clocks."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.planning.interval import Interval, subtract
from scheduler.planning.opening import instant
from scheduler.planning.utilisation import Cell, ChairDay, HeldChair, Slice, Tally, sheet

DAYS = [
    (ZoneInfo("America/New_York"), date(2027, 1, 13)),
    (ZoneInfo("America/New_York"), date(2027, 3, 14)),
    (ZoneInfo("America/New_York"), date(2026, 11, 1)),
    (ZoneInfo("Australia/Lord_Howe"), date(2027, 4, 4)),
    (ZoneInfo("America/Havana"), date(2026, 11, 1)),
]
MINUTE = timedelta(minutes=1)


@st.composite
def spans(draw: st.DrawFn, noon: datetime, most: int) -> Interval:
    """Near local midnight to the small hours, where the clocks change."""
    first = draw(st.integers(-13 * 60, -6 * 60))
    begins = noon + timedelta(minutes=first)
    return Interval(begins, begins + timedelta(minutes=draw(st.integers(1, most))))


def each_minute(span: Interval) -> list[datetime]:
    return [span.starts_at + MINUTE * number for number in range(span.minutes)]


def plain_count(
    zone: ZoneInfo, days: list[ChairDay], held: list[HeldChair]
) -> tuple[Counter[Cell], Counter[Cell], Counter[Cell]]:
    """Open, booked and outside minutes of each cell."""
    open_, booked, outside = Counter[Cell](), Counter[Cell](), Counter[Cell]()
    for day in days:
        opened = {minute for span in day.open for minute in each_minute(span)}
        for minute in opened:
            open_[Cell(day.chair_id, day.on, minute.astimezone(zone).hour)] += 1
        taken = {
            minute
            for one in held
            if one.chair_id == day.chair_id
            for minute in each_minute(one.span)
            if minute.astimezone(zone).date() == day.on
        }
        for minute in taken:
            cell = Cell(day.chair_id, day.on, minute.astimezone(zone).hour)
            (booked if minute in opened else outside)[cell] += 1
    return open_, booked, outside


@settings(max_examples=60)
@given(st.data())
def test_every_cell_holds_what_a_loop_over_the_minutes_counts(data: st.DataObject) -> None:
    zone, on = data.draw(st.sampled_from(DAYS))
    noon = instant(zone, on, time(12))
    some = st.lists(spans(noon, 240), max_size=3)
    visits = st.tuples(st.sampled_from([1, 2]), spans(noon, 200), st.booleans())
    held = [
        HeldChair(visit_id=number, chair_id=chair, span=span, missed=missed)
        for number, (chair, span, missed) in enumerate(data.draw(st.lists(visits, max_size=6)))
    ]
    days = []
    for chair in (1, 2):
        dawn = Interval(instant(zone, on, time(0)), instant(zone, on, time(5)))
        opened = subtract([dawn], data.draw(some))
        days.append(ChairDay(chair_id=chair, on=on, hours=(dawn,), open=opened))
    found = sheet(zone, days, held)
    opened_, booked, outside = plain_count(zone, days, held)
    for cell in {*found.cells, *opened_, *booked, *outside}:
        tally = found.cells.get(cell, Tally())
        counted = (opened_[cell], booked[cell], outside[cell])
        assert (tally.open, tally.booked, tally.outside) == counted
    for only in (Slice(), Slice(chair_id=1), Slice(hours=frozenset({1}))):
        rows, total = found.visits(only).values(), found.total(only)
        assert sum(row.booked for row in rows) == total.booked
        assert sum(row.outside for row in rows) == total.outside
