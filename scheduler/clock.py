"""The only clock: everything else is told what time it is."""

from __future__ import annotations

from datetime import UTC, datetime


def utcnow() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)
