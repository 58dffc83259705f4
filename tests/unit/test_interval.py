"""Half-open spans: eight ways in which two spans can lie to each other, and sets of spans."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.planning.interval import Interval, merge, minutes_in, subtract

NOON = datetime(2027, 1, 13, 12, tzinfo=UTC)


def span(first: int, last: int) -> Interval:
    return Interval(NOON + timedelta(minutes=first), NOON + timedelta(minutes=last))


@pytest.mark.parametrize(
    ("other", "overlaps", "left"),
    [
        (span(0, 10), False, [(10, 20)]),  # before, touching
        (span(0, 15), True, [(15, 20)]),  # over the start
        (span(12, 15), True, [(10, 12), (15, 20)]),  # inside
        (span(10, 20), True, []),  # the same
        (span(0, 30), True, []),  # around
        (span(15, 30), True, [(10, 15)]),  # over the end
        (span(20, 30), False, [(10, 20)]),  # after, touching
        (span(25, 30), False, [(10, 20)]),  # after
    ],
)
def test_two_spans_overlap_unless_they_only_touch(
    other: Interval, overlaps: bool, left: list[tuple[int, int]]
) -> None:
    one = span(10, 20)
    assert one.overlaps(other) is other.overlaps(one) is overlaps
    assert (one.cut(other) is not None) is overlaps
    assert subtract([one], [other]) == tuple(span(*piece) for piece in left)


def test_touching_and_overlapping_spans_become_one() -> None:
    assert merge([span(5, 9), span(0, 5), span(8, 12), span(20, 21)]) == (span(0, 12), span(20, 21))
    assert minutes_in([span(5, 9), span(0, 5), span(8, 12), span(20, 21)]) == 13


def test_a_span_covers_itself_and_what_lies_within() -> None:
    assert span(0, 10).covers(span(0, 10))
    assert span(0, 10).covers(span(3, 4))
    assert not span(0, 10).covers(span(3, 11))


@pytest.mark.parametrize(("first", "last"), [(5, 5), (5, 4)])
def test_an_empty_span_is_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="ends after"):
        span(first, last)


def test_a_span_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Interval(NOON.replace(tzinfo=None), NOON.replace(tzinfo=None) + timedelta(minutes=5))
