"""Nurses, or providers, on duty at a site: the whole week is read and set at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete

from scheduler.errors import Stale
from scheduler.extensions import db
from scheduler.models import Cover, Site
from scheduler.planning.opening import CoverSpan
from scheduler.services import audit, closed_over, scope, week
from scheduler.services.actor import Actor
from scheduler.services.closed_over import Consent
from scheduler.transaction import retried, transaction


def nurses(site_id: int, actor: Actor) -> list[CoverSpan]:
    """Ordered by weekday and time; wall time of the site. Raises NotFound."""
    return _week(site_id, "nurse", actor)


def providers(site_id: int, actor: Actor) -> list[CoverSpan]:
    """As `nurses`; without a row no sedating visit has a place (domain H9)."""
    return _week(site_id, "provider", actor)


def fingerprint(spans: Sequence[CoverSpan]) -> str:
    """Which week a form was made from; `set_week` compares it."""
    return week.fingerprint(_rows(spans))


@retried
def set_nurses(
    site_id: int, spans: Sequence[CoverSpan], actor: Actor, *, was: str, consent: Consent
) -> tuple[int, ...]:
    """Replace the week; rows that overlap add up. Returns ids of visits left with too few.

    Raises NeedsConfirmation with them if they were not accepted; Stale (trust I6), NotFound,
    NotAllowed.
    """
    return _replace(_Week(site_id, "nurse", spans, was), actor, consent)


@retried
def set_providers(
    site_id: int, spans: Sequence[CoverSpan], actor: Actor, *, was: str, consent: Consent
) -> tuple[int, ...]:
    """As `set_nurses`."""
    return _replace(_Week(site_id, "provider", spans, was), actor, consent)


@dataclass(frozen=True)
class _Week:
    site_id: int
    role: str
    spans: Sequence[CoverSpan]
    was: str


def _week(site_id: int, role: str, actor: Actor) -> list[CoverSpan]:
    site = scope.find(Site, site_id, actor)
    rows = scope.scoped(Cover, actor).where(Cover.site_id == site.id, Cover.role == role)
    found = db.session.scalars(rows.order_by(Cover.weekday, Cover.starts, Cover.id))
    return [CoverSpan(row.weekday, row.starts, row.ends, row.nurses) for row in found]


def _replace(new: _Week, actor: Actor, consent: Consent) -> tuple[int, ...]:
    actor.require("edit_capacity")
    with transaction():
        site = scope.find(Site, new.site_id, actor)

        def replace() -> None:
            if fingerprint(_week(site.id, new.role, actor)) != new.was:
                raise Stale
            mine = delete(Cover).where(Cover.site_id == site.id, Cover.role == new.role)
            db.session.execute(mine)
            db.session.add_all(_row(site, new.role, span) for span in new.spans)

        hit = closed_over.change(site, closed_over.days(site, consent.now), replace, consent)
        audit.note(actor, "change_cover", f"site:{site.id}", now=consent.now)
        return hit


def _row(site: Site, role: str, span: CoverSpan) -> Cover:
    return Cover(
        organisation_id=site.organisation_id,
        site_id=site.id,
        role=role,
        weekday=span.weekday,
        starts=span.starts,
        ends=span.ends,
        nurses=span.nurses,
    )


def _rows(spans: Sequence[CoverSpan]) -> list[week.Row]:
    return [(span.weekday, span.starts, span.ends, span.nurses) for span in spans]
