"""What a plan was made from: the versions of its days, so that a late booking can be told that they
changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Site, SiteDay


class DayVersions:
    """Versions of a site's days and of its capacity, as they were at one moment."""

    def __init__(self, site: Site, days: Iterable[date]) -> None:
        """Read them before the days themselves: what changes in between counts as changed."""
        wanted = sorted(set(days))
        rows = select(SiteDay.on, SiteDay.version).where(
            SiteDay.organisation_id == site.organisation_id, SiteDay.site_id == site.id
        )
        if wanted:
            rows = rows.where(SiteDay.on.between(wanted[0], wanted[-1]))
        found = db.session.execute(rows).all() if wanted else []
        self.capacity, self.days = site.capacity_version, {row.on: row.version for row in found}

    def of(self, days: Sequence[date], *, locked: int = 0) -> tuple[int, ...]:
        """The capacity's version and those of the days, in their order; a day without a row has 0.

        `locked` is how often this very transaction has raised the days since (site_days).
        """
        return (self.capacity, *(self.days.get(on, 0) - locked for on in days))
