"""Whether a message still holds, read from the visits as they are now (trust I10, calendar R5)."""

from __future__ import annotations

from datetime import datetime

from scheduler.extensions import db
from scheduler.models import Outbox, Site
from scheduler.services import after_visit, prep_changes, recalls
from scheduler.services.incoming import phone_answers
from scheduler.services.outgoing import (
    clearance_messages,
    displaced,
    driver_messages,
    ladders,
    outbox_holds,
    patient_messages,
)
from scheduler.services.outgoing.outbox_checks import (
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
from scheduler.services.outgoing.reminder_truth import rung_is_on, still_open, within_week
from scheduler.services.own import suspension

_INVITED = together(lives_there, visit_ahead, visit_planned, same_sequence, news)
_REMINDED = together(
    patient_messages.same_way, visit_ahead, visit_planned, same_version, rung_is_on, still_open
)
_DONE = together(patient_messages.same_way, after_visit.was_done)

RULES: dict[str, Check] = {
    "digest": together(lives_there, dates_ahead),
    "invite": _INVITED,
    "update": _INVITED,
    "cancel": together(visit_ahead, same_sequence, was_told),
    "r1": _REMINDED,
    "r2": together(_REMINDED, within_week),
    "r3": _REMINDED,
    "r4": _REMINDED,
    "r5": _REMINDED,
    "own": _REMINDED,
    "hold": outbox_holds.why_not,
    "hold_over": outbox_holds.why_not,
    "prep": together(patient_messages.same_way, prep_changes.no_news),
    "r6": driver_messages.why_not,
    "r7": _DONE,
    "r8": together(_DONE, within_week),
    "r9": together(_DONE, rung_is_on, within_week),
    "r10": together(_DONE, within_week),
    "r11": together(patient_messages.same_way, recalls.why_not, within_week),
    "r12": together(patient_messages.same_way, clearance_messages.why_not, within_week),
    "r13": together(patient_messages.same_way, displaced.why_not),
    phone_answers.KIND: phone_answers.why_not,
    "call_us": together(patient_messages.same_way, suspension.still_asks),
}
"""For each kind of message, why a row of it does not hold any more. One line per kind; a check
that only one kind needs lives beside what queues that kind."""


AT_ANY_HOUR = ("digest", "invite", "update", "cancel", "hold", "hold_over")


def untrue(row: Outbox, now: datetime) -> str | None:
    """Why the message does not hold any more, or None. Read from the visits as they are now.

    Raises KeyError for a kind that nobody vouches for: such a row fails, it never leaves.
    """
    return suspension.looks_good(row, now) or RULES[row.kind](row, now)


def shut_until(row: Outbox, now: datetime) -> datetime | None:
    """When the row may leave, if not now: by day, or at most half an hour late (domain G). What
    answers a booking at once goes by mail at any hour, and so does the answer to somebody who is
    writing right now."""
    at_once = row.channel == "email" and row.kind in AT_ANY_HOUR
    if at_once or row.kind == phone_answers.KIND:
        return None
    site = db.session.get_one(Site, row.site_id)
    return ladders.of_site(site).window.shut_until(row.due_at, now, site.zone)
