"""A public name says nothing about the treatment (trust I17)."""

from __future__ import annotations

import pytest

from scheduler.planning.discreet import tell_tales


@pytest.mark.parametrize(
    "name",
    [
        "Riverside Ketamine Center",
        "The IV Lounge",
        "Mood & Mind",
        "Pain Relief of Ohio",
        "INFUSIONS",
    ],
)
def test_a_telling_name_is_caught(name: str) -> None:
    assert tell_tales(name)


@pytest.mark.parametrize(
    "name",
    ["Larkspur Clinic", "Ironwood Health", "Painter Street Office", "Dr. Moody", "Riverside"],
)
def test_an_innocent_name_passes(name: str) -> None:
    assert not tell_tales(name)
