"""Text that may stand in a header or a calendar line: no control, no bidi trick (trust fact 6)."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = frozenset(
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t]+")


def one_line(text: str, cap: int) -> str:
    """NFC, without controls, bidi marks, surrogates or line ends; at most `cap` characters."""
    return _SPACES.sub(" ", lines(_BREAKS.sub(" ", text), 2 * cap)).strip()[:cap].strip()


def lines(text: str, cap: int) -> str:
    """The same, keeping line ends as LF."""
    if text.isascii() and text.isprintable():
        return text[:cap]
    kept = "".join(one for one in _BREAKS.sub("\n", text[: 4 * cap]) if _allowed(one))
    return unicodedata.normalize("NFC", kept)[:cap]


def _allowed(one: str) -> bool:
    if one in "\n\t":
        return True
    return unicodedata.category(one) not in {"Cc", "Cs", "Co", "Zl", "Zp"} and one not in _INVISIBLE
