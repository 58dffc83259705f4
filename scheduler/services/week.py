"""What a week's rows share: hours and nurse cover are both rows of weekday, from and until."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import time
from itertools import pairwise

from scheduler.errors import Invalid
from scheduler.services import fingerprints

MIDNIGHT = time()
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Row = tuple[int, time, time, int]
"""(weekday with Monday 0, from, until, number); until 00:00 is the end of the day."""


def fingerprint(rows: Iterable[Row]) -> str:
    """Changes when the week does: what a form of the whole week was made from (trust I6)."""
    return fingerprints.fingerprint(sorted(rows))


def refuse_overlaps(rows: Sequence[Row]) -> None:
    """Raises Invalid if two rows of one weekday share a minute; touching is fine."""
    ordered = sorted(rows)
    for one, other in pairwise(ordered):
        if one[0] == other[0] and (one[2] == MIDNIGHT or other[1] < one[2]):
            raise Invalid(f"{DAYS[one[0]]} is there twice for the same time.", field="rows")
