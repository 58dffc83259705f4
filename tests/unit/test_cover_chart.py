"""Nurses needed and on duty, drawn and said."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from scheduler.planning.interval import Interval
from scheduler.planning.need import NeedStep
from scheduler.planning.opening import day_span, instant
from scheduler.web.cover_chart import CoverChart, amount, cover_chart

ZONE = ZoneInfo("America/New_York")
MON, AUTUMN = date(2027, 1, 11), date(2026, 11, 1)


def at(wall: str) -> datetime:
    return instant(ZONE, MON, time.fromisoformat(wall))


def step(first: str, last: str, need: int, on_duty: int) -> NeedStep:
    return NeedStep(Interval(at(first), at(last)), need, on_duty)


def chart(*steps: NeedStep, now: str = "10:42") -> CoverChart:
    return cover_chart(steps, ZONE, at(now))


def numbers(path: str) -> list[float]:
    return [float(text) for text in re.findall(r"[\d.]+", path)]


SHORT = (
    step("08:00", "14:40", 150, 3),
    step("14:40", "14:50", 366, 3),
    step("14:50", "17:00", 0, 3),
)


def test_a_shortage_is_told_with_its_times_and_numbers() -> None:
    assert chart(*SHORT).short == ("Short 2:40 to 2:50 pm: 3.7 needed, 3 on duty",)


def test_the_picture_is_said_in_words() -> None:
    words = chart(*SHORT).words
    assert words.startswith("Nurses needed over the day. Highest 3.7 of 3 nurses at 2:40 pm.")
    assert words.endswith("Short 2:40 to 2:50 pm: 3.7 needed, 3 on duty.")
    assert chart(step("08:00", "17:00", 0, 3)).words == "No nurse is needed on this day."


def test_what_is_missing_is_drawn_above_the_line_of_who_is_there() -> None:
    drawn = chart(*SHORT)
    left, line, top, right, _ = numbers(drawn.over)
    assert left < right
    assert top < line  # y grows downwards
    assert line == numbers(drawn.on_duty)[1]
    assert chart(step("08:00", "17:00", 100, 3)).over == ""


def test_everything_stays_inside_the_picture() -> None:
    drawn = chart(step("08:00", "12:00", 1150, 2), step("12:00", "17:00", 50, 14))
    heights = [*numbers(drawn.need)[1::2], *(y for y, _ in drawn.lines)]
    assert all(0 <= y <= 900 for y in heights)
    assert drawn.lines[-1][1] <= 14


def test_the_present_is_marked_only_while_the_board_shows_it() -> None:
    assert chart(*SHORT, now="12:30").now == pytest.approx(466)
    assert chart(*SHORT, now="17:30").now is None


def test_hours_of_a_day_of_25_hours_are_not_told_twice() -> None:
    steps = [NeedStep(day_span(ZONE, AUTUMN), 0, 1)]
    hours = [text for _, text in cover_chart(steps, ZONE, at("10:42")).hours]
    assert hours == ["12 am", "2", "4", "6", "8", "10", "12 pm", "2", "4", "6", "8", "10"]


@pytest.mark.parametrize(("hundredths", "said"), [(0, "0"), (33, "0.3"), (100, "1"), (366, "3.7")])
def test_amounts_have_one_decimal_where_it_says_something(hundredths: int, said: str) -> None:
    assert amount(hundredths) == said
