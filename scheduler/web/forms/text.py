"""Cleans what people type: no control, surrogate or bidi trick passes the edge (trust fact 6)."""

from __future__ import annotations

import re
import unicodedata

_BIDI_AND_INVISIBLE = (
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_DROPPED = str.maketrans(dict.fromkeys(_BIDI_AND_INVISIBLE))
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean_lines(text: str) -> str:
    """Several lines, in NFC; every kind of line end becomes LF, at most one blank line in a row."""
    plain = _LINE_ENDS.sub("\n", text)
    kept = "".join(one for one in plain if one in "\n\t" or not _is_junk(one)).translate(_DROPPED)
    lines = (line.rstrip() for line in unicodedata.normalize("NFC", kept).split("\n"))
    return _or_nothing(_BLANK_LINES.sub("\n\n", "\n".join(lines)).strip())


def clean_line(text: str) -> str:
    """One line, in NFC; line ends, tabs and runs of spaces become one space."""
    return _or_nothing(_SPACES.sub(" ", clean_lines(text)).strip())


def _is_junk(one: str) -> bool:
    """Controls, lone surrogates and code points that are no characters."""
    point = ord(one)
    unassigned = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    return unassigned or unicodedata.category(one) in {"Cc", "Cs"}


def _or_nothing(text: str) -> str:
    """Text that shows nothing at all, such as lone joiners, is empty."""
    shown = any(unicodedata.category(one) not in {"Cf", "Zs", "Zl", "Zp", "Mn"} for one in text)
    return text if shown else ""
