"""Who is there on a day: the usual number, absences, extra shifts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scheduler.planning.interval import Interval
from scheduler.planning.on_site import on_site

MIDNIGHT = datetime(2027, 2, 1, 5, tzinfo=UTC)


def span(first: float, last: float) -> Interval:
    return Interval(MIDNIGHT + timedelta(hours=first), MIDNIGHT + timedelta(hours=last))


def hours(usual: list[tuple[Interval, int]], *changes: tuple[Interval, int]) -> list[object]:
    found = on_site(span(0, 24), tuple(usual), changes)
    return [
        ((one.starts_at - MIDNIGHT) / timedelta(hours=1), one.minutes / 60, number)
        for one, number in found
    ]


WEEKLY = [(span(8, 17), 2)]


def test_without_a_change_on_that_day_the_usual_number_is_there() -> None:
    assert hours(WEEKLY, (span(24, 48), -1), (span(-5, 0), 3)) == [(8, 9, 2)]


def test_who_is_away_is_missing_and_never_more_than_are_there() -> None:
    assert hours(WEEKLY, (span(-24, 10), -1)) == [(8, 2, 1), (10, 7, 2)]
    assert hours(WEEKLY, (span(0, 24), -1), (span(12, 24), -2)) == [(8, 4, 1)]


def test_an_extra_shift_counts_beside_an_absence_even_outside_the_usual_hours() -> None:
    assert hours(WEEKLY, (span(0, 24), -2), (span(9, 19), 1)) == [(9, 10, 1)]


def test_what_is_unchanged_across_an_edge_is_one_span() -> None:
    assert hours([(span(8, 12), 1), (span(12, 17), 1)], (span(8, 12), 1), (span(12, 17), 1)) == [
        (8, 9, 2)
    ]
