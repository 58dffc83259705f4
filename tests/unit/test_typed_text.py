"""What the form's edge makes of typed text (trust fact 6)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.web.forms.text import clean_line, clean_lines

ANYTHING = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Odette \t Varga \n", "Odette Varga"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("a\x00b\x1b[31mc\x7f\x85d", "ab[31mc d"),
        ("\ud800lone", "lone"),
        ("\u202eevil\u2066 \u200bname\ufeff", "evil name"),
        ("\u2028first\u2029second", "first second"),
        ("\U0001f600 \u0645\u062d\u0645\u062f", "\U0001f600 \u0645\u062d\u0645\u062f"),
        ("<b>'\"&</b>", "<b>'\"&</b>"),
        ("\u200d\u200b \u00ad", ""),
        ("\ufffe\ufdd0x", "x"),
    ],
)
def test_one_line_keeps_words_and_drops_what_no_reader_sees(typed: str, kept: str) -> None:
    assert clean_line(typed) == kept


def test_several_lines_keep_their_breaks_and_at_most_one_blank_line() -> None:
    assert clean_lines("one \r\ntwo\rthree\n\n\n\nfour\x0b") == "one\ntwo\nthree\n\nfour"


@given(ANYTHING)
def test_cleaned_text_holds_no_control_and_no_surrogate(typed: str) -> None:
    kept = clean_line(typed)
    assert not [one for one in kept if unicodedata.category(one) in {"Cc", "Cs"}]
    assert kept.encode().decode() == kept
    assert unicodedata.is_normalized("NFC", kept)


@given(ANYTHING)
def test_cleaning_twice_changes_nothing_more(typed: str) -> None:
    assert clean_lines(clean_lines(typed)) == clean_lines(typed)
    assert clean_line(clean_line(typed)) == clean_line(typed)
