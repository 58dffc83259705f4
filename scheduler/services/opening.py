"""A site's opening hours: the whole week is read and set at once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete

from scheduler.errors import Stale
from scheduler.extensions import db
from scheduler.models import OpeningHours, Site
from scheduler.planning.opening import OpeningSpan
from scheduler.services import audit, closed_over, scope, week
from scheduler.services.actor import Actor
from scheduler.services.closed_over import Consent
from scheduler.transaction import retried, transaction


def of_site(site_id: int, actor: Actor) -> list[OpeningSpan]:
    """Ordered by weekday and time; wall time of the site. Raises NotFound."""
    site = scope.find(Site, site_id, actor)
    rows = scope.scoped(OpeningHours, actor).where(OpeningHours.site_id == site.id)
    found = db.session.scalars(rows.order_by(OpeningHours.weekday, OpeningHours.opens))
    return [OpeningSpan(row.weekday, row.opens, row.closes) for row in found]


def fingerprint(spans: Sequence[OpeningSpan]) -> str:
    """Which week a form was made from; `set_week` compares it."""
    return week.fingerprint(_rows(spans))


@retried
def set_week(
    site_id: int, spans: Sequence[OpeningSpan], actor: Actor, *, was: str, consent: Consent
) -> tuple[int, ...]:
    """Replace the week; no span at all closes the site. Returns ids of visits left outside it.

    Raises NeedsConfirmation with them if they were not accepted; Stale (trust I6), Invalid,
    NotFound, NotAllowed.
    """
    actor.require("edit_capacity")
    week.refuse_overlaps(_rows(spans))
    with transaction():
        site = scope.find(Site, site_id, actor)

        def replace() -> None:
            if fingerprint(of_site(site_id, actor)) != was:
                raise Stale
            db.session.execute(delete(OpeningHours).where(OpeningHours.site_id == site.id))
            db.session.add_all(_row(site, span) for span in spans)

        hit = closed_over.change(site, closed_over.days(site, consent.now), replace, consent)
        audit.note(actor, "change_hours", f"site:{site.id}", now=consent.now)
        return hit


def _row(site: Site, span: OpeningSpan) -> OpeningHours:
    return OpeningHours(
        organisation_id=site.organisation_id,
        site_id=site.id,
        weekday=span.weekday,
        opens=span.opens,
        closes=span.closes,
    )


def _rows(spans: Sequence[OpeningSpan]) -> list[week.Row]:
    return [(span.weekday, span.opens, span.closes, 0) for span in spans]
