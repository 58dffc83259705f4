"""What stands in the fields of the template editor: names -> texts as typed, one namespace for
all of it.

A name is a path of short names joined by dots, such as phases.induction.schedule.gap.hard_min;
phases, profiles and reminders are named by their ids, so that a name means the same whatever
their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scheduler.web.forms.text import clean_line

MOST_FIELDS = 4_000


class Values:
    """Texts by name; a name may have several (checkboxes, the order of phases)."""

    def __init__(self, data: dict[str, list[str]] | None = None) -> None:
        self.data = data or {}

    @classmethod
    def typed(cls, pairs: Iterable[tuple[str, str]]) -> Values:
        """From a sent form; every text is cleaned at this edge (trust fact 6)."""
        found = cls()
        for place, (name, text) in enumerate(pairs):
            if place >= MOST_FIELDS:
                break
            found.data.setdefault(name, []).append(clean_line(text))
        return found

    def one(self, name: str) -> str:
        """The text of a field, "" if it was not sent."""
        return next(iter(self.data.get(name, ())), "")

    def many(self, name: str) -> list[str]:
        return self.data.get(name, [])

    def is_on(self, name: str) -> bool:
        return self.one(name) == "1"

    def put(self, name: str, *texts: str | int | bool | None) -> None:
        """Numbers as text, True as "1", None and False as nothing."""
        self.data[name] = [_text(one) for one in texts if one is not None and one is not False]

    def drop(self, prefix: str) -> None:
        """Every field under a name."""
        gone = [name for name in self.data if name == prefix or name.startswith(f"{prefix}.")]
        for name in gone:
            del self.data[name]

    def under(self, prefix: str) -> Iterator[str]:
        return (name for name in self.data if name.startswith(f"{prefix}."))

    def copy(self) -> Values:
        return Values({name: list(texts) for name, texts in self.data.items()})


def _text(value: str | int | bool) -> str:
    return "1" if value is True else str(value)
