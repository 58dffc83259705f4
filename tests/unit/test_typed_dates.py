"""How dates and times are read from what the desk types."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.web.forms.wall import calendar_day, clock_text, day_text, wall_time


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("8:50 am", time(8, 50)),
        ("8:50", time(8, 50)),
        ("850", time(8, 50)),
        ("8.50", time(8, 50)),
        ("2 pm", time(14)),
        ("2 P.M.", time(14)),
        ("14:30", time(14, 30)),
        ("noon", time(12)),
        ("12", time(12)),
        ("12 am", time(0)),
        ("midnight", time(0)),
        ("0300", time(3)),
    ],
)
def test_a_time_is_read_as_people_write_it(typed: str, meant: time) -> None:
    assert wall_time(typed) == meant


@pytest.mark.parametrize("typed", ["3:30", "3", "6:00"])
def test_an_early_hour_without_am_or_pm_is_asked_not_guessed(typed: str) -> None:
    with pytest.raises(ValueError, match="am or pm"):
        wall_time(typed)


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "8:61", "0 am", "13 pm", "9 m", "1:5", "٣"])
def test_what_is_no_time_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(ValueError, match="time like 8:50 am"):
        wall_time(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "Wed 13 Jan 2027", "Wednesday, 13 January 2027", "13 jan 2027", "Jan 13, 2027",
        "January 13th 2027", "1/13/2027", "2027-01-13", " 2027-1-13 ",
    ],
)  # fmt: skip
def test_a_date_is_read_as_people_write_it(typed: str) -> None:
    assert calendar_day(typed) == date(2027, 1, 13)


def test_a_weekday_that_does_not_fit_its_date_is_refused_and_named() -> None:
    with pytest.raises(ValueError, match=r"13 Jan 2027 is a Wednesday\."):
        calendar_day("Tue 13 Jan 2027")


@pytest.mark.parametrize(
    "typed", ["", "tomorrow", "30 Feb 2027", "13/1/2027", "1/13/27", "13 Foo 2027", "1 Jan 0027"]
)
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        calendar_day(typed)


@given(st.dates(date(1900, 1, 1), date(2190, 1, 1)))
def test_a_shown_date_is_read_back_as_itself(on: date) -> None:
    assert calendar_day(day_text(on)) == on


@given(st.times().map(lambda at: at.replace(second=0, microsecond=0)))
def test_a_shown_time_is_read_back_as_itself(at: time) -> None:
    assert wall_time(clock_text(at)) == at
