"""Waits between tries: longer each time, bounded, and spread (trust I13)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduler.planning.backoff import LONGEST, wait


@pytest.mark.parametrize(
    ("tries", "seconds"), [(1, 30), (2, 60), (3, 120), (6, 960), (7, 1920), (8, 3600), (99, 3600)]
)
def test_each_wait_is_twice_the_one_before_up_to_an_hour(tries: int, seconds: int) -> None:
    assert wait(tries, 0.5) == timedelta(seconds=seconds)


def test_jitter_spreads_by_half_to_each_side() -> None:
    assert wait(2, 0.0) == timedelta(seconds=30)
    assert wait(2, 0.999) < timedelta(seconds=90)
    assert wait(99, 0.999) < 1.5 * LONGEST
