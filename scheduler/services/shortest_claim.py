"""The shortest time a chair can be booked for: a shorter hole beside a visit is lost (planner,
slivers)."""

from __future__ import annotations

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import ProtocolVersion
from scheduler.services.actor import Actor
from scheduler.services.protocol_files import parsed


def shortest_claim(actor: Actor) -> int:
    """Minutes, turnaround included, over all approved templates; 0 if there is none."""
    documents = db.session.scalars(
        select(ProtocolVersion.document).where(
            ProtocolVersion.organisation_id == actor.organisation_id,
            ProtocolVersion.status == "approved",
        )
    )
    lengths = [
        protocol.shape_of(profile).chair_minutes
        for protocol in map(parsed, documents)
        for profile in protocol.profiles
    ]
    return min((minutes for minutes in lengths if minutes > 0), default=0)
