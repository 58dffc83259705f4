"""The reminder ladder: which message is due when, in the site's wall time (domain G)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ReminderRule:
    """One rung, as data. `at`, `when` and `escalate` keep the plain form of domain E so that a file round-trips."""

    id: str  # R0 .. R13, R3p, or a clinic's own
    at: dict[str, Any]
    when: dict[str, Any] | None = None
    channels: tuple[str, ...] = ()
    action: str = "none"
    escalate: dict[str, Any] | None = None
    optional: bool = False
