"""Every state has a word and a drawn shape; colour never speaks alone (screens section 3)."""

from __future__ import annotations

import pytest

from scheduler.models.visit import VISIT_STATES
from scheduler.places import TEMPLATES
from scheduler.planning.visit import PART_NAMES
from scheduler.web import words

ICONS = (TEMPLATES / "_icons.html").read_text()


def test_every_state_of_a_visit_has_its_word() -> None:
    assert set(words.VISIT_STATES) == set(VISIT_STATES)


def test_no_two_states_that_hold_a_place_look_alike() -> None:
    live = ("booked", "confirmed", "arrived", "roomed", "infusing", "recovering", "discharged")
    assert len({words.VISIT_STATES[state].shape for state in live}) == len(live)


def test_every_part_of_a_visit_has_its_word() -> None:
    assert set(words.PARTS) == set(PART_NAMES)


@pytest.mark.parametrize(
    "shape",
    sorted(
        {look.shape for look in (*words.VISIT_STATES.values(), *words.FLAGS.values())}
        | {shape for shape, _tone in words.READY.values()}
        | {shape for shape, _tone, _word in words.PRIORITIES.values()}
    ),
)
def test_every_shape_is_drawn(shape: str) -> None:
    assert f'<symbol id="{shape}"' in ICONS


def test_a_state_without_a_look_is_not_shown_as_something_else() -> None:
    with pytest.raises(KeyError):
        words.look("vanished")
