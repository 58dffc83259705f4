"""Whose phones the demo's page may show, and what became of the messages on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Outbox
from scheduler.services.actor import Actor


@dataclass(frozen=True, kw_only=True)
class Known:
    """One message of ours: its row, the number it went to, when it left, and what was reported of
    it."""

    row_id: int
    number: str
    sent_at: datetime | None
    delivery: str


def known(references: Collection[str], actor: Actor) -> dict[str, Known]:
    """Those of these provider's numbers that are this organisation's messages."""
    actor.require("see_messages")
    mine = select(Outbox).where(
        Outbox.organisation_id == actor.organisation_id, Outbox.provider_ref.in_(references)
    )
    return {
        str(row.provider_ref): Known(
            row_id=row.id, number=row.recipient, sent_at=row.sent_at, delivery=row.delivery
        )
        for row in db.session.scalars(mine)
    }
