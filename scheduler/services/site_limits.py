"""A site's own limits on its plans: patients of a provider, patients of a nurse, the last start."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import time

from scheduler.errors import Invalid, Stale
from scheduler.extensions import db
from scheduler.models import Site
from scheduler.services import audit, closed_over, scope
from scheduler.services.actor import Actor
from scheduler.services.closed_over import Consent
from scheduler.transaction import retried, transaction

MOST = 99


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Sedating patients at a time for a provider (domain H9) and, if not None, for a nurse (H8);
    no visit starts after the wall time `latest_start`, None: whenever it ends in time (H15)."""

    patients_per_provider: int
    max_sedating_per_nurse: int | None
    latest_start: time | None


def of_site(site: Site) -> Limits:
    return Limits(
        patients_per_provider=site.patients_per_provider,
        max_sedating_per_nurse=site.max_sedating_per_nurse,
        latest_start=site.latest_start,
    )


@retried
def change(
    site_id: int, limits: Limits, actor: Actor, *, version: int, consent: Consent
) -> tuple[int, ...]:
    """Returns the ids of booked visits for which too few are on duty now; they stay booked.

    Raises NeedsConfirmation with them if they were not accepted; Stale if the site was changed
    since `version` (trust I6), Invalid, NotFound, NotAllowed.
    """
    actor.require("edit_capacity")
    _check(limits)
    with transaction():
        site = scope.find(Site, site_id, actor)

        def update() -> None:
            db.session.refresh(site)
            if site.version != version:
                raise Stale
            for name, value in asdict(limits).items():
                setattr(site, name, value)
            site.version += 1

        hit = closed_over.change(site, closed_over.days(site, consent.now), update, consent)
        audit.note(actor, "change_limits", f"site:{site.id}", now=consent.now)
        return hit


def _check(limits: Limits) -> None:
    if not 1 <= limits.patients_per_provider <= MOST:
        raise Invalid(f"From 1 to {MOST}.", field="patients_per_provider")
    most = limits.max_sedating_per_nurse
    if most is not None and not 1 <= most <= MOST:
        raise Invalid(f"From 1 to {MOST}.", field="max_sedating_per_nurse")
