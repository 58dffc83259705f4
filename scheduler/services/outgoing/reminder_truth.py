"""Whether a reminder still holds: its rung, its question, and how much a patient is told a week."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from scheduler.extensions import db
from scheduler.models import Outbox, Site
from scheduler.planning.ladder import LIMITED_KINDS
from scheduler.services.outgoing import ladders
from scheduler.services.own import answered

WEEK = timedelta(days=7)
SWITCHED_OFF = "This reminder is switched off."
ANSWERED = "The patient has answered."
ENOUGH = "The patient had enough messages this week."


def rung_is_on(row: Outbox, _now: datetime) -> str | None:
    """The ladder of the visit still has this rung."""
    there = row.visit is not None and ladders.of_visit(row.visit).rule(row.rule_id) is not None
    return None if there else SWITCHED_OFF


def still_open(row: Outbox, _now: datetime) -> str | None:
    """A second try asks only who has not answered the first (domain G, R3)."""
    if row.visit is None or not row.facts.get("second"):
        return None
    settled = answered.ready(row.visit) or answered.declined(row.visit)
    return ANSWERED if settled else None


def within_week(row: Outbox, now: datetime) -> str | None:
    """For R2 and R8 to R12: not more than the site allows in seven days (domain G). Preparation
    is never dropped, nor is a message that takes some of it along."""
    if row.facts.get("also"):
        return None
    site = db.session.get_one(Site, row.site_id)
    left = select(func.count()).where(
        Outbox.organisation_id == row.organisation_id,
        Outbox.patient_id == row.patient_id,
        Outbox.kind.in_(LIMITED_KINDS),
        Outbox.state == "sent",
        Outbox.sent_at > now - WEEK,
    )
    most = ladders.of_site(site).most_per_week
    return ENOUGH if (db.session.scalar(left) or 0) >= most else None
