"""Staff by date: who is away, and who comes in beside the weekly cover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.errors import Invalid, Stale
from scheduler.extensions import db
from scheduler.models import CoverChange, Site
from scheduler.models.opening import ROLES
from scheduler.services import audit, closed_over, fingerprints, scope, spans
from scheduler.services.actor import Actor
from scheduler.services.closed_over import Consent
from scheduler.transaction import retried, transaction

MOST = 50
TOO_LONG = "change the weekly cover."


@dataclass(frozen=True, kw_only=True)
class StaffRequest:
    """`number` of a role are away, if it is negative, or come in, for [starts_at, ends_at) UTC."""

    role: str
    starts_at: datetime
    ends_at: datetime
    number: int
    who: str
    reason: str = ""


def of_site(site_id: int, actor: Actor, *, since: datetime) -> list[CoverChange]:
    """Those that end after `since`, in order of time. Raises NotFound."""
    site = scope.find(Site, site_id, actor)
    rows = scope.scoped(CoverChange, actor).where(CoverChange.site_id == site.id)
    rows = rows.where(CoverChange.ends_at > since)
    return list(db.session.scalars(rows.order_by(CoverChange.starts_at, CoverChange.id)))


def find(change_id: int, actor: Actor) -> CoverChange:
    """Raises NotFound."""
    return scope.find(CoverChange, change_id, actor)


@retried
def add(
    site_id: int, request: StaffRequest, actor: Actor, *, consent: Consent
) -> tuple[int, tuple[int, ...]]:
    """Returns its id and the ids of booked visits that it leaves with too few; they stay booked.

    Raises NeedsConfirmation with them if they were not accepted; Invalid, NotFound, NotAllowed.
    """
    actor.require("edit_capacity")
    _check(request)
    with transaction():
        site = scope.find(Site, site_id, actor)
        row = CoverChange(organisation_id=actor.organisation_id, site_id=site.id)
        _set(row, request)
        days = spans.dates(site, request.starts_at, request.ends_at)
        hit = closed_over.change(site, days, lambda: db.session.add(row), consent)
        audit.note(actor, "add_staff_change", f"cover_change:{row.id}", now=consent.now)
        return row.id, hit


@retried
def change(
    change_id: int, request: StaffRequest, actor: Actor, *, was: str, consent: Consent
) -> tuple[int, ...]:
    """Like `add`; visits that have all they need again lose their task. Raises Stale (trust I6)."""
    actor.require("edit_capacity")
    _check(request)
    with transaction():
        row = scope.find(CoverChange, change_id, actor)
        site = scope.find(Site, row.site_id, actor)
        days = {
            *spans.dates(site, row.starts_at, row.ends_at),
            *spans.dates(site, request.starts_at, request.ends_at),
        }

        def update() -> None:
            db.session.refresh(row)
            if fingerprint(row) != was:
                raise Stale
            _set(row, request)

        hit = closed_over.change(site, days, update, consent)
        audit.note(actor, "change_staff_change", f"cover_change:{row.id}", now=consent.now)
        return hit


@retried
def remove(change_id: int, actor: Actor, *, consent: Consent) -> tuple[int, ...]:
    """Back to the weekly cover. Without an extra shift visits may lack somebody: like `add`."""
    actor.require("edit_capacity")
    with transaction():
        row = scope.find(CoverChange, change_id, actor)
        site = scope.find(Site, row.site_id, actor)
        days = spans.dates(site, row.starts_at, row.ends_at)
        hit = closed_over.change(site, days, lambda: db.session.delete(row), consent)
        audit.note(actor, "remove_staff_change", f"cover_change:{change_id}", now=consent.now)
        return hit


def fingerprint(row: CoverChange) -> str:
    """Which version of the row a form was made from."""
    facts = (row.role, row.starts_at, row.ends_at, row.number, row.who, row.reason)
    return fingerprints.fingerprint(facts)


def _set(row: CoverChange, request: StaffRequest) -> None:
    row.role, row.number = request.role, request.number
    row.starts_at, row.ends_at = request.starts_at, request.ends_at
    row.who, row.reason = request.who, request.reason


def _check(request: StaffRequest) -> None:
    if request.role not in ROLES:
        raise Invalid("Choose one of the roles.", field="role")
    if not 1 <= abs(request.number) <= MOST:
        raise Invalid(f"From 1 to {MOST}.", field="number")
    spans.refuse_odd(request.starts_at, request.ends_at, TOO_LONG)
