"""One message to one patient beside calendar and ladder, by the first way that leads there.

Runs inside the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Site, Visit
from scheduler.services.outgoing import outbox_rows, reach

ELSEWHERE = "The patient is reached in another way now."


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """`about` names what it is about where there is no visit. `channels` are those that this kind
    may take; the patient's own wish comes first among them (domain G)."""

    kind: str
    due_at: datetime
    useless_at: datetime
    rule_id: str = ""
    about: str = ""
    visit: Visit | None = None
    version: int = 1
    facts: dict[str, Any] = field(default_factory=dict)
    channels: tuple[str, ...] = reach.ELECTRONIC


def queue(patient: Patient, site: Site, new: NewMessage, *, now: datetime) -> Outbox | None:
    """None where no electronic way leads to the patient: then a person has to."""
    channel = next((one for one in reach.ways(patient, site) if one in new.channels), None)
    if channel is None:
        return None
    visit = new.visit
    row = Outbox(
        organisation_id=patient.organisation_id,
        site_id=site.id,
        patient_id=patient.id,
        visit_id=visit.id if visit else None,
        series_id=visit.series_id if visit else None,
        kind=new.kind,
        channel=channel,
        rule_id=new.rule_id,
        about=new.about,
        recipient=reach.address(patient, channel),
        sequence=visit.sequence if visit else 0,
        version=new.version,
        facts=new.facts,
        due_at=new.due_at,
        useless_at=new.useless_at,
        state="waiting",
        created_at=now,
    )
    return outbox_rows.add(row)


def waiting(kind: str, *, about: str = "", visit: Visit | None = None) -> list[Outbox]:
    """Rows of a kind that have not left yet."""
    rows = select(Outbox).where(Outbox.kind == kind, Outbox.state == "waiting")
    mine = Outbox.about == about if visit is None else Outbox.visit_id == visit.id
    return list(db.session.scalars(rows.where(mine).order_by(Outbox.id)))


def was_queued(kind: str, *, about: str = "", visit: Visit | None = None) -> bool:
    """Whether such a message was ever owed, whatever became of it."""
    rows = select(Outbox.id).where(Outbox.kind == kind)
    mine = Outbox.about == about if visit is None else Outbox.visit_id == visit.id
    return db.session.scalar(rows.where(mine).limit(1)) is not None


def same_way(row: Outbox, _now: datetime) -> str | None:
    """For outbox_truth: the patient can still be reached where the row would go."""
    site = db.session.get_one(Site, row.site_id)
    there = reach.usable(row.patient, row.channel, site)
    same = reach.address(row.patient, row.channel).casefold() == row.recipient.casefold()
    return None if there and same else ELSEWHERE
