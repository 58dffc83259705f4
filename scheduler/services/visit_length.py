"""Gives one visit another length within its profile's range, with who and why (domain C, H14)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scheduler.errors import Invalid
from scheduler.extensions import db
from scheduler.models import ProtocolVersion, Visit
from scheduler.planning.visit import VisitShape
from scheduler.planning.visit_profile import VisitFacts, VisitProfile
from scheduler.services.actor import Actor
from scheduler.services.protocol_files import parsed


def profile_of(visit: Visit) -> VisitProfile:
    """The profile of the visit's own template version, with the limits of each part."""
    version = db.session.get_one(ProtocolVersion, visit.protocol_version_id)
    return parsed(version.document).profile_for(_facts(visit))


def change(visit: Visit, minutes: dict[str, int], reason: str, actor: Actor, now: datetime) -> None:
    """Set the visit's shape; nothing happens where the minutes are what they were.

    Raises Invalid outside range or floor, or without a reason.
    """
    shape = VisitShape.from_plain(visit.shape)
    have = {part.name: part.minutes for part in shape.parts}
    new = {part: wanted for part, wanted in minutes.items() if wanted != have.get(part)}
    if not new:
        return
    if not reason:
        raise Invalid("Say why this visit has another length.", field="reason")
    version = db.session.get_one(ProtocolVersion, visit.protocol_version_id)
    protocol = parsed(version.document)
    visit.shape = protocol.shape_for(_facts(visit), _kept(visit, protocol_minutes=new)).to_plain()
    entries: list[dict[str, Any]] = [
        {"what": part, "value": f"{wanted} minutes", "who": actor.name, "why": reason,
         "at": now.isoformat()}
        for part, wanted in sorted(new.items())
    ]  # fmt: skip
    visit.overrides = [*visit.overrides, *entries]


def _kept(visit: Visit, *, protocol_minutes: dict[str, int]) -> dict[str, int]:
    """What earlier overrides set, and the new minutes over it."""
    profile = profile_of(visit)
    parts = VisitShape.from_plain(visit.shape).parts
    other = {p.name: p.minutes for p in parts if p.minutes != profile.minutes(p.name)}
    return other | protocol_minutes


def _facts(visit: Visit) -> VisitFacts:
    return VisitFacts(number=visit.number, number_in_phase=visit.number, phase_id=visit.phase)
