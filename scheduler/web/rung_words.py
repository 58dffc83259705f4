"""What the pages say about a rung of the reminder ladder, as it is typed now."""

from __future__ import annotations

from typing import Protocol

from scheduler.planning.rung import ReminderRule
from scheduler.planning.words.reminder import local_words, occasion
from scheduler.web.forms.rung_fields import local_time
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
    if "local" in rule.at:
        typed = local_time(form.values.one(f"{at}.days"), form.values.one(f"{at}.time"))
        return local_words(typed)
    return occasion(rule)


def opened(form: HasRungs, at: str, *_parts: str) -> bool:
    """A folded rung opens by itself where something in it needs the person or has the focus."""
    inside = f"{at}."
    return form.focus.startswith(inside) or any(name.startswith(inside) for name in form.errors)


def label(name: str) -> str:
    """ "Reminder R3: days before" """
    return LABELS.get(name) or field_label(Values(), name)
