"""The built-in library: scheduler/rules/regimens.yaml as self-contained templates. All of them
are drafts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from scheduler.planning.protocol import Protocol
from scheduler.planning.reading.ladder import read_reminders
from scheduler.planning.reading.parents import resolved
from scheduler.planning.reading.plain import Problem, ProtocolInvalid, Reader
from scheduler.planning.reading.protocol import from_plain
from scheduler.planning.rung import ReminderRule
from scheduler.services import strict_yaml

FILE = Path(__file__).parents[1] / "rules" / "regimens.yaml"
FIRST = ("ket-mood-3x2", "ket-mood-2x3", "ket-pain-6", "ket-reinduction")
"""Shown before the others; the rest keeps the order of the file."""
BLANK_PARTS = {
    "checkin": 10,
    "prep": 15,
    "infusion": 30,
    "recovery": 30,
    "discharge": 5,
    "turnaround": 15,
}
BLANK_GAP = {"hard_min": 7, "target": 28, "soft_max": 42}
Plain = dict[str, Any]


@dataclass(frozen=True)
class Library:
    """The file's tables, by name."""

    regimens: dict[str, Plain]
    preps: dict[str, Plain]
    rungs: dict[str, Plain]
    ladders: dict[str, list[Plain]]
    resources: dict[str, Plain]
    sources: dict[str, Plain]

    def completed(self, plain: Plain) -> Plain:
        """A template with everything that it only names written out.

        Raises ProtocolInvalid for an unknown parent; an unknown prep or ladder stays as it is, and
        reading the template names it.
        """
        full = resolved(plain, self.regimens)
        prep, ladder, kind = full.get("prep"), full.get("reminders"), full.get("class")
        if isinstance(prep, str):
            full = full | {"prep": self.preps.get(prep, prep)}
        if isinstance(ladder, str):
            full = full | {"reminders": self.ladders.get(ladder, ladder)}
        if isinstance(kind, str) and "resources" not in full and kind in self.resources:
            full = full | {"resources": self.resources[kind]}
        return full


@cache
def library() -> Library:
    """Read once per process; the file is part of the program."""
    raw = strict_yaml.parse(FILE.read_bytes()).value
    rungs = {name: {"id": name, **rung} for name, rung in raw["reminders"].items()}
    return Library(
        regimens={regimen["id"]: regimen for regimen in raw["regimens"]},
        preps={name: _prep(table) for name, table in raw["prep_sets"].items()},
        rungs=rungs,
        ladders={name: [rungs[rung] for rung in ladder] for name, ladder in raw["ladders"].items()},
        resources=raw["resource_classes"],
        sources=raw["sources"],
    )


@cache
def templates() -> tuple[Protocol, ...]:
    """Every built-in template, the mood and pain series first."""
    known = library()
    names = [*FIRST, *(name for name in known.regimens if name not in FIRST)]
    return tuple(from_plain(_with_sources(known.completed(known.regimens[one]))) for one in names)


@cache
def rungs() -> tuple[ReminderRule, ...]:
    """Every rung that a ladder may have, in the order of the day."""
    problems: list[Problem] = []
    listed = {"reminders": list(library().rungs.values())}
    found = read_reminders(Reader(listed, (), problems))
    if problems:
        raise ProtocolInvalid(problems)
    return found


def blank() -> Protocol:
    """A small template to build on: one visit at a time, with the plainest preparation."""
    known = library()
    return from_plain(
        {
            "id": "template",
            "title": {"internal": "New template", "public": "Appointment"},
            "class": "non_sedating",
            "prep": known.preps["plain"],
            "reminders": known.ladders["ladder_plain"],
            "resources": known.resources["non_sedating"],
            "profiles": {"std": {"parts": BLANK_PARTS}},
            "phases": [{"id": "visits", "schedule": {"type": "on_demand", "gap": BLANK_GAP}}],
        }
    )


def _prep(table: Plain) -> Plain:
    """{name: {value, src, allowed, varies, note}} -> values, and their sources in words."""
    values = {name: one["value"] for name, one in table.items() if name != "escort_fallback"}
    notes = {name: _notes(one) for name, one in table.items()}
    return {**values, "src": notes}


def _notes(one: Plain) -> list[str]:
    words = list(one.get("src", []))
    words += [f"elsewhere: {one['varies']}"] if "varies" in one else []
    words += [one["note"]] if "note" in one else []
    if "allowed" in one:
        words.append("allowed {} to {}".format(*one["allowed"]))
    return words


def _with_sources(plain: Plain) -> Plain:
    """The sources that the template cites, so that its document stands alone."""
    cited = _words(plain)
    used = {
        key: one for key, one in library().sources.items() if any(key in word for word in cited)
    }
    return plain | {"sources": used}


def _words(value: Any) -> set[str]:
    """Every word of every note in the template."""
    if isinstance(value, dict):
        return set().union(*(_words(one) for key, one in value.items()))
    if isinstance(value, list):
        return set().union(*(_words(one) for one in value))
    return (
        set(value.replace(",", " ").replace(":", " ").replace("/", " ").split())
        if isinstance(value, str)
        else set()
    )
