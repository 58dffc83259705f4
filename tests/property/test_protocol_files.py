"""A template survives every journey: document, file and form, to the byte."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.planning.reading.protocol import from_plain, read
from scheduler.planning.words.protocol import compared, sections
from scheduler.planning.writing.protocol import to_plain
from scheduler.services.protocol_files import dump, load
from scheduler.services.strict_yaml import FileRefused
from tests.template_strategies import documents

JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(documents())
def test_a_template_comes_back_from_its_document(plain: dict[str, Any]) -> None:
    protocol = from_plain(plain)
    assert from_plain(to_plain(protocol)) == protocol


@given(documents())
def test_a_file_comes_back_to_the_byte(plain: dict[str, Any]) -> None:
    protocol = from_plain(plain)
    text = dump(protocol)
    assert load(text.encode()) == protocol
    assert dump(load(text.encode())) == text


@given(documents())
def test_a_template_differs_from_itself_in_nothing(plain: dict[str, Any]) -> None:
    protocol = from_plain(plain)
    assert compared(protocol, protocol) == sections(protocol)


@given(documents(), st.data())
@settings(max_examples=100)
def test_damage_anywhere_is_refused_or_understood_and_never_crashes(
    plain: dict[str, Any], data: st.DataObject
) -> None:
    """One value somewhere becomes something else."""
    at: Any = to_plain(from_plain(plain))
    root = at
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        inner = at[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            at[key] = data.draw(JUNK)
            break
        at = inner
    protocol, problems = read(root)
    if not problems:
        assert from_plain(to_plain(protocol)) == protocol


@given(st.binary(max_size=200))
def test_any_bytes_are_a_template_or_refused(data: bytes) -> None:
    with suppress(FileRefused):
        assert load(data)
