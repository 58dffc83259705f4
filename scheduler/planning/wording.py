"""Texts that patients read: data with placeholders, by language; no code is ever in them.

A text is lines. A blank line parts two blocks, "# x" is a heading, "- x" an item, and a list alone
on its line becomes items. A line all of whose placeholders are empty is left out, and so is a line
that ends in a colon right before an empty list, and a heading with nothing below it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

LANGUAGES = ("en", "es")
FOLDER = Path(__file__).parent / "words" / "texts"
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
Values = Mapping[str, str | tuple[str, ...]]
"""What placeholders stand for; an empty string or tuple means that there is nothing to say."""
_ONE_OCLOCK = re.compile(r"\b([Ll])as (?=1:\d\d)")
_TWO_DOTS = re.compile(r"(\b[ap]\. m\.)\.(?!\.)")
"""Spanish: "a la 1:30", and one full stop after "8:45 a. m."."""


@dataclass(frozen=True)
class Block:
    """A heading, paragraphs and items, in this order; each may be missing."""

    heading: str = ""
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    @property
    def says_something(self) -> bool:
        return bool(self.paragraphs or self.items)

    @property
    def lines(self) -> tuple[str, ...]:
        """Without the heading."""
        return (*self.paragraphs, *self.items)


@dataclass(frozen=True)
class Wording:
    """All texts of one language by key ("r4.body"); `stamp` names the set for the record."""

    language: str
    texts: Mapping[str, str] = field(repr=False)
    stamp: str = "shipped"

    def text(self, key: str) -> str:
        """Raises KeyError for a key that has no text."""
        return self.texts[key]

    def has(self, key: str) -> bool:
        return bool(self.texts.get(key))

    def blocks(self, key: str, values: Values) -> tuple[Block, ...]:
        """Raises KeyError for an unknown key, or a placeholder that `values` does not know."""
        return filled(self.text(key), values, self.language)

    def line(self, key: str, values: Values | None = None) -> str:
        """The text as one line: for a subject, a short message, a calendar entry, a button."""
        return joined(self.blocks(key, values or {}))


def filled(text: str, values: Values, language: str = "en") -> tuple[Block, ...]:
    """The text with its values, in blocks. Raises KeyError for a placeholder without a value.

    Values are put in once: a brace or a line end in them stays plain text on its line.
    """
    building = _Building()
    for line in text.strip().splitlines():
        building.take(line.strip(), values, language)
    return building.finished()


def joined(blocks: tuple[Block, ...]) -> str:
    """All of it in one line, without headings; an item ends as a sentence does."""
    return " ".join(line for block in blocks for line in (*block.paragraphs, *_ended(block.items)))


def _ended(items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(item if item.endswith((".", "!", "?", ":")) else f"{item}." for item in items)


@lru_cache(maxsize=4096)
def placeholders(text: str) -> tuple[str, ...]:
    """Their names in order, each once."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(text)))


def stray_brace(text: str) -> bool:
    """A brace that belongs to no placeholder."""
    rest = PLACEHOLDER.sub("", text)
    return "{" in rest or "}" in rest


@cache
def shipped(language: str) -> Wording:
    """What the product brings; English stands in where a language has no text of its own.

    Raises KeyError for a language without texts, ValueError for a key that stands in two files.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    texts = _read(FOLDER / language)
    return Wording(language, texts if language == "en" else {**shipped("en").texts, **texts})


def topics(language: str = "en") -> dict[str, tuple[str, ...]]:
    """The keys of each file of texts, in their order: {"mail": ("digest.subject", ...)}."""
    return {path.stem: tuple(_keys(path)) for path in sorted((FOLDER / language).glob("*.toml"))}


class _Building:
    """Blocks from lines."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.heading = ""
        self.paragraphs: list[str] = []
        self.items: list[str] = []

    def take(self, line: str, values: Values, language: str) -> None:
        names = placeholders(line)
        if not line:
            self._close()
        elif names and not any(values[name] for name in names):
            self._leave_out(line, names, values)
        elif line.startswith("# "):
            self._close()
            self.heading = _put(line[2:], values, language)
        else:
            self._say(line, values, language)

    def _say(self, line: str, values: Values, language: str) -> None:
        listed = _list_alone(line, values)
        if listed is not None:
            self.items.extend(_one_line(one) for one in listed if one)
        elif line.startswith("- "):
            self.items.append(_put(line[2:], values, language))
        else:
            if self.items:
                self._close()
            self.paragraphs.append(_put(line, values, language))

    def _leave_out(self, line: str, names: tuple[str, ...], values: Values) -> None:
        a_list = line == f"{{{names[0]}}}" and isinstance(values[names[0]], tuple)
        if a_list and not self.items and self.paragraphs and self.paragraphs[-1].endswith(":"):
            self.paragraphs.pop()

    def _close(self) -> None:
        """A heading waits for what stands below it."""
        if self.paragraphs or self.items:
            self.blocks.append(Block(self.heading, tuple(self.paragraphs), tuple(self.items)))
            self.heading, self.paragraphs, self.items = "", [], []

    def finished(self) -> tuple[Block, ...]:
        self._close()
        return tuple(self.blocks)


def _list_alone(line: str, values: Values) -> tuple[str, ...] | None:
    found = PLACEHOLDER.fullmatch(line)
    value = values[found[1]] if found else ""
    return value if isinstance(value, tuple) else None


def _put(line: str, values: Values, language: str) -> str:
    said = _one_line(PLACEHOLDER.sub(lambda found: _inside(values[found[1]]), line))
    if language == "es":
        return _TWO_DOTS.sub(r"\1", _ONE_OCLOCK.sub(r"\1a ", said))
    return said


def _inside(value: str | tuple[str, ...]) -> str:
    """A list within a line: whole sentences follow each other, other items are parted."""
    if isinstance(value, str):
        return value
    sentences = all(one.endswith((".", "!", "?")) for one in value)
    return (" " if sentences else "; ").join(value)


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _read(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        for key, text in _keys(path).items():
            if key in found:
                raise ValueError(f"{key} stands in two files, one of them is {path.name}")
            found[key] = text
    return found


def _keys(path: Path) -> dict[str, str]:
    return dict(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))


def _flat(table: Mapping[str, object], above: str = "") -> list[tuple[str, str]]:
    found = []
    for name, value in table.items():
        if isinstance(value, dict):
            found.extend(_flat(value, f"{above}{name}."))
        else:
            found.append((f"{above}{name}", str(value).strip()))
    return found


ENGLISH = shipped("en")
