"""What a change has queued for its patient: mails, tasks, and when the first of them leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """What was queued; `leaves_at` is when the first mail leaves, None if none does."""

    leaves_at: datetime | None = None
    mails: int = 0
    tasks: int = 0

    def __add__(self, other: Leaving) -> Leaving:
        times = [at for at in (self.leaves_at, other.leaves_at) if at is not None]
        return Leaving(
            leaves_at=min(times, default=None),
            mails=self.mails + other.mails,
            tasks=self.tasks + other.tasks,
        )


NOTHING = Leaving()
