"""Words that a name or a message read by family, mailbox or calendar must not hold (trust I17)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_BEGINNINGS = (
    "ketamin", "esketamin", "spravato", "infus", "psychiatr", "psiquiatr", "depress", "depresi",
    "mental", "anxiet", "ansiedad", "addict", "adicci", "oncolog", "infliximab", "remicade",
)  # fmt: skip
_WHOLE = (
    "mood", "pain", "iron", "nad", "crps", "iv", "drip", "drug", "drugs", "series", "session",
    "sessions", "dolor", "hierro", "droga", "drogas", "goteo", "sesion", "sesiones",
)  # fmt: skip
"""Whole words that a street or a person may well be called too."""
_STRONG = re.compile(rf"\b(?:{'|'.join(_BEGINNINGS)})\w*")
_WEAK = re.compile(rf"\b(?:{'|'.join(_WHOLE)})\b")


def tell_tales(text: str, own: Iterable[str] = ()) -> list[str]:
    """The words of the text that say what somebody is treated with or for.

    `own` are the clinic's words beside ours: whole words or phrases, whatever their case and
    accents.
    """
    folded = _folded(text)
    return [*_strong(folded, own), *_WEAK.findall(folded)]


def street_tales(text: str) -> list[str]:
    """Only those that streets and people are called too."""
    return _WEAK.findall(_folded(text))


def plain_tales(text: str, own: Iterable[str] = ()) -> list[str]:
    """The same without words that streets and people are called too ("Iron Street")."""
    return _strong(_folded(text), own)


def holds(text: str, word: str) -> bool:
    """Whether a word of the clinic's own list stands in the text."""
    pattern = _own((word,))
    return pattern is not None and pattern.search(_folded(text)) is not None


def _strong(folded: str, own: Iterable[str]) -> list[str]:
    found = _STRONG.findall(folded)
    pattern = _own(tuple(own))
    return found if pattern is None else [*found, *pattern.findall(folded)]


@lru_cache(maxsize=64)
def _own(words: tuple[str, ...]) -> re.Pattern[str] | None:
    known = [r"\s+".join(re.escape(one) for one in _folded(word).split()) for word in words]
    alternatives = "|".join(one for one in known if one)
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)") if alternatives else None


def _folded(text: str) -> str:
    """Small letters without accents or invisible characters: "Ket\u00adámina" reads "ketamina"."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text.casefold()).translate(_INVISIBLE)


class _Invisible(dict[int, int | None]):
    """Code points to themselves, accents and format characters to nothing; learned as they come."""

    def __missing__(self, point: int) -> int | None:
        dropped = unicodedata.category(chr(point)) in ("Mn", "Cf")
        self[point] = kept = None if dropped else point
        return kept


_INVISIBLE = _Invisible()
