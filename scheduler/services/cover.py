"""Nurses on duty at a site: the whole week is read and set at once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete

from scheduler.errors import Stale
from scheduler.extensions import db
from scheduler.models import Cover, Site
from scheduler.planning.opening import CoverSpan
from scheduler.services import audit, closed_over, scope, week
from scheduler.services.actor import Actor
from scheduler.services.closed_over import Consent
from scheduler.transaction import retried, transaction


def of_site(site_id: int, actor: Actor) -> list[CoverSpan]:
    """Ordered by weekday and time; wall time of the site. Raises NotFound."""
    site = scope.find(Site, site_id, actor)
    rows = scope.scoped(Cover, actor).where(Cover.site_id == site.id)
    found = db.session.scalars(rows.order_by(Cover.weekday, Cover.starts, Cover.id))
    return [CoverSpan(row.weekday, row.starts, row.ends, row.nurses) for row in found]


def fingerprint(spans: Sequence[CoverSpan]) -> str:
    """Which week a form was made from; `set_week` compares it."""
    return week.fingerprint(_rows(spans))


@retried
def set_week(
    site_id: int, spans: Sequence[CoverSpan], actor: Actor, *, was: str, consent: Consent
) -> tuple[int, ...]:
    """Replace the week; rows that overlap add up. Returns ids of visits left with too few nurses.

    Raises NeedsConfirmation with them if they were not accepted; Stale (trust I6), NotFound,
    NotAllowed.
    """
    actor.require("edit_capacity")
    with transaction():
        site = scope.find(Site, site_id, actor)

        def replace() -> None:
            if fingerprint(of_site(site_id, actor)) != was:
                raise Stale
            db.session.execute(delete(Cover).where(Cover.site_id == site.id))
            db.session.add_all(_row(site, span) for span in spans)

        hit = closed_over.change(site, closed_over.days(site, consent.now), replace, consent)
        audit.note(actor, "change_cover", f"site:{site.id}", now=consent.now)
        return hit


def _row(site: Site, span: CoverSpan) -> Cover:
    return Cover(
        organisation_id=site.organisation_id,
        site_id=site.id,
        weekday=span.weekday,
        starts=span.starts,
        ends=span.ends,
        nurses=span.nurses,
    )


def _rows(spans: Sequence[CoverSpan]) -> list[week.Row]:
    return [(span.weekday, span.starts, span.ends, span.nurses) for span in spans]
