"""Words that a name shown to a patient's family, mailbox or calendar must not hold (trust I17)."""

from __future__ import annotations

import re

_BEGINNINGS = (
    "ketamin", "esketamin", "spravato", "infus", "psychiatr", "depress", "mental", "anxiet",
    "addict", "oncolog", "infliximab", "remicade",
)  # fmt: skip
_WHOLE = ("mood", "pain", "iron", "nad", "crps", "iv", "drip", "drug", "drugs", "series", "session")
_PATTERN = re.compile(
    rf"\b(?:(?:{'|'.join(_BEGINNINGS)})\w*|(?:{'|'.join(_WHOLE)})\b)", re.IGNORECASE
)


def tell_tales(text: str) -> list[str]:
    """The words of the text that say what somebody is treated with or for."""
    return _PATTERN.findall(text)
