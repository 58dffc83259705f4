"""Instants on a page are the site's wall time, in the words of screens section 1."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from scheduler.web import filters

NEW_YORK = ZoneInfo("America/New_York")
NINE = datetime(2027, 1, 13, 14, tzinfo=UTC)


def test_a_time_is_shown_in_the_site_s_zone() -> None:
    assert filters.clock(NINE, "America/New_York") == "9:00 am"
    assert filters.clock(NINE, "Asia/Kathmandu") == "7:45 pm"
    assert filters.stamp(NINE, NEW_YORK) == "Wed 13 Jan, 9:00 am"


def test_an_instant_without_a_zone_is_never_shown() -> None:
    with pytest.raises(ValueError, match="zone"):
        filters.clock(NINE)
    with pytest.raises(ValueError, match="zone"):
        filters.day(NINE)


def test_an_hour_that_comes_twice_says_which_one_it_is() -> None:
    first = datetime(2027, 11, 7, 5, 30, tzinfo=UTC)
    second = datetime(2027, 11, 7, 6, 30, tzinfo=UTC)
    assert filters.clock(first, NEW_YORK) == "1:30 am EDT"
    assert filters.clock(second, NEW_YORK) == "1:30 am EST"
    assert filters.clock(datetime(2027, 11, 7, 7, tzinfo=UTC), NEW_YORK) == "2:00 am"


def test_a_span_says_am_or_pm_once_where_both_are_the_same() -> None:
    assert filters.span(time(8, 50), time(10, 30)) == "8:50 to 10:30 am"
    assert filters.span(time(11, 30), time(13, 10)) == "11:30 am to 1:10 pm"
    later = datetime(2027, 1, 13, 15, 40, tzinfo=UTC)
    assert filters.span(NINE, later, NEW_YORK) == "9:00 to 10:40 am"


def test_a_span_over_midnight_names_both_days() -> None:
    late, early = datetime(2027, 1, 14, 3, tzinfo=UTC), datetime(2027, 1, 14, 6, tzinfo=UTC)
    shown = filters.span(late, early, NEW_YORK)
    assert shown == "Wed 13 Jan, 10:00 pm to Thu 14 Jan, 1:00 am"


def test_days_name_the_month_and_year_only_where_they_change() -> None:
    assert filters.days_span(date(2027, 1, 13), date(2027, 1, 25)) == "Wed 13 to Mon 25 Jan"
    assert filters.days_span(date(2027, 1, 13), date(2027, 2, 1)) == "Wed 13 Jan to Mon 1 Feb"
    shown = filters.days_span(date(2026, 12, 30), date(2027, 1, 4))
    assert shown == "Wed 30 Dec 2026 to Mon 4 Jan 2027"


def test_a_closure_of_whole_days_has_no_times() -> None:
    midnight = datetime(2027, 3, 14, 5, tzinfo=UTC)
    after_spring_change = datetime(2027, 3, 15, 4, tzinfo=UTC)
    assert filters.closed_when(midnight, after_spring_change, NEW_YORK) == "Sun 14 Mar"
    shown = filters.closed_when(NINE, datetime(2027, 1, 13, 17, tzinfo=UTC), NEW_YORK)
    assert shown == "Wed 13 Jan, 9:00 am to 12:00 pm"


def test_words_for_lengths_numbers_and_lists() -> None:
    assert [filters.length_text(n) for n in (40, 60, 100, 125)] == [
        "40 min",
        "1 h",
        "1 h 40",
        "2 h 05",
    ]
    assert [filters.in_words(n) for n in (0, 6, 11)] == ["no", "six", "11"]
    assert [filters.plural(n, "visit") for n in (1, 2)] == ["1 visit", "2 visits"]
    assert filters.listed(["Mon", "Wed", "Fri"]) == "Mon, Wed and Fri"
    assert (filters.listed(["Mon"]), filters.listed([])) == ("Mon", "")
    assert filters.city("America/Argentina/Buenos_Aires") == "Buenos Aires"
    assert filters.day_long(date(2027, 1, 11)) == "Monday 11 January 2027"
    assert filters.birth(date(1979, 3, 14)) == "14 Mar 1979"


def test_nearness_is_said_both_ways() -> None:
    now = NINE
    assert filters.until(datetime(2027, 1, 13, 14, 18, tzinfo=UTC), now) == "in 18 min"
    assert filters.until(datetime(2027, 1, 13, 11, tzinfo=UTC), now) == "3 h ago"
    assert filters.until(datetime(2027, 1, 16, 14, tzinfo=UTC), now) == "in 3 days"


def test_a_strip_s_weeks_run_from_monday_to_sunday() -> None:
    weeks = filters.weeks_of(date(2027, 1, 13), date(2027, 1, 25))
    assert [(week[0].day, week[-1].day) for week in weeks] == [(11, 17), (18, 24), (25, 31)]
