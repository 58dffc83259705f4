"""Which time zones a site may have, and what was probably meant."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from scheduler.planning import zones


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("New York", "America/New_York"),
        ("america/new_york", "America/New_York"),
        ("America/Newyork", "America/New_York"),
        ("EST", "America/New_York"),
        ("US/Pacific", "America/Los_Angeles"),
        ("Eastern Time", "America/New_York"),
        ("chicgo", "America/Chicago"),
    ],
)
def test_an_unknown_zone_is_refused_with_what_was_meant(typed: str, meant: str) -> None:
    assert not zones.is_known(typed)
    assert zones.suggestions(typed)[0] == meant
    assert meant in zones.refusal(typed)


@pytest.mark.parametrize(
    "typed", ["", "Mars/Base", "Etc/GMT+5", "localtime", "x" * 10_000, "\u0645"]
)
def test_nonsense_gets_an_example_instead_of_a_guess(typed: str) -> None:
    assert not zones.is_known(typed)
    assert "America/New_York" in zones.refusal(typed) or zones.suggestions(typed)


def test_every_zone_that_is_offered_can_be_opened() -> None:
    assert {name for name in zones.names() if ZoneInfo(name).key != name} == set()
