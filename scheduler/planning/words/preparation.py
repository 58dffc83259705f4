"""Preparation in words, in the patient's language: one sentence for each rule that holds."""

from __future__ import annotations

from datetime import datetime

from scheduler.planning.preparation import PrepTimes
from scheduler.planning.wording import ENGLISH, Wording
from scheduler.planning.words.clock import clock, moment, moment_seen_from


def sentences(times: PrepTimes, wording: Wording = ENGLISH) -> list[str]:
    """Everything to do, in plain words, the fast first and the arrival last (calendar R3)."""
    return [*to_do(times, wording), arrival(times, wording)]


def to_do(times: PrepTimes, wording: Wording = ENGLISH) -> list[str]:
    """The same without the arrival, for texts that name it already."""
    parts = (fast, ride, dress_and_health, alcohol)
    return [sentence for part in parts for sentence in part(times, wording)]


def fast(times: PrepTimes, wording: Wording = ENGLISH) -> list[str]:
    """Food, drinks, nose sprays."""
    return [_seen_from_the_day(key, at, times, wording) for key, at in _stops(times)]


def fast_by_date(times: PrepTimes, wording: Wording = ENGLISH) -> list[str]:
    """The same for a reader who is not told the day otherwise: the first sentence names it."""
    return [
        _seen_from_the_day(key, at, times, wording) if number else _named(key, at, times, wording)
        for number, (key, at) in enumerate(_stops(times))
    ]


def _stops(times: PrepTimes) -> list[tuple[str, datetime]]:
    rules = (
        ("todo.food", times.food_stop_at),
        ("todo.drinks", times.drinks_stop_at),
        ("todo.nose", times.nose_stop_at),
    )
    return [(key, at) for key, at in rules if at is not None]


def ride(times: PrepTimes, wording: Wording = ENGLISH) -> list[str]:
    """Who drives, and until when the patient does not."""
    return [*escort(times, wording), *driving(times, wording)]


def escort(times: PrepTimes, wording: Wording = ENGLISH) -> list[str]:
    driver = times.prep.driver
    return [] if driver == "none" else [wording.line(f"todo.driver_{driver}")]


def driving(times: PrepTimes, wording: Wording = ENGLISH) -> list[str]:
    if times.no_driving_until is None:
        return []
    return [_named("todo.driving", times.no_driving_until, times, wording)]


def clothing(times: PrepTimes, wording: Wording = ENGLISH) -> list[str]:
    return [wording.line("todo.clothing")] if times.prep.clothing else []


def dress_and_health(times: PrepTimes, wording: Wording = ENGLISH) -> list[str]:
    """Clothing, water, health, tablets."""
    prep = times.prep
    rules = (
        (prep.hydrate, "todo.hydrate"),
        (prep.infection_check, "todo.infection"),
        (prep.medicines, "todo.medicines"),
    )
    return [*clothing(times, wording), *(wording.line(key) for rule, key in rules if rule)]


def alcohol(times: PrepTimes, wording: Wording = ENGLISH) -> list[str]:
    """Before and after the visit."""
    rules = (
        ("todo.alcohol_before", times.alcohol_stop_at),
        ("todo.alcohol_after", times.no_alcohol_until),
    )
    return [_seen_from_the_day(key, at, times, wording) for key, at in rules if at is not None]


def arrival(times: PrepTimes, wording: Wording = ENGLISH) -> str:
    at = clock(times.arrives_at, times.zone, wording.language)
    return wording.line("todo.arrival", {"moment": at})


def _named(key: str, at: datetime, times: PrepTimes, wording: Wording) -> str:
    return wording.line(key, {"moment": moment(at, times.zone, wording.language)})


def _seen_from_the_day(key: str, at: datetime, times: PrepTimes, wording: Wording) -> str:
    """The day is named where it is not the visit's."""
    said = moment_seen_from(times.on, at, times.zone, wording.language)
    return wording.line(key, {"moment": said})
