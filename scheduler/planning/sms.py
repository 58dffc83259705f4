"""A short message as a phone network counts it: 160 characters of GSM 03.38, or 70 of any other."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("^{}\\[~]|€")
_PLAIN = {
    **dict.fromkeys("\u2018\u2019\u201a\u2032", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
    "\u2026": "...",
}
_HALF_OF_DAY = re.compile(r"\b([ap])\. m\.")
_HALF_AT_END = re.compile(r"\b([ap])\. m\.(?=\s+(?:[A-ZÁÉÍÓÚÑ¿¡]|https?:)|$)")


@dataclass(frozen=True)
class Length:
    """`units` as the network counts them (some characters take two); `parts` are what is paid."""

    units: int
    parts: int
    plain: bool  # every character is of GSM 03.38

    @property
    def limit(self) -> int:
        """How many units fit into one part."""
        return 160 if self.plain else 70


def short(text: str) -> str:
    """The text for a phone: "a. m." shorter, and in plain characters if all of it can be so.

    Where one character has no plain form the text stays as it is: it costs no more then.
    """
    text = _HALF_OF_DAY.sub(r"\1m", _HALF_AT_END.sub(r"\1m.", text))
    folded = "".join(_folded(one) for one in text)
    return folded if _is_plain(folded) else text


def length(text: str) -> Length:
    if _is_plain(text):
        units = len(text) + sum(one in _TWICE for one in text)
        return Length(units, _parts(units, 160, 153), True)
    units = len(text.encode("utf-16-le")) // 2
    return Length(units, _parts(units, 70, 67), False)


def _parts(units: int, alone: int, in_a_row: int) -> int:
    return 1 if units <= alone else -(-units // in_a_row)


def _is_plain(text: str) -> bool:
    return all(one in _BASIC or one in _TWICE for one in text)


def _folded(one: str) -> str:
    if one in _BASIC or one in _TWICE:
        return one
    if one in _PLAIN:
        return _PLAIN[one]
    bare = unicodedata.normalize("NFD", one)[0]
    return bare if bare in _BASIC else one
