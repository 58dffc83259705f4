"""Where the figures of a template come from, as rows that people can read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scheduler.planning.protocol import PART_LABELS, Protocol
from scheduler.planning.visit_profile import Notes

JUDGEMENT = "our own judgement"


@dataclass(frozen=True)
class SourceRow:
    """`words` cite sources by their keys."""

    where: str
    field: str
    words: str


def source_rows(protocol: Protocol) -> tuple[SourceRow, ...]:
    return tuple(_rows(protocol))


def _rows(protocol: Protocol) -> Iterator[SourceRow]:
    for phase in protocol.phases:
        yield from _noted(phase.label, phase.src)
    for profile in protocol.profiles:
        yield from _noted(profile.label, profile.src)
    yield from _noted("Preparation", protocol.prep_src)
    yield from _noted("Tasks", protocol.tasks_src)


def _noted(where: str, notes: Notes) -> Iterator[SourceRow]:
    for field, words in notes:
        said = (JUDGEMENT if word == "J" else word for word in words)
        yield SourceRow(where, PART_LABELS.get(field) or field.replace("_", " "), "; ".join(said))
