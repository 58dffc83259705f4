"""What a log may say of an error: its kind and place, never its words (trust I17)."""

from __future__ import annotations

from traceback import extract_tb


def where(error: BaseException) -> str:
    """An error's own words may hold an address."""
    frames = extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}"
