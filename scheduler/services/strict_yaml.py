"""Reading YAML that somebody sent: plain values with their lines, and nothing that YAML can do
beside that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml

from scheduler.errors import Invalid
from scheduler.planning.reading.plain import Path, spelled

MOST_BYTES = 256 * 1024
MOST_VALUES = 20_000
DEEPEST = 12
WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,8})")
DECIMAL = re.compile(r"-?[0-9]{1,9}\.[0-9]{1,9}")
WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True)
class FileProblem:
    """What is wrong in a file: line from 1 (0: the file as a whole), field as people write it."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        place = f"Line {self.line}" if self.line else "File"
        return (
            f"{place}, {self.field}: {self.message}" if self.field else f"{place}: {self.message}"
        )


class FileRefused(Invalid):
    """The file cannot be used. Nothing was saved."""

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(str(problem) for problem in self.problems[:20]))


@dataclass
class Parsed:
    """A file's value, and the line of each path in it."""

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """The line of the value there, or of the nearest one around it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(data: bytes) -> Parsed:
    """One UTF-8 document of mappings, lists, texts, numbers, true, false and null.

    Raises FileRefused for everything else: tags, anchors and aliases, repeated keys, several
    documents, too large or too deep (trust fact 6: nothing is expanded, bytes are capped first).
    """
    text = _decoded(data)
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.take(event)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = "A character here cannot be used: it is a control character."
        raise FileRefused([FileProblem(line, "", message)]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = error.problem or error.context or "this is not YAML"
        raise FileRefused([FileProblem(mark.line + 1 if mark else 0, "", f"{said}.")]) from error
    if not builder.documents:
        raise FileRefused([FileProblem(0, "", "The file is empty.")])
    return builder.parsed


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        message = f"The file is larger than {MOST_BYTES // 1024} KB."
        raise FileRefused([FileProblem(0, "", message)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileRefused([FileProblem(line, "", "Save the file as UTF-8 text.")]) from error


@dataclass
class _Open:
    """A mapping or list that has begun: where it is, and the key whose value comes next."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None

    def next_path(self) -> Path:
        return (*self.path, len(self.value) if isinstance(self.value, list) else self.key or "")


class _Builder:
    """Events -> plain values, without recursion, so that depth is a number and not a crash."""

    def __init__(self) -> None:
        self.parsed = Parsed()
        self.open: list[_Open] = []
        self.documents = self.values = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._refuse(line, "A file holds one template only.")
        elif isinstance(event, yaml.AliasEvent):
            self._refuse(line, "References (*name) cannot be used.")
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            self._value(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()

    def _refuse(self, line: int, message: str) -> None:
        where = spelled(self.open[-1].path) if self.open else ""
        raise FileRefused([FileProblem(line, where, message)])

    def _value(self, event: yaml.Event, line: int) -> None:
        self.values += 1
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            self._refuse(line, "Names (&name) and types (!type) cannot be used.")
        if self.values > MOST_VALUES or len(self.open) > DEEPEST:
            self._refuse(line, "The file holds too much, or too deeply nested.")
        above = self.open[-1] if self.open else None
        if above is not None and isinstance(above.value, dict) and above.key is None:
            self._key(above, event, line)
        else:
            self._place(above, event, line)

    def _key(self, above: _Open, event: yaml.Event, line: int) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            self._refuse(line, "A name must be a plain word.")
            return
        key = str(event.value)
        if key in above.value:
            self._refuse(line, f"{key[:40]!r} stands here twice.")
        above.key = key
        self.parsed.lines[(*above.path, key)] = line

    def _place(self, above: _Open | None, event: yaml.Event, line: int) -> None:
        path = above.next_path() if above else ()
        self.parsed.lines.setdefault(path, line)
        value: Any = _scalar(event) if isinstance(event, yaml.ScalarEvent) else None
        if isinstance(event, yaml.CollectionStartEvent):
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
            self.open.append(_Open(value, path))
        if above is None:
            self.parsed.value = value
        elif isinstance(above.value, list):
            above.value.append(value)
        else:
            above.value[above.key or ""] = value
            above.key = None


def _scalar(event: yaml.ScalarEvent) -> Any:
    """Plain numbers, true, false and null; everything else is text, also 10:30, yes, no and
    dates."""
    text = str(event.value)
    if not event.implicit[0]:
        return text
    if text in WORDS:
        return WORDS[text]
    if WHOLE.fullmatch(text):
        return int(text)
    return float(text) if DECIMAL.fullmatch(text) else text
