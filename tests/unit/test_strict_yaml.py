"""A template file is refused with line and field, and YAML can do nothing beside giving values."""

from __future__ import annotations

import pytest

from scheduler.services.protocol_files import dump, load
from scheduler.services.strict_yaml import MOST_BYTES, FileRefused, parse
from tests.template_factories import built_in

MOOD = dump(built_in("ket-mood-3x2"))


def refusal(data: bytes | str) -> tuple[int, str, str]:
    """The first problem: line, field, message."""
    with pytest.raises(FileRefused) as refused:
        load(data.encode() if isinstance(data, str) else data)
    first = refused.value.problems[0]
    return first.line, first.field, first.message


def test_numbers_words_and_nothing_are_what_they_look_like() -> None:
    text = 'a: 3\nb: -2\nc: 0.5\nd: true\ne: null\nf: "3"\ng:\n'
    assert parse(text.encode()).value == {
        "a": 3,
        "b": -2,
        "c": 0.5,
        "d": True,
        "e": None,
        "f": "3",
        "g": None,
    }


@pytest.mark.parametrize("text", ["no", "on", "10:30", "2027-01-01", "1e3", "0x10", "1_000", ".5"])
def test_what_other_readers_would_guess_at_stays_text(text: str) -> None:
    assert parse(f"a: {text}".encode()).value == {"a": text}


def test_a_wrong_figure_is_named_with_its_line_and_field() -> None:
    bad = MOOD.replace("per_week: 3", "per_week: 30")
    line = bad.split("\n").index("    per_week: 30") + 1
    assert refusal(bad) == (
        line,
        "phases[0].schedule.per_week",
        "Use a whole number from 1 to 7.",
    )


def test_every_problem_of_a_file_is_told_in_its_order() -> None:
    bad = MOOD.replace("per_week: 3", "per_week: 30").replace("class: sedating", "class: sleepy")
    with pytest.raises(FileRefused) as refused:
        load(bad.encode())
    assert [one.field for one in refused.value.problems] == ["class", "phases[0].schedule.per_week"]
    assert str(refused.value).startswith("Line 4, class:")


def test_a_missing_field_is_named_at_the_line_around_it() -> None:
    bad = MOOD.replace("    per_week: 3\n", "")
    line, field, message = refusal(bad)
    assert bad.split("\n")[line - 1] == "  schedule:"
    assert (field, message) == ("phases[0].schedule.per_week", "This is missing.")


def test_a_repeated_name_is_refused() -> None:
    assert refusal("id: a\nid: b\n") == (2, "", "'id' stands here twice.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x [1]\nb: *x\n", "cannot be used"),
        ("a: &x [1]\n", "cannot be used"),
        ("a: *x\n", "References"),
        ("a: !!python/object/apply:os.system [x]\n", "cannot be used"),
        ("a: !thing 3\n", "cannot be used"),
        ("? [1, 2]\n: 3\n", "plain word"),
        ("a: 1\n---\na: 2\n", "one template"),
        ("", "empty"),
        ("# nothing\n", "empty"),
        ("- 1\n", "names with values"),
        ("just words", "names with values"),
        ("a: [1, 2\n", "expected"),
        ("a: 1\n\tb: 2\n", "cannot start any token"),
        ("schema_version: 2\n", "schema version 1"),
    ],
)
def test_what_a_template_does_not_need_is_refused(text: str, words: str) -> None:
    assert words in refusal(text)[2]


def test_aliases_cannot_grow_into_a_bomb() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    assert "cannot be used" in refusal("\n".join(lines))[2]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_depth_is_a_number_and_not_a_crash(opening: str) -> None:
    assert "deeply" in refusal(opening * 20_000)[2] or "expected" in refusal(opening * 20_000)[2]


def test_a_large_file_is_refused_before_it_is_read() -> None:
    assert "larger than 256 KB" in refusal(b"#" * (MOST_BYTES + 1))[2]
    assert "too much" in refusal("a: [" + "1," * 30_000 + "1]")[2]


@pytest.mark.parametrize("data", [b"a: \x00\n", b"ok: 1\na: \x07\n", b"a: \xff\n", b"\x80abc"])
def test_bytes_that_are_no_text_are_refused_with_their_line(data: bytes) -> None:
    line, _, message = refusal(data)
    assert line == data[: data.find(b"a:")].count(b"\n") + 1
    assert message


def test_control_characters_written_as_escapes_are_refused_too() -> None:
    bad = MOOD.replace("public: Appointment", 'public: "a\\x07b"')
    assert refusal(bad)[1] == "title.public"


def test_a_file_may_extend_a_built_in_template_and_name_its_parts() -> None:
    text = """
id: short-mood
extends: ket-mood-3x2
title: {internal: Short mood series}
prep: plain
reminders: ladder_plain
phases:
- id: induction
  schedule: {type: quota, per_week: 2, count: 4, gap: {hard_min: 2, target: 3, soft_max: 5}}
  next: booster
"""
    found = load(text.encode())
    assert [one.id for one in found.phases] == ["induction", "booster"]
    assert found.prep.driver == "none"
    assert [one.id for one in found.reminders][:2] == ["R0", "R2"]
    assert refusal(text.replace("target: 3", "target: 1"))[:2] == (
        9,
        "phases[0].schedule.gap.target",
    )


def test_state_and_number_of_a_file_are_the_clinics_own_matter() -> None:
    """What is imported is a new draft, whatever the file says about itself."""
    assert load(("status: approved\nversion: 7\n" + MOOD).encode()) == load(MOOD.encode())
