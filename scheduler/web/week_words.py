"""A week's hours in words: "Mon to Fri 8:00 am to 5:00 pm"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import time
from itertools import pairwise

from scheduler.planning.opening import CoverSpan, OpeningSpan
from scheduler.web.filters import listed, plural, span
from scheduler.web.forms.wall import WEEKDAYS

DAY = 24 * 60


def hours_words(spans: Iterable[OpeningSpan]) -> list[str]:
    """One text for each run of equal days; days without hours are left out."""
    return _lines({one: _texts(spans, one) for one in range(7)})


def cover_words(spans: Sequence[CoverSpan], noun: str = "nurse") -> list[str]:
    """The same, with how many are there: rows that overlap are added up."""
    return _lines({day: _added_up(spans, day, noun) for day in range(7)})


def _added_up(spans: Iterable[CoverSpan], weekday: int, noun: str) -> list[str]:
    mine = [
        (_minutes(one.starts), _minutes(one.ends) or DAY, one.nurses)
        for one in spans
        if one.weekday == weekday
    ]
    edges = sorted({edge for starts, ends, _ in mine for edge in (starts, ends)})
    runs: list[tuple[int, int, int]] = []
    for starts, ends in pairwise(edges):
        nurses = sum(number for first, last, number in mine if first <= starts and ends <= last)
        if runs and runs[-1][1] == starts and runs[-1][2] == nurses:
            runs[-1] = (runs[-1][0], ends, nurses)
        else:
            runs.append((starts, ends, nurses))
    return [
        f"{_until(_time(starts), _time(ends))} {plural(nurses, noun)}"
        for starts, ends, nurses in runs
        if nurses
    ]


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _texts(spans: Iterable[OpeningSpan], weekday: int) -> list[str]:
    mine = sorted((one.opens, one.closes) for one in spans if one.weekday == weekday)
    return [_until(opens, closes) for opens, closes in mine]


def _until(starts: time, ends: time) -> str:
    return span(starts, ends) if ends != time() else f"{span(starts, ends)} (midnight)"


def _lines(by_day: dict[int, list[str]]) -> list[str]:
    runs: list[tuple[int, int, list[str]]] = []
    for day, texts in by_day.items():
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == texts:
            runs[-1] = (runs[-1][0], day, texts)
        else:
            runs.append((day, day, texts))
    return [f"{_days(first, last)} {listed(texts)}" for first, last, texts in runs if texts]


def _days(first: int, last: int) -> str:
    names = [name[:3] for name in WEEKDAYS]
    if first == last:
        return names[first]
    joined = "and" if last == first + 1 else "to"
    return f"{names[first]} {joined} {names[last]}"
