"""What is exported comes back exactly, and no cell of it begins like a formula (trust fact 7)."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.services import csv_text

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
LEADS = ("", " ", "\t", "\r", "\n", "\x00", "\ufeff", "\u200b", "'", "''")
ORDINARY = [
    "",
    "'",
    '"',
    'a "quoted" b',
    "a,b",
    "a\r\nb",
    "+1 555 0100",
    "Ines Calloway",
    "9:00 am",
]
NASTY = st.sampled_from([f"{lead}{sign}1+1" for lead in LEADS for sign in SIGNS] + ORDINARY)
CELLS = st.one_of(NASTY, st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=6)


@given(ROWS)
def test_a_table_comes_back_as_it_was(rows: list[list[str]]) -> None:
    assert csv_text.read(csv_text.write(rows)) == rows


@given(ROWS)
def test_no_cell_begins_dangerously_for_a_spreadsheet(rows: list[list[str]]) -> None:
    source = io.StringIO(csv_text.write(rows).removeprefix(csv_text.MARK), newline="")
    for row in csv.reader(source):
        for cell in row:
            assert not cell.startswith(tuple(f"{SIGNS}\t\r\n\x00 "))


def test_a_phone_number_keeps_its_plus() -> None:
    text = csv_text.write([["Phone"], ["+1 555 0100"]])
    assert csv_text.read(text) == [["Phone"], ["+1 555 0100"]]
    assert "'+1 555 0100" in text


def test_numbers_and_nothing_are_written_as_text() -> None:
    assert csv_text.read(csv_text.write([[480, 81.25, None]])) == [["480", "81.25", ""]]


def test_a_broken_file_is_refused_and_not_guessed_at() -> None:
    with pytest.raises(csv.Error):
        csv_text.read('"a"b,c')


def test_a_file_of_another_program_is_read_too() -> None:
    assert csv_text.read("Name,Phone\nIda,555-0100\n") == [["Name", "Phone"], ["Ida", "555-0100"]]
