"""A way out as form fields: the button carries what the query would be."""

from __future__ import annotations

from datetime import date, time
from urllib.parse import parse_qsl

import pytest

from scheduler.planning.request import TimeWindow
from scheduler.services.series_query import GapChange
from scheduler.web.forms.series_changes import as_query


def pairs(**changes: object) -> list[tuple[str, str]]:
    return parse_qsl(as_query(changes), keep_blank_values=True)


def test_a_wider_window_sets_and_clears_its_ends() -> None:
    window = TimeWindow(starts_from=time(8), starts_until=None)
    assert ("starts_from", "8:00 am") in pairs(window=window)
    assert ("starts_until", "") in pairs(window=window)


def test_weekdays_come_one_by_one_and_none_clears_them() -> None:
    assert pairs(weekdays=frozenset({2, 0})) == [("weekdays", "0"), ("weekdays", "2")]
    assert pairs(weekdays=frozenset()) == [("weekdays", "")]


def test_dates_gaps_and_flags_are_written_as_the_form_reads_them() -> None:
    assert pairs(latest_on=date(2027, 2, 5)) == [("latest_on", "Fri 5 Feb 2027")]
    assert pairs(latest_on=None) == [("latest_on", "")]
    assert pairs(gap=GapChange(most=9)) == [("gap_least", ""), ("gap_most", "9")]
    assert pairs(any_weekdays=True, chair_kind=None) == [("any_weekdays", "y"), ("chair_kind", "")]


def test_limits_of_the_template_are_carried_too() -> None:
    assert pairs(max_days=24, max_per_7d=4) == [("max_days", "24"), ("max_per_7d", "4")]
    assert pairs(max_days=None) == [("max_days", "")]
    assert pairs(same_time=True, same_chair=False) == [("same_time", "y"), ("same_chair", "")]


def test_a_change_that_the_form_does_not_know_is_not_dropped_silently() -> None:
    with pytest.raises(KeyError):
        as_query({"moon": "full"})
