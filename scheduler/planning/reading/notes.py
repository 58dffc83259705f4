"""Plain data -> where figures come from: {field: words, or a list of words and source keys}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scheduler.planning.reading.plain import SLUG, Reader, text_problem
from scheduler.planning.visit_profile import Notes

LONGEST_NOTE = 500


def read_notes(reader: Reader, key: str) -> Notes:
    """{field: words or [words, ...]}: where each figure comes from."""
    value = reader.raw(key)
    if value is None:
        return ()
    if not isinstance(value, Mapping) or len(value) > 60:
        reader.note("Names with sources belong here, at most 60.", key)
        return ()
    found = []
    for field, words in value.items():
        listed = [words] if isinstance(words, str) else words
        if not _good_note(field, listed):
            reader.note(
                f"Sources are texts of at most {LONGEST_NOTE} characters.", key, str(field)[:40]
            )
            continue
        found.append((field, tuple(listed)))
    return tuple(found)


def _good_note(field: Any, words: Any) -> bool:
    if (
        not isinstance(field, str)
        or not SLUG.fullmatch(field.lower())
        or not isinstance(words, list | tuple)
    ):
        return False
    texts = all(
        isinstance(one, str) and one and not text_problem(one, LONGEST_NOTE) for one in words
    )
    return texts and 0 < len(words) <= 20
