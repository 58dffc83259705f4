"""Wall clocks, opening hours and cover, on plain days and on the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.planning.interval import Interval
from scheduler.planning.opening import (
    CoverSpan,
    OpeningSpan,
    cover_spans,
    day_span,
    exists,
    instant,
    is_ambiguous,
    local,
    open_spans,
)

NEW_YORK = ZoneInfo("America/New_York")
SPRING, AUTUMN, PLAIN = date(2027, 3, 14), date(2027, 11, 7), date(2027, 1, 13)


def utc(on: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(on, time(hour, minute), tzinfo=UTC)


@pytest.mark.parametrize(
    ("on", "wall", "hour", "minute"),
    [
        (PLAIN, time(9), 14, 0),
        (SPRING, time(1, 59), 6, 59),
        (SPRING, time(3), 7, 0),
        (SPRING, time(9), 13, 0),
        (AUTUMN, time(0, 59), 4, 59),
        (AUTUMN, time(2), 7, 0),
        (AUTUMN, time(9), 14, 0),
    ],
)
def test_a_wall_time_is_one_instant(on: date, wall: time, hour: int, minute: int) -> None:
    assert instant(NEW_YORK, on, wall) == utc(on, hour, minute)
    assert exists(NEW_YORK, on, wall)
    assert not is_ambiguous(NEW_YORK, on, wall)


def test_a_wall_time_that_the_spring_change_skips_moves_forward_by_the_gap() -> None:
    assert not exists(NEW_YORK, SPRING, time(2, 30))
    assert not is_ambiguous(NEW_YORK, SPRING, time(2, 30))
    assert local(NEW_YORK, instant(NEW_YORK, SPRING, time(2, 30))).time() == time(3, 30)


def test_a_wall_time_that_the_autumn_change_shows_twice_is_the_first_of_the_two() -> None:
    assert exists(NEW_YORK, AUTUMN, time(1, 30))
    assert is_ambiguous(NEW_YORK, AUTUMN, time(1, 30))
    assert instant(NEW_YORK, AUTUMN, time(1, 30)) == utc(AUTUMN, 5, 30)
    assert instant(NEW_YORK, AUTUMN, time(1, 30, fold=1)) == utc(AUTUMN, 5, 30)


def test_a_day_has_23_24_or_25_hours() -> None:
    hours = [day_span(NEW_YORK, on).minutes // 60 for on in (SPRING, PLAIN, AUTUMN)]
    assert hours == [23, 24, 25]


def test_a_day_whose_midnight_is_skipped_begins_at_one() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    spring = date(2027, 3, 28)
    assert not exists(beirut, spring, time())
    assert day_span(beirut, spring).minutes == 23 * 60
    assert local(beirut, day_span(beirut, spring).starts_at).time() == time(1)


def test_a_date_that_a_zone_never_had_has_no_day() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        day_span(ZoneInfo("Pacific/Apia"), date(2011, 12, 30))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local(NEW_YORK, datetime(2027, 1, 13, 9))  # noqa: DTZ001


def test_opening_hours_of_a_weekday_are_open_without_its_closures() -> None:
    hours = [OpeningSpan(2, time(8), time(12)), OpeningSpan(2, time(13), time(17))]
    lunch_runs_late = Interval(utc(PLAIN, 17), utc(PLAIN, 18, 30))
    assert open_spans(NEW_YORK, PLAIN, hours, [lunch_runs_late]) == (
        Interval(utc(PLAIN, 13), utc(PLAIN, 17)),
        Interval(utc(PLAIN, 18, 30), utc(PLAIN, 22)),
    )
    assert open_spans(NEW_YORK, PLAIN + timedelta(days=1), hours) == ()


def test_closing_at_midnight_is_the_end_of_that_day() -> None:
    always = [OpeningSpan(6, time(), time())]
    for on, hours in ((SPRING, 23), (AUTUMN, 25)):
        assert open_spans(NEW_YORK, on, always) == (day_span(NEW_YORK, on),)
        assert open_spans(NEW_YORK, on, always)[0].minutes == hours * 60


def test_hours_that_lie_in_the_skipped_hour_move_on_or_are_gone() -> None:
    assert open_spans(NEW_YORK, SPRING, [OpeningSpan(6, time(2, 15), time(2, 45))]) == (
        Interval(utc(SPRING, 7, 15), utc(SPRING, 7, 45)),
    )
    assert open_spans(NEW_YORK, SPRING, [OpeningSpan(6, time(2, 30), time(3, 15))]) == ()


@pytest.mark.parametrize(
    ("weekday", "opens", "closes"),
    [(7, time(8), time(9)), (0, time(9), time(8)), (0, time(9), time(9))],
)
def test_hours_that_end_before_they_begin_are_refused(
    weekday: int, opens: time, closes: time
) -> None:
    with pytest.raises(ValueError, match=r"weekday|end comes after"):
        OpeningSpan(weekday, opens, closes)


def test_overlapping_rows_of_cover_add_up() -> None:
    rows = [
        CoverSpan(2, time(8), time(12), 2),
        CoverSpan(2, time(10), time(14), 1),
        CoverSpan(2, time(12), time(14), 2),
        CoverSpan(2, time(16), time(17), 0),
        CoverSpan(3, time(8), time(17), 9),
    ]
    assert cover_spans(NEW_YORK, PLAIN, rows) == (
        (Interval(utc(PLAIN, 13), utc(PLAIN, 15)), 2),
        (Interval(utc(PLAIN, 15), utc(PLAIN, 19)), 3),
    )


def test_fewer_than_no_nurses_are_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        CoverSpan(2, time(8), time(9), -1)
