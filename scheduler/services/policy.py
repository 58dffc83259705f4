"""What the configuration decides about messages, handed to the services that queue them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`undo_seconds`: how long a message waits before it leaves. `reply_plus`: calendar A4."""

    undo_seconds: int = 180
    reply_plus: bool = True
