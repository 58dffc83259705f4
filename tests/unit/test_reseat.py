"""Late chair binding: who changes chairs so that one more visit fits, times unchanged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from random import Random

import pytest

from scheduler.planning.day_facts import Held
from scheduler.planning.daybook import Day
from scheduler.planning.reseat import id_of, reseat, reseated
from tests.unit.planning_clinic import MOOD, TALK, at, facts, held

MONDAY = date(2027, 1, 11)


def day_with(*visits: Held, chairs: int = 3) -> Day:
    return Day.build(facts(MONDAY, visits, chairs=chairs, nurses=9))


def test_a_visit_fits_after_one_change_where_every_chair_is_partly_taken() -> None:
    day = day_with(
        held(MONDAY, 8, chair=1, shape=TALK), held(MONDAY, 9, chair=2, shape=TALK), chairs=2
    )
    assert [one.rule for one in day.refusals(MOOD, 1, at(MONDAY, 8))] == ["H1"]
    answer = reseat(day, MOOD, at(MONDAY, 8))
    assert answer is not None
    ((changed, chair_id),) = [(one.held.starts_at, one.chair_id) for one in answer.changes]
    assert (answer.chair_id, changed, chair_id) == (1, at(MONDAY, 8), 2)
    assert reseated(day, answer).fits(MOOD, 1, at(MONDAY, 8))


def test_nobody_changes_where_a_chair_is_free() -> None:
    answer = reseat(day_with(held(MONDAY, 9, chair=1)), MOOD, at(MONDAY, 9))
    assert answer is not None
    assert answer.changes == ()


def test_a_visit_that_has_begun_keeps_its_chair() -> None:
    first, second = held(MONDAY, 8, chair=1, shape=TALK), held(MONDAY, 9, chair=2, shape=TALK)
    day = day_with(first, second, chairs=2)
    assert reseat(day, MOOD, at(MONDAY, 8)) is not None
    assert reseat(day, MOOD, at(MONDAY, 8), stays=lambda _: True) is None


def test_chairs_of_another_kind_or_other_hours_take_no_part() -> None:
    known = facts(MONDAY, [held(MONDAY, 8, chair=1, shape=TALK)], chairs=2, nurses=9)
    room = replace(known.chairs[1], kind="room")
    assert (
        reseat(
            Day.build(replace(known, chairs=(known.chairs[0], room))), MOOD, at(MONDAY, 8), "chair"
        )
        is None
    )
    shut = replace(known.chairs[1], open=())
    day = Day.build(replace(known, chairs=(known.chairs[0], shut)))
    assert reseat(day, MOOD, at(MONDAY, 8)) is None


def test_where_another_rule_refuses_no_change_of_chairs_helps() -> None:
    day = Day.build(facts(MONDAY, nurses=0))
    assert reseat(day, MOOD, at(MONDAY, 9)) is None
    assert reseat(day_with(), MOOD, at(MONDAY, 20)) is None
    assert reseat(day_with(chairs=0), MOOD, at(MONDAY, 9)) is None


@pytest.mark.parametrize("seed", range(40))
def test_the_fewest_changes_are_found_and_all_keep_their_times(seed: int) -> None:
    rng, chairs = Random(seed), 3
    day = day_with(chairs=chairs)
    for _ in range(7):
        free = day.free(shape := rng.choice([MOOD, TALK, TALK]))
        if free:
            start = rng.choice(free)
            day.book(shape, start.chair_id, start.starts_at)
    bound = {(one.chair_id, one.starts_at) for one in day.held if rng.random() < 0.2}
    starts_at = at(MONDAY, rng.randint(8, 14), rng.choice([0, 15, 30, 45]))
    answer = reseat(day, MOOD, starts_at, stays=lambda one: (one.chair_id, one.starts_at) in bound)
    fewest = _fewest(day, starts_at, chairs, bound)
    assert (None if answer is None else len(answer.changes)) == fewest
    if answer is not None:
        after = reseated(day, answer)
        assert sorted(one.starts_at for one in after.held) == sorted(
            one.starts_at for one in day.held
        )
        assert after.fits(MOOD, answer.chair_id, starts_at)
        assert not bound & {id_of(one.held) for one in answer.changes}


def _fewest(
    day: Day, starts_at: datetime, chairs: int, bound: set[tuple[int | None, datetime]]
) -> int | None:
    """Every seating of every visit is looked at."""
    visits = [*day.held, Held(chair_id=None, starts_at=starts_at, shape=MOOD)]
    if {one.rule for one in day.refusals(MOOD, 1, visits[-1].starts_at)} - {"H1"}:
        return None
    spans = [(v.starts_at, v.starts_at + timedelta(minutes=v.shape.chair_minutes)) for v in visits]
    choices = [
        [v.chair_id] if (v.chair_id, v.starts_at) in bound else list(range(1, chairs + 1))
        for v in visits
    ]
    best: int | None = None
    for seats in product(*choices):
        changes = sum(seat != v.chair_id for seat, v in zip(seats[:-1], visits, strict=False))
        if (best is None or changes < best) and not _clash(seats, spans):
            best = changes
    return best


def _clash(seats: tuple[int | None, ...], spans: list[tuple[datetime, datetime]]) -> bool:
    return any(
        seats[a] == seats[b] and spans[a][0] < spans[b][1] and spans[b][0] < spans[a][1]
        for a in range(len(spans))
        for b in range(a)
    )
