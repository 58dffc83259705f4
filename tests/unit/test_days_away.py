"""Dates away, as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.web.forms.away import days_in


def test_dates_and_spans_stand_one_to_a_line_or_after_a_semicolon() -> None:
    typed = "Mon 18 Jan 2027\n2027-01-20 to 2027-01-22; Jan 25, 2027"
    assert days_in(typed) == {date(2027, 1, day) for day in (18, 20, 21, 22, 25)}


def test_nothing_typed_is_no_day() -> None:
    assert days_in("") == days_in(" \n ; \n") == frozenset()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Tue 18 Jan 2027", "18 Jan 2027 is a Monday"),
        ("22 Jan 2027 to 20 Jan 2027", "is before"),
        ("1 Jan 2027 to 1 Jan 2029", "At most 366 days"),
        ("1 Jan 2027 to 31 Dec 2027\n1 Feb 2028 to 1 Apr 2028", "At most 366 days"),
        ("18 Jan 2027 to 19 Jan 2027 to 20 Jan 2027", "one span to a line"),
        ("next week", "next week: Write a date"),
        ("<b>18</b>", "Write a date"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        days_in(typed)
