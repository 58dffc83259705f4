"""Where a visit stands on a grid of wall time, also on the two days that break the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.planning.interval import Interval
from scheduler.planning.opening import instant
from scheduler.web.board_blocks import offset, on_grid

ZONE = ZoneInfo("America/New_York")
SPRING, AUTUMN = date(2027, 3, 14), date(2026, 11, 1)


def held(on: date, wall: str, minutes: int) -> Interval:
    begins = instant(ZONE, on, time.fromisoformat(wall))
    return Interval(begins, begins + timedelta(minutes=minutes))


def test_an_ordinary_visit_stands_from_its_start_to_its_end() -> None:
    place = held(date(2027, 1, 11), "13:30", 105)
    assert on_grid(place, ZONE) == ("2027-01-11T13:30", "2027-01-11T15:15")


def test_a_visit_over_the_skipped_hour_ends_where_the_clock_shows_it() -> None:
    assert on_grid(held(SPRING, "01:30", 60), ZONE) == ("2027-03-14T01:30", "2027-03-14T03:30")


@pytest.mark.parametrize("minutes", [45, 90])
def test_a_visit_into_the_repeated_hour_keeps_its_length(minutes: int) -> None:
    """By the clock it would end before it began, or be too short."""
    begins, ends = on_grid(held(AUTUMN, "01:30", minutes), ZONE)
    length = datetime.fromisoformat(ends) - datetime.fromisoformat(begins)
    assert (begins, length) == ("2026-11-01T01:30", timedelta(minutes=minutes))


def test_a_visit_past_midnight_ends_on_the_next_date() -> None:
    place = held(date(2027, 1, 11), "23:00", 105)
    assert on_grid(place, ZONE)[1] == "2027-01-12T00:45"


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (datetime(2027, 1, 11, 15, tzinfo=UTC), "-05:00"),
        (datetime(2027, 7, 11, 15, tzinfo=UTC), "-04:00"),
    ],
)
def test_the_offset_is_the_sites_of_this_moment(now: datetime, told: str) -> None:
    assert offset(ZONE, now) == told


def test_an_offset_of_half_hours_is_told_in_full() -> None:
    now = datetime(2027, 1, 11, tzinfo=UTC)
    assert offset(ZoneInfo("Asia/Kathmandu"), now) == "+05:45"
