"""Closures: a site, or one of its chairs, is out of use for a span of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.errors import Invalid, Stale
from scheduler.extensions import db
from scheduler.models import Chair, Closure, Site
from scheduler.services import audit, closed_over, fingerprints, scope, spans
from scheduler.services.actor import Actor
from scheduler.services.closed_over import Consent
from scheduler.transaction import retried, transaction

TOO_LONG = "change the hours, or take the chair out of service."


@dataclass(frozen=True, kw_only=True)
class ClosureRequest:
    """`chair_id` None closes the whole site; [starts_at, ends_at) is UTC; staff see the reason."""

    chair_id: int | None
    starts_at: datetime
    ends_at: datetime
    reason: str


def of_site(site_id: int, actor: Actor, *, since: datetime) -> list[Closure]:
    """Those that end after `since`, in order of time. Raises NotFound."""
    site = scope.find(Site, site_id, actor)
    rows = scope.scoped(Closure, actor).where(Closure.site_id == site.id, Closure.ends_at > since)
    return list(db.session.scalars(rows.order_by(Closure.starts_at, Closure.id)))


def find(closure_id: int, actor: Actor) -> Closure:
    """Raises NotFound."""
    return scope.find(Closure, closure_id, actor)


@retried
def add(
    site_id: int, request: ClosureRequest, actor: Actor, *, consent: Consent
) -> tuple[int, tuple[int, ...]]:
    """Returns the closure's id and the ids of booked visits that lie in it and stay booked.

    Raises NeedsConfirmation with them if they were not accepted; Invalid, NotFound, NotAllowed.
    """
    actor.require("edit_capacity")
    _check(request)
    with transaction():
        site = scope.find(Site, site_id, actor)
        _check_chair(site, request, actor)
        closure = Closure(organisation_id=actor.organisation_id, site_id=site.id)
        _set(closure, request)
        days = spans.dates(site, request.starts_at, request.ends_at)
        hit = closed_over.change(site, days, lambda: db.session.add(closure), consent)
        audit.note(actor, "add_closure", f"closure:{closure.id}", now=consent.now)
        return closure.id, hit


@retried
def change(
    closure_id: int, request: ClosureRequest, actor: Actor, *, was: str, consent: Consent
) -> tuple[int, ...]:
    """Like `add`; visits that are free of it again lose their task. Raises Stale too (trust I6)."""
    actor.require("edit_capacity")
    _check(request)
    with transaction():
        closure = scope.find(Closure, closure_id, actor)
        site = scope.find(Site, closure.site_id, actor)
        _check_chair(site, request, actor)
        old = spans.dates(site, closure.starts_at, closure.ends_at)
        days = {*old, *spans.dates(site, request.starts_at, request.ends_at)}

        def update() -> None:
            db.session.refresh(closure)
            if fingerprint(closure) != was:
                raise Stale
            _set(closure, request)

        hit = closed_over.change(site, days, update, consent)
        audit.note(actor, "change_closure", f"closure:{closure.id}", now=consent.now)
        return hit


@retried
def remove(closure_id: int, actor: Actor, *, now: datetime) -> None:
    """Open again; visits that fit again lose their task. Raises NotFound, NotAllowed."""
    actor.require("edit_capacity")
    with transaction():
        closure = scope.find(Closure, closure_id, actor)
        site = scope.find(Site, closure.site_id, actor)
        days = spans.dates(site, closure.starts_at, closure.ends_at)
        closed_over.change(site, days, lambda: db.session.delete(closure), closed_over.opening(now))
        audit.note(actor, "remove_closure", f"closure:{closure_id}", now=now)


def fingerprint(closure: Closure) -> str:
    """Which version of the closure a form was made from."""
    facts = (closure.chair_id, closure.starts_at, closure.ends_at, closure.reason)
    return fingerprints.fingerprint(facts)


def _set(closure: Closure, request: ClosureRequest) -> None:
    closure.chair_id, closure.reason = request.chair_id, request.reason
    closure.starts_at, closure.ends_at = request.starts_at, request.ends_at


def _check(request: ClosureRequest) -> None:
    spans.refuse_odd(request.starts_at, request.ends_at, TOO_LONG)


def _check_chair(site: Site, request: ClosureRequest, actor: Actor) -> None:
    if request.chair_id is None:
        return
    if scope.find(Chair, request.chair_id, actor).site_id != site.id:
        raise Invalid("This chair is at another site.", field="chair_id")
