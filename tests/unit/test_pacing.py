"""A recipient's domain gets so many mails a minute from all workers together (trust I13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scheduler.planning.pacing import Pace

NOW = datetime(2027, 1, 4, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def leaving(pace: Pace, address: str, seconds: int) -> int:
    """How many leave if somebody asks ten times a second."""
    moments = (NOW + timedelta(milliseconds=100 * tenth) for tenth in range(seconds * 10))
    return sum(pace.take(address, now) for now in moments)


def test_a_domain_gets_its_part_of_a_minute_and_what_it_saved_up() -> None:
    assert leaving(Pace(120), "pat@mail.example", 60) == 120 + 20 - 1


def test_two_workers_share_one_pace() -> None:
    assert leaving(Pace(120, workers=2), "pat@mail.example", 60) == 60 + 10 - 1


def test_one_domain_does_not_use_up_another_and_case_makes_no_domain() -> None:
    pace = Pace(6)
    assert pace.take("pat@mail.example", NOW)
    assert not pace.take("sam@MAIL.example", NOW)
    assert pace.take("pat@other.example", NOW)
    assert pace.crowded(NOW) == ("mail.example", "other.example")
    assert pace.crowded(NOW + MINUTE) == ()


def test_a_clock_that_is_set_back_neither_fills_nor_starves_a_domain() -> None:
    pace = Pace(6)
    assert pace.take("pat@mail.example", NOW + MINUTE)
    assert not pace.take("pat@mail.example", NOW)
    assert pace.take("pat@mail.example", NOW + timedelta(seconds=11))
