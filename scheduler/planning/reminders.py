"""Which reminders a visit has, and when each is due, in the site's wall time (domain G)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.planning import ladder_when
from scheduler.planning.due_times import OpenOn, due, evening
from scheduler.planning.escalation import Escalation, person_at, second_at
from scheduler.planning.ladder import Ladder
from scheduler.planning.preparation import PrepTimes
from scheduler.planning.rung import CONSULT, ReminderRule
from scheduler.planning.sending_window import GRACE

FOLD_DAYS = 3
"""R3 of a visit that comes at most this many days after another stands in that visit's R4."""


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """One visit, as its rungs ask about it. `days_since_previous`: calendar days from the patient's
    visit before this one, None if there is none. `open_on`: the site's working days."""

    times: PrepTimes
    booked_at: datetime
    number: int = 1
    days_since_previous: int | None = None
    phase: str = ""
    open_on: OpenOn | None = None

    @property
    def facts(self) -> ladder_when.Facts:
        return {
            "session_no": self.number,
            "session_no_in_phase": self.number,
            "days_since_last": self.days_since_previous,
            "phase": self.phase,
        }


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """One message before one visit, aware UTC; after `useless_at` it helps nobody (trust I16).

    `second`: the same question by another way, for those who have not answered the first.
    """

    kind: str  # r1 r2 r3 r4 r5 own
    rule: ReminderRule
    due_at: datetime
    useless_at: datetime
    second: bool = False


def reminders(ladder: Ladder, occasion: Occasion) -> list[Reminder]:
    """Every message before this visit, in order, also what is past: the caller knows what of it
    can still leave."""
    found: list[Reminder] = []
    for rule in _rungs(ladder, occasion):
        found += _messages(rule, ladder, occasion)
    return sorted(found, key=lambda one: one.due_at)


def escalations(ladder: Ladder, occasion: Occasion) -> list[Escalation]:
    """What becomes a person's work where no answer comes, in order, before the patient arrives."""
    rules = _rungs(ladder, occasion)
    booked = ladder.rule("R0")
    if occasion.number == 1 and booked is not None:
        rules.append(booked)
    plans = (person_at(rule, occasion.times, occasion.booked_at) for rule in rules)
    found = [plan for plan in plans if plan is not None and plan.at < occasion.times.arrives_at]
    return sorted(found, key=lambda one: one.at)


def _rungs(ladder: Ladder, occasion: Occasion) -> list[ReminderRule]:
    """The rungs that this visit has: not R3 where it is folded, R1 for a consultation only."""
    gap = occasion.days_since_previous
    folded = gap is not None and gap <= FOLD_DAYS
    return [
        rule
        for rule in ladder.rules
        if rule.kind is not None
        and not (rule.kind == "r3" and folded)
        and (rule.kind != "r1" or occasion.phase == CONSULT)
        and ladder_when.holds(rule.when, occasion.facts)
    ]


def _messages(rule: ReminderRule, ladder: Ladder, occasion: Occasion) -> list[Reminder]:
    times, kind = occasion.times, rule.kind or ""
    due_at = due(rule, times, ladder.window, occasion.open_on)
    if due_at is None or due_at >= times.starts_at:
        return []
    ends_at = _useless(kind, due_at, ladder, times)
    found = [Reminder(kind=kind, rule=rule, due_at=due_at, useless_at=ends_at)]
    again_at = second_at(rule, times)
    if again_at is not None and due_at < again_at < times.starts_at:
        again_at = ladder.window.not_after(again_at, times.zone)
        ends_at = max(_evening(ladder, times), again_at + GRACE)
        again = Reminder(kind=kind, rule=rule, due_at=again_at, useless_at=ends_at, second=True)
        found.append(again)
    return found


def _useless(kind: str, due_at: datetime, ladder: Ladder, times: PrepTimes) -> datetime:
    """R1 to R3 give way to R4; R5 speaks of a stop that must lie ahead; R4 and a clinic's own help
    until the arrival."""
    if kind in ("r1", "r2", "r3"):
        return max(_evening(ladder, times), due_at + GRACE)
    if kind == "r5":
        return max(times.first_stop_at or due_at, due_at + GRACE)
    return max(times.arrives_at, due_at + GRACE)


def _evening(ladder: Ladder, times: PrepTimes) -> datetime:
    """When R4 leaves, or would."""
    last = ladder.rule("R4")
    at = due(last, times, ladder.window) if last is not None else None
    return at or evening(times, ladder.window)
