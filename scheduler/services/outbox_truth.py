"""Whether a message still holds, read from the visits as they are now (trust I10, calendar R5)."""

from __future__ import annotations

from datetime import datetime

from scheduler.models import Outbox, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.reminders import may_leave, next_opening
from scheduler.services import outbox_rows
from scheduler.services.outbox_facts import coming_visits, facts_of


def untrue(row: Outbox, now: datetime) -> str | None:
    """Why the message does not hold any more, or None. Read from the visits as they are now."""
    if row.kind != "cancel" and not _lives_there(row):
        return "The patient has another address now."
    if row.visit is None:
        return None if coming_visits(row, now) else "No visit lies ahead."
    visit = row.visit
    if visit.starts_at <= now:
        return "The visit lies in the past."
    if row.kind == "cancel":
        return _needless_cancel(row, visit)
    if visit.state not in PLANNED_STATES:
        return "The visit does not take place."
    current = visit.sequence == row.sequence if row.method else visit.version == row.version
    if not current:
        return "The visit was changed."
    before = outbox_rows.last_left(visit, row.recipient) if row.method else None
    return outbox_rows.AS_TOLD if outbox_rows.says_the_same(row, before) else None


def _needless_cancel(row: Outbox, visit: Visit) -> str | None:
    if visit.sequence != row.sequence:
        return "The visit was changed again."
    told = outbox_rows.last_left(visit, row.recipient)
    return outbox_rows.NOTHING_LEFT if told is None else None


def _lives_there(row: Outbox) -> bool:
    patient = row.patient
    return outbox_rows.by_mail(patient) and patient.email.casefold() == row.recipient.casefold()


def shut_until(row: Outbox, now: datetime) -> datetime | None:
    """Reminders leave by day, or at most half an hour late (domain G)."""
    if row.kind not in outbox_rows.REMINDER_KINDS or row.visit is None:
        return None
    times = facts_of(row, now=now).visit.times
    return None if may_leave(row.due_at, now, times) else next_opening(now, times)
