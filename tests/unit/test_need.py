"""Nurse time asked for beside nurses on duty, as steps over the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scheduler.planning.interval import Interval
from scheduler.planning.need import Asked, highest, need_steps, nurse_steps, shortages
from scheduler.planning.visit import Part, VisitShape

NINE = datetime(2027, 1, 11, 14, tzinfo=UTC)
SHAPE = VisitShape(
    parts=(
        Part(name="checkin", minutes=10, chair=False, nurse=((10, 100),)),
        Part(name="prep", minutes=15, nurse=((15, 100),)),
        Part(name="infusion", minutes=40, nurse=((10, 100), (30, 50))),
        Part(name="turnaround", minutes=15),
    )
)


def after(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def span(first: int, last: int) -> Interval:
    return Interval(after(first), after(last))


def seen(*starts: int, cover: tuple[tuple[Interval, int], ...]) -> list[tuple[int, int, int]]:
    """(minutes, need, on duty) of each step of the two hours from nine."""
    held = [(after(minute), SHAPE) for minute in starts]
    steps = nurse_steps(span(0, 120), held, cover)
    return [(step.span.minutes, step.need, step.on_duty) for step in steps]


def test_one_visit_asks_for_the_shares_of_its_chair_parts() -> None:
    """Check-in is the desk's; steps of equal need are one."""
    assert seen(0, cover=((span(0, 120), 1),)) == [(25, 100, 1), (30, 50, 1), (65, 0, 1)]


def test_a_quiet_day_is_one_step() -> None:
    assert seen(cover=((span(0, 120), 2),)) == [(120, 0, 2)]


def test_cover_that_overlaps_adds_up_and_what_lies_outside_the_day_is_cut_off() -> None:
    cover = ((span(-60, 60), 2), (span(30, 200), 1))
    assert seen(cover=cover) == [(30, 0, 2), (30, 0, 3), (60, 0, 1)]


def test_a_visit_that_began_before_the_day_still_asks() -> None:
    assert seen(-20, cover=()) == [(5, 100, 0), (30, 50, 0), (85, 0, 0)]


def test_a_shortage_is_one_stretch_with_its_worst_moment() -> None:
    steps = nurse_steps(span(0, 120), [(after(0), SHAPE), (after(20), SHAPE)], ((span(0, 120), 1),))
    (short,) = shortages(steps)
    assert short.span == span(20, 45)
    assert (short.worst.span.starts_at, short.worst.need) == (after(20), 200)


def test_two_stretches_apart_are_two_shortages() -> None:
    cover = ((span(0, 10), 0), (span(10, 120), 1))
    starts = [(after(0), SHAPE), (after(60), SHAPE), (after(60), SHAPE)]
    assert [short.span for short in shortages(nurse_steps(span(0, 120), starts, cover))] == [
        span(0, 10),
        span(60, 85),
    ]


def test_enough_nurses_is_no_shortage_even_if_all_are_needed() -> None:
    steps = nurse_steps(span(0, 120), [(after(0), SHAPE)], ((span(0, 120), 1),))
    assert not shortages(steps)


def test_the_highest_need_is_told_once_and_not_for_an_empty_day() -> None:
    peak = highest(nurse_steps(span(0, 120), [(after(30), SHAPE)], ()))
    assert peak is not None
    assert (peak.need, peak.span.starts_at) == (100, after(30))
    assert highest(nurse_steps(span(0, 120), [], ())) is None


def test_providers_are_counted_whole_by_the_patients_that_one_may_have() -> None:
    """Domain H9: five patients at a time are two providers, where one may have four."""
    shape = VisitShape(parts=(Part(name="infusion", minutes=60),), sedating=True)
    held = [(after(0), shape)] * 4 + [(after(30), shape)]
    asked = Asked(resource="provider", there=((span(0, 120), 1),), serves=4)
    steps = need_steps(span(0, 120), held, asked)
    assert [(step.span.minutes, step.need, step.is_short) for step in steps] == [
        (30, 100, False),
        (30, 200, True),
        (30, 100, False),
        (30, 0, False),
    ]
