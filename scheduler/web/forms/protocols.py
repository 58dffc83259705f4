"""The template editor's form: what is typed, what it means, what is wrong where, what differs
from the version in use.

It is no WTForms class: its fields follow the document, whose reader already checks every one of
them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from scheduler.planning.protocol import Protocol
from scheduler.planning.reading.plain import Problem
from scheduler.planning.reading.protocol import read
from scheduler.planning.rung import ReminderRule
from scheduler.planning.writing.protocol import reminder_to_plain, to_plain
from scheduler.services.protocol_library import rungs
from scheduler.web.forms import rung_fields
from scheduler.web.forms.template_document import document
from scheduler.web.forms.template_draft import Draft, Plain
from scheduler.web.forms.template_fill import filled
from scheduler.web.forms.template_values import Values

PAGE_ORDER = ("phases", "profiles", "rules", "resources", "prep", "reminders", "title", "class")


@dataclass
class TemplateForm:
    """`base` is the version that was opened; `in_use` the one that new series use, if it is
    another."""

    values: Values
    base: Protocol
    in_use: Protocol | None = None
    focus: str = ""
    more: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, base: Protocol, in_use: Protocol | None) -> TemplateForm:
        """As the version stands."""
        return cls(_with_all_rungs(filled(base)), base, in_use)

    @classmethod
    def sent(
        cls, pairs: Iterable[tuple[str, str]], base: Protocol, in_use: Protocol | None
    ) -> TemplateForm:
        """As somebody typed it. Without a list of phases nothing was sent: then as it stands."""
        values = Values.typed(pairs)
        if not values.many("phase") or not values.many("profile"):
            return cls.of(base, in_use)
        return cls(_with_all_rungs(values), base, in_use)

    @cached_property
    def draft(self) -> Draft:
        plain: Plain = to_plain(self.base)
        return document(self.values, plain | {"rungs": [reminder_to_plain(one) for one in rungs()]})

    @cached_property
    def _read(self) -> tuple[Protocol, tuple[Problem, ...]]:
        return read(self.draft.plain)

    @property
    def template(self) -> Protocol:
        """What the fields mean, with stand-ins where `problems` has something to say."""
        return self._read[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._read[1]

    @cached_property
    def errors(self) -> dict[str, list[str]]:
        """Messages by field name, in the page's order; "" holds what belongs to no field.

        Fill `more` before asking.
        """
        found: dict[str, list[str]] = {}
        for problem in (*self.problems, *self.more):
            name = self.draft.field_of(problem.path) or ""
            if problem.message not in found.setdefault(name, []):
                found[name].append(problem.message)
        return dict(sorted(found.items(), key=lambda item: self._place(item[0])))

    def _place(self, name: str) -> tuple[int, int]:
        """Where the field stands: its part of the page, and for a phase its tab."""
        group, _, rest = name.partition(".")
        ids, owner = self.values.many("phase"), rest.partition(".")[0]
        return (
            PAGE_ORDER.index(group) if group in PAGE_ORDER else len(PAGE_ORDER),
            ids.index(owner) if group == "phases" and owner in ids else 0,
        )

    def rung(self, rule_id: str) -> ReminderRule:
        """As the opened version has it; one that it lacks as shipped, or as a new one of its
        own."""
        there = (one for one in self.base.reminders if one.id == rule_id)
        return rung_fields.with_all_plans(next(there, None) or rung_fields.shape(rule_id))

    @cached_property
    def before(self) -> Values:
        """The fields of the version in use."""
        return _with_all_rungs(filled(self.in_use)) if self.in_use else Values()

    def was(self, name: str) -> str | None:
        """What the version in use says in this field, if that is something else."""
        if self.in_use is None:
            return None
        now, then = self.values.many(name), self.before.many(name)
        return None if now == then else ", ".join(then)

    def changes(self, *prefixes: str) -> int:
        """How many fields under these names differ from the version in use."""
        if self.in_use is None:
            return 0
        names = {*self.values.data, *self.before.data}
        chosen = {one for one in names if one.startswith(prefixes)}
        return sum(self.values.many(name) != self.before.many(name) for name in chosen)


def _with_all_rungs(values: Values) -> Values:
    """Rungs that the template does not have stand behind its own, switched off."""
    known = values.many("reminder")
    for rule in rungs():
        if rule.id not in known:
            rung_fields.fill(values, rule, on=False)
    values.put("reminder", *known, *[rule.id for rule in rungs() if rule.id not in known])
    return values
