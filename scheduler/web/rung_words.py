"""What the pages say about a rung of the reminder ladder, as it is typed now."""

from __future__ import annotations

from typing import Protocol

from scheduler.planning.rung import ReminderRule
from scheduler.planning.words.reminder import local_words, occasion
from scheduler.web.forms.rung_fields import local_time
from scheduler.web.forms.template_values import Values


class HasRungs(Protocol):
    """The form of a template or of a site."""

    values: Values

    def rung(self, rule_id: str) -> ReminderRule: ...


def reminder_title(form: HasRungs, rule_id: str) -> str:
    """ "3 days before, 10:00 am" """
    at, rule = f"reminders.{rule_id}", form.rung(rule_id)
    if "local" in rule.at:
        typed = local_time(form.values.one(f"{at}.days"), form.values.one(f"{at}.time"))
        return local_words(typed)
    return occasion(rule)
