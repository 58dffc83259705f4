"""Single questions of whether a waiting message still holds, for the registry in outbox_truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from scheduler.extensions import db
from scheduler.models import Outbox, Site
from scheduler.models.visit import PLANNED_STATES
from scheduler.services.outgoing import outbox_rows, reach
from scheduler.services.outgoing.outbox_facts import coming_visits

Check = Callable[[Outbox, datetime], str | None]
"""Why the row does not hold any more at this instant, in words for the desk; None if it does."""


def together(*checks: Check) -> Check:
    """The first reason that any of them finds."""

    def reason(row: Outbox, now: datetime) -> str | None:
        return next((why for check in checks if (why := check(row, now)) is not None), None)

    return reason


def lives_there(row: Outbox, _now: datetime) -> str | None:
    """What tells of dates: the patient still has this address or number, and wants it there."""
    patient, site = row.patient, db.session.get_one(Site, row.site_id)
    there = reach.usable(patient, row.channel, site)
    same = reach.address(patient, row.channel).casefold() == row.recipient.casefold()
    return None if there and same else "The patient has another address now."


def dates_ahead(row: Outbox, now: datetime) -> str | None:
    """A digest: a visit of its series lies ahead."""
    return None if coming_visits(row, now) else "No visit lies ahead."


def visit_ahead(row: Outbox, now: datetime) -> str | None:
    """The visit it is about has not begun."""
    past = row.visit is None or row.visit.starts_at <= now
    return "The visit lies in the past." if past else None


def visit_planned(row: Outbox, now: datetime) -> str | None:
    """The visit it is about takes place; a tentative entry: its time is held (calendar O5)."""
    if row.visit is not None and row.facts.get("tentative"):
        until = row.visit.held_until
        held = row.visit.state == "held" and until is not None and until > now
        return None if held else "The time is not held any more."
    planned = row.visit is not None and row.visit.state in PLANNED_STATES
    return None if planned else "The visit does not take place."


def same_version(row: Outbox, _now: datetime) -> str | None:
    """Nothing about the visit changed since the row was queued (trust I10)."""
    same = row.visit is not None and row.visit.version == row.version
    return None if same else "The visit was changed."


def same_sequence(row: Outbox, _now: datetime) -> str | None:
    """The calendar entry it speaks of is still the newest (calendar U2)."""
    same = row.visit is not None and row.visit.sequence == row.sequence
    return None if same else "The visit was changed."


def news(row: Outbox, _now: datetime) -> str | None:
    """A calendar message says something that the recipient was not told last (calendar U6)."""
    if row.visit is None:
        return None
    before = outbox_rows.last_left(row.visit, row.recipient)
    return outbox_rows.AS_TOLD if outbox_rows.says_the_same(row, before) else None


def was_told(row: Outbox, _now: datetime) -> str | None:
    """A CANCEL takes back something that left (calendar A3). A subscriber's plain mail was only
    queued because words had left."""
    if row.visit is None or row.method is None:
        return None
    told = outbox_rows.last_left(row.visit, row.recipient)
    return outbox_rows.NOTHING_LEFT if told is None else None
