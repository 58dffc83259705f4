"""Adds a line to the audit, in the transaction of what it tells about."""

from __future__ import annotations

from datetime import datetime

from scheduler.extensions import db
from scheduler.models import AuditEntry
from scheduler.services.actor import Actor


def note(actor: Actor, action: str, subject: str, *, now: datetime, reason: str = "") -> None:
    """`subject` is a kind and an id, such as "visit:12"; no patient data in any of it (trust
    I19)."""
    db.session.add(
        AuditEntry(
            organisation_id=actor.organisation_id,
            at=now,
            user_id=actor.user_id,
            by_name=actor.name,
            action=action,
            subject=subject,
            reason=reason[:500],
        )
    )
