"""Whether a message still holds, read from the visits as they are now (trust I10, calendar R5)."""

from __future__ import annotations

from datetime import datetime

from scheduler.models import Outbox
from scheduler.planning.reminders import may_leave, next_opening
from scheduler.services import outbox_holds, outbox_rows, patient_messages, prep_changes, suspension
from scheduler.services.outbox_checks import (
    Check,
    dates_ahead,
    lives_there,
    news,
    same_sequence,
    same_version,
    together,
    visit_ahead,
    visit_planned,
    was_told,
)
from scheduler.services.outbox_facts import facts_of

_INVITED = together(lives_there, visit_ahead, visit_planned, same_sequence, news)
_REMINDED = together(lives_there, visit_ahead, visit_planned, same_version)

RULES: dict[str, Check] = {
    "digest": together(lives_there, dates_ahead),
    "invite": _INVITED,
    "update": _INVITED,
    "cancel": together(visit_ahead, same_sequence, was_told),
    "r3": _REMINDED,
    "r4": _REMINDED,
    "r5": _REMINDED,
    "hold": outbox_holds.why_not,
    "hold_over": outbox_holds.why_not,
    "prep": together(patient_messages.same_way, prep_changes.no_news),
    "call_us": together(patient_messages.same_way, suspension.still_asks),
}
"""For each kind of message, why a row of it does not hold any more. One line per kind; a check
that only one kind needs lives beside what queues that kind."""


def untrue(row: Outbox, now: datetime) -> str | None:
    """Why the message does not hold any more, or None. Read from the visits as they are now.

    Raises KeyError for a kind that nobody vouches for: such a row fails, it never leaves.
    """
    return suspension.looks_good(row, now) or RULES[row.kind](row, now)


def shut_until(row: Outbox, now: datetime) -> datetime | None:
    """Reminders leave by day, or at most half an hour late (domain G)."""
    if row.kind not in outbox_rows.REMINDER_KINDS or row.visit is None:
        return None
    times = facts_of(row, now=now).visit.times
    return None if may_leave(row.due_at, now, times) else next_opening(now, times)
