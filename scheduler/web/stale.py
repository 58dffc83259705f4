"""A stale edit: what is saved now beside what was typed, for the person to choose (trust I6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wtforms import Field

from scheduler.web.forms.base import Form


@dataclass(frozen=True)
class Difference:
    """One field that somebody else left otherwise than it was typed here."""

    label: str
    saved: str
    typed: str


def differences(typed: Form, saved: Form) -> list[Difference]:
    """Fields that differ, in the order of the form; hidden ones are left out."""
    found = []
    for field in typed:
        if field.type in {"HiddenField", "CSRFTokenField", "FieldList"}:
            continue
        mine, theirs = shown(field), shown(saved[field.short_name])
        if mine != theirs:
            found.append(Difference(field.label.text, theirs or "nothing", mine or "nothing"))
    return found


def shown(field: Field) -> str:
    """The value as the page shows it."""
    if field.type == "BooleanField":
        return "yes" if field.data else "no"
    if hasattr(field, "iter_choices"):
        return ", ".join(str(one.label) for one in field.iter_choices() if one.selected)
    value: Any = field._value()
    return str(value)


def version_of(form: Any) -> int:
    """The version that the form was made from; 0, which no row has, if it was tampered with."""
    typed = str(form.version.data or "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
