"""A person is found however the name, phone or birth date is typed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.planning.find_text import fold, parts_of, text_of

TEXT = text_of(("Zo\u00eb", "O\u2019Neill-Bj\u00f8rk"), ("+1 (415) 555-0142",), date(1979, 3, 14))


def is_found(typed: str, text: str = TEXT) -> bool:
    parts = parts_of(typed)
    return bool(parts) and all(part in text for part in parts)


@pytest.mark.parametrize(
    "typed",
    [
        "zoe", "ZOË", "o'neill", "oneill", "neill", "Bjork", "bj\u00f8", "bjork zoe", "555-0142",
        "4155550142", "+1 415 555 0142", "1 (415) 555-0142", "0142", "3/14/1979", "03/14/1979",
        "1979-03-14", "14 Mar 1979", "March 14, 1979", "zo 1979",
    ],
)  # fmt: skip
def test_she_is_found_by(typed: str) -> None:
    assert is_found(typed)


@pytest.mark.parametrize(
    "typed", ["ork", "zoe varga", "555-0143", "3/15/1979", "", " ", "'", "%", "_"]
)
def test_she_is_not_found_by(typed: str) -> None:
    assert not is_found(typed)


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_everybody_whose_name_shows_anything_is_found_by_the_whole_name(one: str, two: str) -> None:
    text = text_of((one, two), (), date(2000, 1, 1))
    typed = f"{one} {two}"
    if fold(typed) and not any(part.strip().isdigit() or "/" in part for part in parts_of(typed)):
        words = fold(typed).split()
        assert all(f" {word}" in text for word in words)


@given(st.text(max_size=10_000))
def test_a_search_never_asks_for_more_than_a_few_parts(typed: str) -> None:
    parts = parts_of(typed)
    assert len(parts) <= 8
    assert all(len(part) <= 1000 for part in parts)
