"""How long to wait before the next try: longer each time, and never all at once (trust I13)."""

from __future__ import annotations

from datetime import timedelta

FIRST = timedelta(seconds=30)
LONGEST = timedelta(hours=1)


def wait(tries: int, jitter: float) -> timedelta:
    """After `tries` (from 1) failed ones: 30 s doubling up to an hour, times 0.5 to 1.5.

    `jitter` in [0, 1) spreads messages that failed together.
    """
    doubled = FIRST * (1 << min(max(tries, 1) - 1, 10))
    return min(doubled, LONGEST) * (0.5 + jitter)
