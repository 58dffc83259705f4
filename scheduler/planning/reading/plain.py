"""Reading plain data (mappings, lists, numbers, text) so that every problem is found, not only the
first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from scheduler.errors import Invalid

T = TypeVar("T")
Path = tuple[str | int, ...]
SLUG = re.compile(r"[a-z0-9][a-z0-9_+-]{0,59}")
UNSEEN = {"Cc", "Cs", "Zl", "Zp"}  # controls, lone surrogates, line and paragraph separators
TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}  # bidi overrides


@dataclass(frozen=True)
class Problem:
    """What is wrong and where: `path` is the way from the document's root, ("phases", 0,
    "schedule", "count")."""

    path: Path
    message: str

    @property
    def where(self) -> str:
        """The path as people write it: phases[0].schedule.count."""
        return spelled(self.path)


class ProtocolInvalid(Invalid):
    """The template cannot be used as it is. Nothing was saved."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{p.where}: {p.message}" if p.path else p.message for p in self.problems[:5])
        )


def spelled(path: Path) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def text_problem(value: str, longest: int) -> str | None:
    """Why a text cannot be kept, or None (trust fact 6)."""
    if len(value) > longest:
        return f"Use at most {longest} characters; this has {len(value):,}."
    if any(unicodedata.category(one) in UNSEEN or one in TURNING for one in value):
        return (
            "Leave out characters that cannot be seen, such as line breaks and control characters."
        )
    return None


class Reader:
    """One mapping, read key by key. A problem is noted and a stand-in returned, so reading goes on.

    `finish()` at the end refuses the keys that nobody asked for: a misspelt word must not pass in
    silence.
    """

    def __init__(self, value: Any, path: Path, problems: list[Problem]) -> None:
        self.path, self.problems, self.asked = path, problems, set[str]()
        self.given: Mapping[str, Any] = {}
        if isinstance(value, Mapping):
            self.given = value
        else:
            self.note("Names with values belong here.")

    def note(self, message: str, *at: str | int) -> None:
        self.problems.append(Problem((*self.path, *at), message))

    def has(self, key: str) -> bool:
        return self.given.get(key) is not None

    def raw(self, key: str) -> Any:
        self.asked.add(key)
        return self.given.get(key)

    def text(self, key: str, *, longest: int, default: str | None = None) -> str:
        """Text of 1 to `longest` characters; required unless there is a default."""
        value = self.raw(key)
        if value is None or value == "":
            if default is None:
                self.note("This is missing.", key)
            return default or ""
        if not isinstance(value, str):
            self.note("Text belongs here.", key)
            return default or ""
        if problem := text_problem(value, longest):
            self.note(problem, key)
        return value

    def title(self, key: str, *, usual: str) -> str | None:
        """A heading of at most 60 characters; None if there is none, or only the usual one."""
        given = self.text(key, longest=60, default="")
        return None if given in ("", usual) else given

    def slug(self, key: str, *, default: str | None = None) -> str:
        """A short name: small letters, digits, _ + and -."""
        value = self.text(key, longest=60, default=default)
        if value and value != default and not SLUG.fullmatch(value):
            self.note("Use small letters, digits, - and _ only, at most 60.", key)
        return value

    def one_of(self, key: str, allowed: Iterable[str], *, default: str | None = None) -> str:
        options = tuple(allowed)
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if value not in options or not isinstance(value, str):
            self.note(f"Use one of: {', '.join(options)}.", key)
            return default or options[0]
        return value

    def integer(self, key: str, *, low: int, high: int) -> int:
        """A whole number in [low, high]; required."""
        value = self.raw(key)
        if value is None:
            self.note("This is missing.", key)
            return low
        return whole(value, low, high, self.noter(key))

    def optional_integer(
        self, key: str, *, low: int, high: int, default: int | None = None
    ) -> int | None:
        value = self.raw(key)
        if value is None:
            return default
        return whole(value, low, high, self.noter(key))

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.note("Use true or false.", key)
            return default
        return value

    def noter(self, *at: str | int) -> Callable[[str], None]:
        return lambda message: self.note(message, *at)

    def nested(self, key: str) -> Reader:
        """The mapping under `key`; an absent one reads as empty."""
        value = self.raw(key)
        return Reader({} if value is None else value, (*self.path, key), self.problems)

    def items(self, key: str, *, most: int, least: int = 0) -> list[tuple[Path, Any]]:
        """The list under `key` with each item's path; an absent one reads as empty."""
        value = self.raw(key)
        if value is None:
            value = []
        if not isinstance(value, list | tuple):
            self.note("A list belongs here.", key)
            return []
        if not least <= len(value) <= most:
            self.note(
                f"List at least {least}." if len(value) < least else f"List at most {most}.", key
            )
        return [((*self.path, key, place), item) for place, item in enumerate(value[:most])]

    def integers(
        self, key: str, *, low: int, high: int, most: int, least: int = 0
    ) -> tuple[int, ...]:
        """A list of whole numbers, rising."""
        found = [
            whole(item, low, high, self.noter(*path[len(self.path) :]))
            for path, item in self.items(key, most=most, least=least)
        ]
        if any(later <= earlier for earlier, later in pairwise(found)):
            self.note("Each number must be larger than the one before it.", key)
        return tuple(found)

    def slugs(self, key: str, *, most: int) -> tuple[str, ...]:
        found = []
        for path, item in self.items(key, most=most):
            if not isinstance(item, str) or not SLUG.fullmatch(item):
                self.note(
                    "Use small letters, digits, - and _ only, at most 60.", *path[len(self.path) :]
                )
            else:
                found.append(item)
        if len(set(found)) != len(found):
            self.note("Name each only once.", key)
        return tuple(found)

    def finish(self) -> None:
        for key in self.given:
            if key not in self.asked:
                shown = key[:40] if isinstance(key, str) else repr(key)[:40]
                self.note("Nothing has this name here. Check the spelling.", shown)


def whole(value: Any, low: int, high: int, note: Callable[[str], None]) -> int:
    """`value` if it is a whole number in [low, high]; else notes why not and stands in with
    `low`."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        note(f"Use a whole number from {low:,} to {high:,}.")
        return low
    return value
