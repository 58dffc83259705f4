"""Periods and slices that the address of a report names."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scheduler.planning.utilisation import PRIME_HOURS, Slice
from scheduler.web.forms.report import PRESETS, asked_slice, preset_days

WEDNESDAY = date(2027, 1, 13)


@pytest.mark.parametrize(
    ("name", "first_on", "last_on"),
    [
        ("last-week", date(2027, 1, 4), date(2027, 1, 10)),
        ("this-week", date(2027, 1, 11), date(2027, 1, 17)),
        ("4-weeks", date(2026, 12, 14), date(2027, 1, 10)),
        ("13-weeks", date(2026, 10, 12), date(2027, 1, 10)),
        ("year", date(2026, 1, 12), date(2027, 1, 10)),
        ("next-4-weeks", date(2027, 1, 13), date(2027, 2, 9)),
    ],
)
def test_a_preset_is_whole_weeks_from_monday(name: str, first_on: date, last_on: date) -> None:
    assert preset_days(name, WEDNESDAY) == (first_on, last_on)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_whole_weeks_on_every_day_of_the_week(name: str) -> None:
    for number in range(7):
        first_on, last_on = preset_days(name, WEDNESDAY + timedelta(days=number))
        assert ((last_on - first_on).days + 1) % 7 == 0


def test_the_address_names_a_slice() -> None:
    sent = {"chair": "3", "weekday": "0", "hour": "9", "day": "2027-01-11"}
    expected = Slice(chair_id=3, weekday=0, hours=frozenset({9}), on=date(2027, 1, 11))
    assert asked_slice(sent) == expected
    assert asked_slice({"prime": "1"}) == Slice(hours=PRIME_HOURS)


@pytest.mark.parametrize("text", ["", "x", "-1", "24", "9" * 400, "\u0663", "1.5", "\x00", "0x1"])
def test_what_cannot_be_read_is_no_limit(text: str) -> None:
    assert (
        asked_slice({"hour": text, "day": text, "weekday": text if text != "1" else ""}) == Slice()
    )
