"""Words that must not stand in what a patient's mailbox or calendar shows (trust I17)."""

from __future__ import annotations

import re

WORDS = (
    "ketamine", "esketamine", "spravato", "infliximab", "remicade", "iron", "nad", "infusion",
    "infuse", "psychiatr", "depress", "mood", "mental", "anxiety", "pain", "crps", "clinic series",
    "series", "session", "booster", "induction", "taper", "maintenance", "dose", "drug",
    "chairtime",
)  # fmt: skip
_PATTERN = re.compile(r"\b(" + "|".join(WORDS) + ")", re.IGNORECASE)


def tell_tales(text: str) -> list[str]:
    """The words of `text` that give something away."""
    return _PATTERN.findall(text)
