"""A way out changes some wishes: as the form fields that say the same, for a button to carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any
from urllib.parse import urlencode

from scheduler.planning.request import TimeWindow
from scheduler.services.series_query import GapChange
from scheduler.web.forms.wall import clock_text, day_text

Pairs = list[tuple[str, str]]


def as_query(changes: Mapping[str, Any]) -> str:
    """Urlencoded names and values of the form; an empty value clears its field.

    `changes` are fields of SeriesQuery with their new values. Raises KeyError for one that the form
    does not know: a new kind of way out must be given its field first.
    """
    return urlencode(
        [pair for name, value in changes.items() for pair in _WRITERS[name](name, value)]
    )


def _text(name: str, value: object) -> Pairs:
    return [(name, "" if value is None else str(value))]


def _flag(name: str, value: object) -> Pairs:
    return [(name, "y" if value else "")]


def _day(name: str, value: date | None) -> Pairs:
    return [(name, day_text(value) if value else "")]


def _clock(name: str, value: time | None) -> Pairs:
    return [(name, "" if value is None else clock_text(value))]


def _days(name: str, value: frozenset[date]) -> Pairs:
    return [(name, "\n".join(day_text(on) for on in sorted(value)))]


def _weekdays(name: str, value: frozenset[int]) -> Pairs:
    return [(name, str(number)) for number in sorted(value)] or [(name, "")]


def _window(_name: str, value: TimeWindow) -> Pairs:
    ends = ("starts_from", "starts_until", "arrives_from", "leaves_by")
    return [pair for end in ends for pair in _clock(end, getattr(value, end))]


def _gap(_name: str, value: GapChange | None) -> Pairs:
    change = value or GapChange()
    return [*_text("gap_least", change.least), *_text("gap_most", change.most)]


def _minutes(_name: str, value: Mapping[str, int]) -> Pairs:
    return [(f"minutes_{part}", str(minutes)) for part, minutes in value.items()]


_WRITERS: dict[str, Callable[[str, Any], Pairs]] = {
    "earliest_on": _day,
    "latest_on": _day,
    "weekdays": _weekdays,
    "window": _window,
    "wished_start": _clock,
    "wished_chair_id": _text,
    "chair_kind": _text,
    "away": _days,
    "any_weekdays": _flag,
    "same_time": _flag,
    "same_chair": _flag,
    "single": _flag,
    "reseat": _flag,
    "count": _text,
    "interval": _text,
    "runs": _text,
    "with_optional_days": _flag,
    "gap": _gap,
    "max_days": _text,
    "max_per_7d": _text,
    "minutes": _minutes,
}
