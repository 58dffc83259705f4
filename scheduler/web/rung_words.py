"""What the pages say about a rung of the reminder ladder, as it is typed now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from scheduler.planning.rung import ReminderRule
from scheduler.planning.words.reminder import evening_words, local_words, occasion
from scheduler.web.forms import rung_fields
from scheduler.web.forms.template_draft import Draft
from scheduler.web.forms.template_values import Values
from scheduler.web.template_labels import field_label

LABELS = {
    "window.opens": "Messages leave from",
    "window.closes": "Messages leave until",
    "most_per_week": "At most a week",
}


class HasRungs(Protocol):
    """The form of a template or of a site."""

    values: Values
    focus: str

    @property
    def errors(self) -> dict[str, list[str]]: ...

    def rung(self, rule_id: str) -> ReminderRule: ...


def reminder_title(form: HasRungs, rule_id: str) -> str:
    """ "3 days before, 10:00 am" """
    at, rule = f"reminders.{rule_id}", form.rung(rule_id)
    typed = _typed(form, at, rule)
    if "local" in rule.at:
        return local_words(typed["local"])
    if rule.at.get("rule") == "evening_rule":
        return evening_words(typed["else_local"], form.values.one("window.closes") or "8:00 pm")
    return occasion(replace(rule, at=typed))


def _typed(form: HasRungs, at: str, rule: ReminderRule) -> dict[str, Any]:
    """When it leaves as it is typed now; what cannot be read yet stays as it was."""
    draft = Draft(form.values)
    found = rung_fields.at_document(draft, rule.at, (), at)
    numbers = {"offset_min", "working_days"}
    if any(not isinstance(found[key], int) for key in numbers & set(found)):
        return rule.at
    listed = found.get("days", [])
    return found if all(isinstance(one, int) for one in listed) else rule.at


def opened(form: HasRungs, at: str, *_parts: str) -> bool:
    """A folded rung opens by itself where something in it needs the person or has the focus."""
    inside = f"{at}."
    return form.focus.startswith(inside) or any(name.startswith(inside) for name in form.errors)


def label(name: str) -> str:
    """ "Reminder R3: days before" """
    return LABELS.get(name) or field_label(Values(), name)
