"""How long a chair can be booked for: what of a hole beside a visit is lost (planner, slivers)."""

from __future__ import annotations

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import ProtocolVersion
from scheduler.services.actor import Actor
from scheduler.services.protocol_files import parsed


def bookable_claims(actor: Actor) -> tuple[int, ...]:
    """Minutes, turnaround included, over all approved templates, each length once, the shortest
    first."""
    documents = db.session.scalars(
        select(ProtocolVersion.document).where(
            ProtocolVersion.organisation_id == actor.organisation_id,
            ProtocolVersion.status == "approved",
        )
    )
    lengths = {
        protocol.shape_of(profile).chair_minutes
        for protocol in map(parsed, documents)
        for profile in protocol.profiles
    }
    return tuple(sorted(minutes for minutes in lengths if minutes > 0))
