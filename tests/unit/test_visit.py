"""A visit's shape: its four instants, its nurse time, and its plain form."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from scheduler.planning.visit import Part, VisitShape

MOOD = VisitShape(
    parts=(
        Part(name="checkin", minutes=10, chair=False),
        Part(name="prep", minutes=15, nurse=((15, 100),)),
        Part(name="infusion", minutes=40, nurse=((10, 100), (0, 50))),
        Part(name="recovery", minutes=30, nurse=((0, 33),)),
        Part(name="discharge", minutes=5, nurse=((5, 100),)),
        Part(name="turnaround", minutes=15),
    ),
    sedating=True,
)


def test_the_patient_comes_before_the_chair_start_and_leaves_before_the_turnaround() -> None:
    times = MOOD.times(datetime(2027, 1, 13, 14, tzinfo=UTC))
    clock = [at.strftime("%H:%M") for at in vars(times).values()]
    assert clock == ["13:50", "14:00", "15:30", "15:45"]


def test_arriving_early_counts_when_it_is_more_than_the_check_in() -> None:
    early = VisitShape(parts=MOOD.parts, arrive_early_minutes=25)
    assert (MOOD.before_minutes, early.before_minutes) == (10, 25)


def test_the_last_nurse_share_lasts_to_the_end_of_its_part() -> None:
    assert MOOD.nurse_load() == [
        (0, 15, 100),
        (15, 10, 100),
        (25, 30, 50),
        (55, 30, 33),
        (85, 5, 100),
    ]


def test_steps_that_are_longer_than_their_part_end_with_it() -> None:
    part = Part(name="prep", minutes=12, nurse=((10, 100), (10, 50), (10, 0)))
    assert part.shares() == [(0, 10, 100), (10, 2, 50)]


def test_a_shape_survives_being_stored_as_json() -> None:
    assert VisitShape.from_plain(json.loads(json.dumps(MOOD.to_plain()))) == MOOD
