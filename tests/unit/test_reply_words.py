"""Short answers by text message are understood however they are typed, and nothing else is."""

from __future__ import annotations

import pytest

from scheduler.planning.reply_words import meaning


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("OK", "yes"), ("Ok!", "yes"), ("s\u00ed", "yes"), ("Si, gracias.", "yes"),
        (" Yes, thank you \U0001f600", "yes"), ("1", "yes"), ("2", "two"), ("No.", "no"),
        ("PROBLEMA", "problem"), ("cancel", "problem"), ("STOP", "stop"), ("Alto", "stop"),
        ("start", "start"), ("ayuda", "help"), ("ok but I ate", None), ("no problem", None),
        ("12", None), ("", None), ("\u0000", None), ("o" * 4000, None), ("OK?? when", None),
    ],
)  # fmt: skip
def test_a_word_means_one_thing_and_a_sentence_is_for_a_person(
    text: str, meant: str | None
) -> None:
    assert meaning(text) == meant
