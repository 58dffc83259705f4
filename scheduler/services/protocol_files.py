"""Templates as YAML text: the stored document of a version, import and export. The round trip is
exact."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml

from scheduler.planning.protocol import Protocol
from scheduler.planning.reading.plain import Path, Problem, ProtocolInvalid, spelled
from scheduler.planning.reading.protocol import from_plain
from scheduler.planning.writing.protocol import to_plain
from scheduler.services import strict_yaml
from scheduler.services.protocol_library import library
from scheduler.services.strict_yaml import FileProblem, FileRefused, Parsed

SCHEMA = 1
OURS_ALONE = ("schema_version", "version", "status")
"""Keys of a file that are not part of the template: an imported one is always a new draft."""


class _Dumper(yaml.SafeDumper):
    """Writes every value out: no anchors, so that a reader needs none."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump(protocol: Protocol) -> str:
    """The canonical text: `load` gives the same protocol back, and dumping that the same bytes."""
    plain = {"schema_version": SCHEMA, **to_plain(protocol)}
    return yaml.dump(
        plain,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=100,
    )


def load(data: bytes) -> Protocol:
    """A template file, also one that extends a built-in template or names its prep or ladder.

    Raises FileRefused with line and field of every problem.
    """
    parsed_file = strict_yaml.parse(data)
    if not isinstance(parsed_file.value, dict):
        raise FileRefused([FileProblem(1, "", "A template is names with values, such as id: ...")])
    if parsed_file.value.get("schema_version", SCHEMA) != SCHEMA:
        line = parsed_file.line_of(("schema_version",))
        message = f"This program reads templates of schema version {SCHEMA}."
        raise FileRefused([FileProblem(line, "schema_version", message)])
    plain = {key: one for key, one in parsed_file.value.items() if key not in OURS_ALONE}
    try:
        full = library().completed(plain)
    except ProtocolInvalid as invalid:
        raise FileRefused(_located(invalid.problems, parsed_file, plain)) from invalid
    try:
        return from_plain(full)
    except ProtocolInvalid as invalid:
        raise FileRefused(_located(invalid.problems, parsed_file, full)) from invalid


@lru_cache(maxsize=256)
def parsed(document: str) -> Protocol:
    """The protocol of a stored document. Documents never change, so each is read once."""
    return load(document.encode())


def _located(
    problems: tuple[Problem, ...], parsed_file: Parsed, full: dict[str, Any]
) -> list[FileProblem]:
    """Problems with their lines, in the file's order."""
    found = []
    for problem in problems:
        path = _in_file(problem.path, parsed_file.value, full)
        found.append(FileProblem(parsed_file.line_of(path), spelled(path), problem.message))
    return sorted(found, key=lambda one: one.line)


def _in_file(path: Path, given: dict[str, Any], full: dict[str, Any]) -> Path:
    """Where a phase of a template that extends another stands in the file itself."""
    if "extends" not in given or len(path) < 2 or path[0] != "phases":
        return path
    own = given.get("phases") or []
    phase = full["phases"][path[1]]
    return ("phases", own.index(phase), *path[2:]) if phase in own else ("extends",)
