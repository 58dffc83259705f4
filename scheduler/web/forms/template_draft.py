"""A document in the making, and which field of the editor each part of it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from scheduler.planning.reading.plain import Path
from scheduler.web.forms.template_values import Values

NUMBER = re.compile(r"-?[0-9]{1,9}")
Plain = dict[str, Any]


@dataclass
class Draft:
    """A document in the making. `places` knows the field of each path, also of those left empty."""

    values: Values
    plain: Plain = field(default_factory=dict)
    places: dict[Path, str] = field(default_factory=dict)

    def take(self, into: Plain, key: str, path: Path, name: str, *, number: bool = True) -> None:
        """One field under its key, as a number where it is one; an empty field adds nothing."""
        self.places[(*path, key)] = name
        text = self.values.one(name)
        if text:
            into[key] = whole(text) if number else text

    def numbers(self, into: Plain, keys: tuple[str, ...], path: Path, at: str) -> None:
        for key in keys:
            self.take(into, key, path, f"{at}.{key}")

    def field_of(self, path: Path) -> str | None:
        """The field to which a problem belongs: its own, one below it, or the nearest around it."""
        while path:
            below = (name for at, name in self.places.items() if at[: len(path)] == path)
            if name := self.places.get(path) or next(below, None):
                return name
            path = path[:-1]
        return None


def whole(text: str) -> int | str:
    return int(text) if NUMBER.fullmatch(text) else text


def number_list(text: str) -> list[int | str]:
    """ "0, 14 and 42" """
    parts = re.split(r"[,;\s]+|\band\b|\bor\b", text)
    return [whole(part) for part in parts if part]
