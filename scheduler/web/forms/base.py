"""What every form shares: CSRF, a service's refusal at its field, a list of what is wrong."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field

from scheduler.errors import Invalid


class Form(FlaskForm):
    """A FlaskForm whose fields a service can still refuse after `validate()`."""

    note: str | None = None
    """A refusal that belongs to no field; `error_summary(form)` shows it."""

    def refuse(self, error: Invalid) -> None:
        """Show what a service refused at the field that it names, or above the form."""
        field = self._fields.get(error.field or "")
        if field is None:
            self.note = error.message
        else:
            field.errors = [*field.errors, error.message]

    def wrong(self) -> list[Field]:
        """Fields with an error, in the order of the form, those inside lists included."""
        return [one for field in self for one in _inner(field) if one.errors]


def _inner(field: Any) -> list[Field]:
    """A list or an inner form is replaced by the fields that a person sees in it."""
    if field.type in {"FieldList", "FormField"}:
        return [one for part in field for one in _inner(part)]
    return [field]
