"""One rung of the reminder ladder, as data (domain E and G)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KINDS = {"R1": "r1", "R2": "r2", "R3": "r3", "R3p": "r3", "R4": "r4", "R5": "r5"}
"""The rungs that are sent before a visit; the words of r3 follow the preparation."""
AFTER_OR_APART = ("R0", "R6", "R7", "R8", "R9", "R10", "R11", "R12", "R13")
"""Rungs of domain G that something else than a coming visit sets off."""
OWN = "own"
"""The kind of every rung that a clinic adds by itself."""
CONSULT = "consult"
"""The phase whose visits R1 is about."""


@dataclass(frozen=True, kw_only=True)
class ReminderRule:
    """One rung as data; `at`, `when`, `escalate` keep domain E's plain form: files round-trip.

    `text` is what a clinic's own rung says; the words of the others are the site's texts.
    """

    id: str  # R0 .. R13, R3p, or a clinic's own
    at: dict[str, Any]
    when: dict[str, Any] | None = None
    channels: tuple[str, ...] = ()
    action: str = "none"
    escalate: dict[str, Any] | None = None
    optional: bool = False
    text: str = ""

    @property
    def kind(self) -> str | None:
        """The kind of message before a visit; None for a rung that leaves apart from one."""
        return None if self.id in AFTER_OR_APART else KINDS.get(self.id, OWN)

    @property
    def is_own(self) -> bool:
        return self.kind == OWN
