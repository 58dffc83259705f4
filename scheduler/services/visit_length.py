"""Gives one visit another length within its profile's range, with who and why (domain C, H14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from scheduler.errors import Invalid
from scheduler.extensions import db
from scheduler.models import ProtocolVersion, Visit
from scheduler.planning.protocol import Protocol, check_minutes
from scheduler.planning.visit import VisitShape
from scheduler.planning.visit_profile import VisitFacts, VisitProfile
from scheduler.services.actor import Actor
from scheduler.services.protocol_files import parsed


def profile_of(visit: Visit) -> VisitProfile:
    """The profile of the visit's own template version, with the limits of each part."""
    return _profile(_protocol(visit), visit)


def shape_with(visit: Visit, minutes: dict[str, int]) -> VisitShape:
    """The visit's shape with other minutes of some parts; what it has already is kept.

    Raises Invalid outside the profile's range or floor (domain H14).
    """
    shape = VisitShape.from_plain(visit.shape)
    new = _new(shape, minutes)
    if not new:
        return shape
    protocol = _protocol(visit)
    profile = _profile(protocol, visit)
    for part, wanted in new.items():
        check_minutes(profile, part, wanted)
    kept = {p.name: p.minutes for p in shape.parts if p.minutes != profile.minutes(p.name)}
    early = shape.arrive_early_minutes  # resolved at booking; not the template's alone
    return replace(protocol.shape_of(profile, kept | new), arrive_early_minutes=early)


def change(visit: Visit, minutes: dict[str, int], reason: str, actor: Actor, now: datetime) -> None:
    """Set the visit's shape; nothing happens where the minutes are what they were.

    Raises Invalid outside range or floor, or without a reason.
    """
    new = _new(VisitShape.from_plain(visit.shape), minutes)
    if not new:
        return
    if not reason:
        raise Invalid("Say why this visit has another length.", field="reason")
    visit.shape = shape_with(visit, minutes).to_plain()
    entries: list[dict[str, Any]] = [
        {"what": part, "value": f"{wanted} minutes", "who": actor.name, "why": reason,
         "at": now.isoformat()}
        for part, wanted in sorted(new.items())
    ]  # fmt: skip
    visit.overrides = [*visit.overrides, *entries]


def _new(shape: VisitShape, minutes: dict[str, int]) -> dict[str, int]:
    """Those minutes that are not what the visit has."""
    have = {part.name: part.minutes for part in shape.parts}
    return {part: wanted for part, wanted in minutes.items() if wanted != have.get(part, 0)}


def _protocol(visit: Visit) -> Protocol:
    version = db.session.get_one(ProtocolVersion, visit.protocol_version_id)
    return parsed(version.document)


def _profile(protocol: Protocol, visit: Visit) -> VisitProfile:
    """The one that the visit was booked with."""
    name = VisitShape.from_plain(visit.shape).profile
    if name:
        return protocol.profile(name)
    number = visit.number
    facts = VisitFacts(number=number, number_in_phase=number, phase_id=visit.phase)
    return protocol.profile_for(facts)
