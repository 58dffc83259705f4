"""Words that must not stand in what a patient's mailbox or calendar shows (trust I17)."""

from __future__ import annotations

import re

WORDS = (
    "ketamine", "esketamine", "spravato", "infliximab", "remicade", "infusion",
    "infuse", "psychiatr", "depress", "mood", "mental", "anxiety", "pain", "crps", "clinic series",
    "series", "session", "booster", "induction", "taper", "maintenance", "dose", "drug",
    "chairtime",
)  # fmt: skip
WHOLE = ("iron", "nad")
"""Words that others begin with: Spanish "nada"."""
_PATTERN = re.compile(rf"\b({'|'.join(WORDS)}|(?:{'|'.join(WHOLE)})\b)", re.IGNORECASE)


_RANDOM = re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[A-Za-z0-9_-]{20,}", re.ASCII)
"""The letters of a link or a form's token: no words, even where they spell one."""


def tell_tales(text: str) -> list[str]:
    """The words of `text` that give something away."""
    return _PATTERN.findall(_RANDOM.sub(" ", text))
