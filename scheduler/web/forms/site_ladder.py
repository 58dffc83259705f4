"""The form of a site's reminders: what is typed, what it means, what is wrong where.

No WTForms class: the rungs are read by the same reader as those of a template.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import time
from functools import cached_property

from scheduler.errors import Invalid
from scheduler.planning.ladder import Ladder, RungChange, SiteLadder, resolved
from scheduler.planning.reading.ladder import read_reminders
from scheduler.planning.reading.plain import Problem, Reader
from scheduler.planning.rung import ReminderRule
from scheduler.planning.sending_window import Window
from scheduler.planning.writing.protocol import reminder_to_plain
from scheduler.services.outgoing.ladders import shipped, standard
from scheduler.web.forms import rung_fields, wall
from scheduler.web.forms.template_draft import Draft, whole
from scheduler.web.forms.template_values import Values

OPENS, CLOSES, MOST = "window.opens", "window.closes", "most_per_week"
MOST_A_WEEK = 7
EARLIEST, LATEST = time(8), time(21)
"""Federal rules allow calls and texts from 8 to 21 local time (domain G)."""
AT_NIGHT = "Nothing may leave before 8:00 am or after 9:00 pm."
TOO_SHORT = "The hours end at least an hour after they begin."
NO_NUMBER = "Use a whole number from 0 to 7."


@dataclass
class LadderForm:
    """`more` holds what the service refused, by field."""

    values: Values
    focus: str = ""
    more: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, ladder: SiteLadder) -> LadderForm:
        """As the site has it."""
        values = Values()
        values.put(OPENS, wall.clock_text(ladder.window.opens))
        values.put(CLOSES, wall.clock_text(ladder.window.closes))
        values.put(MOST, str(ladder.most_per_week))
        there = resolved(shipped().values(), shipped(), ladder)
        for rule in (*shipped().values(), *ladder.own):
            holds = there.rule(rule.id)
            rung_fields.fill(values, holds or _changed(rule, ladder), on=holds is not None)
        values.put("reminder", *shipped(), *[rule.id for rule in ladder.own])
        return cls(values)

    @classmethod
    def sent(cls, pairs: Iterable[tuple[str, str]]) -> LadderForm:
        return cls(Values.typed(pairs))

    def rung(self, rule_id: str) -> ReminderRule:
        return rung_fields.with_all_plans(rung_fields.shape(rule_id))

    def was(self, name: str) -> str | None:
        """Nothing is compared here."""
        return None

    def refuse(self, refused: Invalid) -> None:
        """What the service said, at the field of that rung's place in the list."""
        place = str(refused.field).split(".")[1]
        rule_id = [rule.id for rule in self.ladder.own][int(place)]
        self.more.setdefault(f"reminders.{rule_id}.text", []).append(str(refused))
        self.__dict__.pop("errors", None)

    @cached_property
    def _read(self) -> tuple[tuple[ReminderRule, ...], Draft, list[Problem]]:
        """Every rung as its fields say, those that are off too: they keep what was typed."""
        values = self.values.copy()
        for rule_id in values.many("reminder"):
            values.put(f"reminders.{rule_id}.on", True)
        draft = Draft(values)
        known = {rule.id: reminder_to_plain(rule) for rule in shipped().values()}
        plain = {"reminders": rung_fields.rungs_document(draft, known)}
        problems: list[Problem] = []
        return read_reminders(Reader(plain, (), problems)), draft, problems

    @cached_property
    def errors(self) -> dict[str, list[str]]:
        """Messages by field name, in the page's order."""
        found = self._window_errors()
        _, draft, problems = self._read
        for problem in problems:
            name = draft.field_of(problem.path) or ""
            if problem.message not in found.setdefault(name, []):
                found[name].append(problem.message)
        for name, messages in self.more.items():
            found.setdefault(name, []).extend(messages)
        return found

    def _window_errors(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in (OPENS, CLOSES):
            try:
                at = wall.wall_time(self.values.one(name))
            except ValueError as why:
                found[name] = [str(why)]
            else:
                found |= {} if EARLIEST <= at <= LATEST else {name: [AT_NIGHT]}
        if not found and self._window.closes.hour <= self._window.opens.hour:
            found[CLOSES] = [TOO_SHORT]
        most = whole(self.values.one(MOST))
        if not isinstance(most, int) or not 0 <= most <= MOST_A_WEEK:
            found[MOST] = [NO_NUMBER]
        return found

    @property
    def _window(self) -> Window:
        opens, closes = (wall.wall_time(self.values.one(name)) for name in (OPENS, CLOSES))
        return Window(opens=opens, closes=closes)

    @cached_property
    def ladder(self) -> SiteLadder:
        """What the fields mean; ask only where `errors` is empty."""
        rules = self._read[0]
        return SiteLadder(
            window=self._window,
            most_per_week=int(self.values.one(MOST)),
            changes={rule.id: self._change(rule) for rule in rules},
            own=tuple(rule for rule in rules if rule.is_own),
        )

    @property
    def resolved(self) -> Ladder:
        """The ladder of a template for sedating visits that says nothing of its own."""
        return resolved(standard(sedating=True), shipped(), self.ladder)

    def _is_on(self, rule: ReminderRule) -> bool:
        return self.values.is_on(f"reminders.{rule.id}.on")

    def _change(self, rule: ReminderRule) -> RungChange:
        """Only what differs from the rung as shipped."""
        usual, on = shipped().get(rule.id, rule), self._is_on(rule)
        return RungChange(
            on=on if on is usual.optional else None,
            at=rule.at if rule.at != usual.at else None,
            when=rule.when if rule.when != usual.when else None,
            channels=rule.channels if rule.channels != usual.channels else None,
            escalate=(rule.escalate or {}) if rule.escalate != usual.escalate else None,
        )


def _changed(rule: ReminderRule, ladder: SiteLadder) -> ReminderRule:
    """A rung that is off, with what the site had said about it."""
    change = ladder.changes.get(rule.id, RungChange())
    on = {rule.id: RungChange(**{**change.__dict__, "on": True})}
    there = resolved((rule,), shipped(), SiteLadder(changes=on))
    return there.rules[0]
