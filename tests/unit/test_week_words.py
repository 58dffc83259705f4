"""A week of hours in as few words as a person would use."""

from __future__ import annotations

from datetime import time

from scheduler.planning.opening import CoverSpan, OpeningSpan
from scheduler.web.forms.week import rows_of
from scheduler.web.week_words import cover_words, hours_words


def test_equal_days_in_a_row_are_said_once() -> None:
    week = [OpeningSpan(day, time(8), time(17)) for day in (0, 1, 2, 4)]
    week.append(OpeningSpan(5, time(9), time(13)))
    assert hours_words(week) == [
        "Mon to Wed 8:00 am to 5:00 pm",
        "Fri 8:00 am to 5:00 pm",
        "Sat 9:00 am to 1:00 pm",
    ]


def test_a_break_at_noon_and_an_end_at_midnight_are_said() -> None:
    week = [OpeningSpan(0, time(13), time(0)), OpeningSpan(0, time(8), time(12))]
    assert hours_words(week) == ["Mon 8:00 am to 12:00 pm and 1:00 pm to 12:00 am (midnight)"]


def test_a_week_without_hours_says_nothing() -> None:
    assert hours_words([]) == []


def test_nurses_are_said_with_their_hours() -> None:
    week = [CoverSpan(day, time(8), time(17), 1) for day in (0, 1)]
    assert cover_words(week) == ["Mon and Tue 8:00 am to 5:00 pm 1 nurse"]


def test_rows_of_nurses_that_overlap_are_added_up() -> None:
    week = [CoverSpan(0, time(8), time(17), 2), CoverSpan(0, time(9), time(12), 1)]
    week += [CoverSpan(0, time(12), time(13), 1), CoverSpan(0, time(18), time(0), 1)]
    assert cover_words(week) == [
        "Mon 8:00 to 9:00 am 2 nurses, 9:00 am to 1:00 pm 3 nurses, 1:00 to 5:00 pm 2 nurses"
        " and 6:00 pm to 12:00 am (midnight) 1 nurse"
    ]


def test_the_form_shows_equal_spans_of_several_days_as_one_row() -> None:
    spans = [(day, time(8), time(17), 3) for day in range(5)] + [(0, time(9), time(13), 1)]
    assert [row["weekdays"] for row in rows_of(spans)] == [[0, 1, 2, 3, 4], [0]]


def test_the_same_span_twice_on_a_day_stays_two_rows() -> None:
    spans = [(0, time(8), time(17), 1), (0, time(8), time(17), 1)]
    assert [row["weekdays"] for row in rows_of(spans)] == [[0], [0]]
