"""Chairs, rooms and bays of a site: reading, adding and changing them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from scheduler.errors import Invalid, Stale
from scheduler.extensions import db
from scheduler.models import Chair, Site
from scheduler.models.chair import CHAIR_KINDS
from scheduler.services import audit, closed_over, scope
from scheduler.services.actor import Actor
from scheduler.services.closed_over import Consent
from scheduler.transaction import retried, transaction


@dataclass(frozen=True, kw_only=True)
class ChairRequest:
    """What a person may set; `position` is the place on the board, from the left."""

    name: str
    kind: str
    in_service: bool
    position: int


def of_site(site_id: int, actor: Actor, *, in_service: bool = False) -> list[Chair]:
    """In the order of the board; with `in_service` only those. Raises NotFound."""
    site = scope.find(Site, site_id, actor)
    rows = scope.scoped(Chair, actor).where(Chair.site_id == site.id)
    if in_service:
        rows = rows.where(Chair.in_service.is_(True))
    return list(db.session.scalars(rows.order_by(Chair.position, Chair.id)))


def find(chair_id: int, actor: Actor) -> Chair:
    """Raises NotFound."""
    return scope.find(Chair, chair_id, actor)


def next_position(site_id: int, actor: Actor) -> int:
    """The place after the last one."""
    last = db.session.scalar(
        select(func.max(Chair.position)).where(
            Chair.organisation_id == actor.organisation_id, Chair.site_id == site_id
        )
    )
    return (last or 0) + 1


@retried
def add(site_id: int, request: ChairRequest, actor: Actor, *, now: datetime) -> int:
    """Returns the chair's id. Raises Invalid, NotFound, NotAllowed."""
    actor.require("edit_capacity")
    _check_kind(request)
    with transaction():
        site = scope.find(Site, site_id, actor)
        chair = Chair(organisation_id=actor.organisation_id, site_id=site.id)
        _set(chair, request)

        def insert() -> None:
            _refuse_name(site, request.name, None)
            db.session.add(chair)

        closed_over.change(site, closed_over.days(site, now), insert, closed_over.opening(now))
        audit.note(actor, "add_chair", f"chair:{chair.id}", now=now)
        return chair.id


@retried
def change(
    chair_id: int, request: ChairRequest, actor: Actor, *, version: int, consent: Consent
) -> tuple[int, ...]:
    """Returns the ids of visits that stay booked on a chair that is out of service now.

    Raises NeedsConfirmation with them if they were not accepted; Stale (trust I6), Invalid,
    NotFound, NotAllowed.
    """
    actor.require("edit_capacity")
    _check_kind(request)
    with transaction():
        chair = scope.find(Chair, chair_id, actor)
        site = scope.find(Site, chair.site_id, actor)

        def update() -> None:
            db.session.refresh(chair)
            if chair.version != version:
                raise Stale
            _refuse_name(site, request.name, chair.id)
            _set(chair, request)
            chair.version += 1

        days = closed_over.days(site, consent.now)
        hit = closed_over.change(site, days, update, consent)
        audit.note(actor, "change_chair", f"chair:{chair.id}", now=consent.now)
        return hit


def _set(chair: Chair, request: ChairRequest) -> None:
    chair.name, chair.kind = request.name, request.kind
    chair.in_service, chair.position = request.in_service, request.position


def _check_kind(request: ChairRequest) -> None:
    if request.kind not in CHAIR_KINDS:
        raise Invalid("Choose one of the kinds.", field="kind")


def _refuse_name(site: Site, name: str, own_id: int | None) -> None:
    """Folded in Python: SQLite's own lower() knows ASCII only."""
    others = db.session.execute(
        select(Chair.id, Chair.name).where(
            Chair.organisation_id == site.organisation_id, Chair.site_id == site.id
        )
    )
    if any(other != own_id and there.casefold() == name.casefold() for other, there in others):
        raise Invalid("Another chair here has this name.", field="name")
