"""Pumps and monitors of a site: how many it owns, and when some are out of use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from scheduler.errors import Invalid, Stale
from scheduler.extensions import db
from scheduler.models import Equipment, EquipmentOutage, Site
from scheduler.models.equipment import EQUIPMENT_KINDS
from scheduler.services import audit, closed_over, fingerprints, scope, spans
from scheduler.services.actor import Actor
from scheduler.services.closed_over import Consent
from scheduler.transaction import retried, transaction

MOST = 999
Counts = Mapping[str, int | None]
"""How many of each kind; None: nobody counts them here (domain H10)."""


@dataclass(frozen=True, kw_only=True)
class OutageRequest:
    """`number` of a kind are out of use for [starts_at, ends_at) UTC; staff see the reason."""

    kind: str
    number: int
    starts_at: datetime
    ends_at: datetime
    reason: str


def counts(site_id: int, actor: Actor) -> dict[str, int | None]:
    """Of every kind. Raises NotFound."""
    site = scope.find(Site, site_id, actor)
    rows = db.session.scalars(scope.scoped(Equipment, actor).where(Equipment.site_id == site.id))
    found: dict[str, int | None] = dict.fromkeys(EQUIPMENT_KINDS)
    return {**found, **{row.kind: row.count for row in rows}}


def fingerprint(counted: Counts) -> str:
    """Which counts a form was made from."""
    return fingerprints.fingerprint(sorted(counted.items()))


@retried
def set_counts(
    site_id: int, counted: Counts, actor: Actor, *, was: str, consent: Consent
) -> tuple[int, ...]:
    """Replace all counts. Returns the ids of booked visits that lack one now; they stay booked.

    Raises NeedsConfirmation with them if they were not accepted; Stale (trust I6), Invalid,
    NotFound, NotAllowed.
    """
    actor.require("edit_capacity")
    _check_counts(counted)
    with transaction():
        site = scope.find(Site, site_id, actor)

        def replace() -> None:
            if fingerprint(counts(site.id, actor)) != was:
                raise Stale
            db.session.execute(delete(Equipment).where(Equipment.site_id == site.id))
            db.session.add_all(
                Equipment(
                    organisation_id=site.organisation_id, site_id=site.id, kind=kind, count=number
                )
                for kind, number in counted.items()
                if number is not None
            )

        hit = closed_over.change(site, closed_over.days(site, consent.now), replace, consent)
        audit.note(actor, "change_equipment", f"site:{site.id}", now=consent.now)
        return hit


def outages(site_id: int, actor: Actor, *, since: datetime) -> list[EquipmentOutage]:
    """Those that end after `since`, in order of time. Raises NotFound."""
    site = scope.find(Site, site_id, actor)
    rows = scope.scoped(EquipmentOutage, actor).where(EquipmentOutage.site_id == site.id)
    rows = rows.where(EquipmentOutage.ends_at > since)
    return list(db.session.scalars(rows.order_by(EquipmentOutage.starts_at, EquipmentOutage.id)))


def find_outage(outage_id: int, actor: Actor) -> EquipmentOutage:
    """Raises NotFound."""
    return scope.find(EquipmentOutage, outage_id, actor)


@retried
def add_outage(
    site_id: int, request: OutageRequest, actor: Actor, *, consent: Consent
) -> tuple[int, tuple[int, ...]]:
    """Returns its id and the ids of booked visits that lack one then; they stay booked.

    Raises NeedsConfirmation with them if they were not accepted; Invalid, NotFound, NotAllowed.
    """
    actor.require("edit_capacity")
    with transaction():
        site = scope.find(Site, site_id, actor)
        _check_outage(request, counts(site.id, actor))
        row = EquipmentOutage(
            organisation_id=actor.organisation_id,
            site_id=site.id,
            kind=request.kind,
            number=request.number,
            starts_at=request.starts_at,
            ends_at=request.ends_at,
            reason=request.reason,
        )
        days = spans.dates(site, request.starts_at, request.ends_at)
        hit = closed_over.change(site, days, lambda: db.session.add(row), consent)
        audit.note(actor, "add_outage", f"equipment_outage:{row.id}", now=consent.now)
        return row.id, hit


@retried
def remove_outage(outage_id: int, actor: Actor, *, now: datetime) -> None:
    """In use again; visits that lacked one lose their task. Raises NotFound, NotAllowed."""
    actor.require("edit_capacity")
    with transaction():
        row = scope.find(EquipmentOutage, outage_id, actor)
        site = scope.find(Site, row.site_id, actor)
        days = spans.dates(site, row.starts_at, row.ends_at)
        closed_over.change(site, days, lambda: db.session.delete(row), closed_over.opening(now))
        audit.note(actor, "remove_outage", f"equipment_outage:{outage_id}", now=now)


def _check_counts(counted: Counts) -> None:
    for kind, number in counted.items():
        if kind not in EQUIPMENT_KINDS:
            raise Invalid("Choose one of the kinds.", field="kind")
        if number is not None and not 0 <= number <= MOST:
            raise Invalid(f"From 0 to {MOST}.", field=f"{kind}s")


def _check_outage(request: OutageRequest, counted: Counts) -> None:
    if request.kind not in EQUIPMENT_KINDS:
        raise Invalid("Choose one of the kinds.", field="kind")
    owned = counted[request.kind]
    if owned is None:
        raise Invalid("These are not counted here: count them first.", field="kind")
    if not 1 <= request.number <= owned:
        raise Invalid(f"The site has {owned}.", field="number")
    spans.refuse_odd(request.starts_at, request.ends_at, "count fewer of them.")
