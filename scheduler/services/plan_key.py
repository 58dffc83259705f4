"""The chosen plan as one hidden form value: "3:2027-01-13T14:00Z,3:2027-01-15T14:00Z@7.2.0".

What stands behind the "@" are the versions it was made from (day_versions); it may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from scheduler.errors import Invalid

_FORM = "%Y-%m-%dT%H:%MZ"
_MOST = 100


@dataclass(frozen=True)
class Choice:
    """A chair and an aware UTC start."""

    chair_id: int
    starts_at: datetime


def write(choices: Iterable[Choice], made_from: Iterable[int] = ()) -> str:
    places = ",".join(f"{one.chair_id}:{one.starts_at.astimezone(UTC):{_FORM}}" for one in choices)
    versions = ".".join(str(version) for version in made_from)
    return f"{places}@{versions}" if versions else places


def made_from(text: str) -> tuple[int, ...] | None:
    """The versions in the key; None if there are none, or nothing that `write` would write."""
    versions = text.partition("@")[2].split(".", _MOST + 1)
    if not all(one.isascii() and one.isdigit() and len(one) < 12 for one in versions):
        return None
    return tuple(int(one) for one in versions)


def read(text: str) -> tuple[Choice, ...]:
    """In the order of time. Raises Invalid for anything that `write` would not write."""
    try:
        places = text.partition("@")[0]
        choices = [_read_one(item) for item in places.split(",", _MOST)]
    except (ValueError, OverflowError):
        raise Invalid("Choose one of the plans.", field="plan") from None
    return tuple(sorted(choices, key=lambda one: one.starts_at))


def _read_one(item: str) -> Choice:
    chair, starts = item.split(":", 1)
    if not (chair.isascii() and chair.isdigit() and len(chair) < 10):
        raise ValueError(item)
    return Choice(int(chair), datetime.strptime(starts, _FORM).replace(tzinfo=UTC))
