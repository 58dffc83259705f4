"""On which days a site works at all: what a template's dates are judged and shown on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import OpeningHours, Site
from scheduler.planning.opening import day_span, open_spans
from scheduler.services.actor import Actor
from scheduler.services.capacity import Capacity, read_capacity
from scheduler.services.scope import scoped


@dataclass(frozen=True)
class SiteDays:
    """The weekdays (0 is Monday) on which a site opens in an ordinary week."""

    site_name: str
    weekdays: frozenset[int]


def open_weekdays(actor: Actor) -> tuple[SiteDays, ...]:
    """One entry per site; none for a clinic that has no site yet."""
    hours = db.session.scalars(scoped(OpeningHours, actor)).all()
    return tuple(
        SiteDays(site.name, frozenset(row.weekday for row in hours if row.site_id == site.id))
        for site in db.session.scalars(scoped(Site, actor).order_by(Site.id))
    )


def open_for(site: Site, first_on: date, last_on: date, minutes: int) -> Callable[[date], bool]:
    """Is there an opening of so many minutes on a day, closures of the whole site taken out?

    Closures are read for [first_on, last_on]; on other days the weekly hours decide alone.
    """
    capacity = read_capacity(site, first_on, last_on)
    return lambda on: _fits(capacity, on, minutes)


def weekly(site: Site) -> frozenset[int]:
    """The weekdays on which the site opens in an ordinary week."""
    rows = select(OpeningHours.weekday).where(
        OpeningHours.organisation_id == site.organisation_id, OpeningHours.site_id == site.id
    )
    return frozenset(db.session.scalars(rows))


def closed_days(site: Site, days: list[date]) -> dict[date, str]:
    """Of these consecutive days those on which nothing is open: "closure" where the weekly hours
    would open, "" where they never do."""
    capacity = read_capacity(site, days[0], days[-1])
    weekdays = {row.weekday for row in capacity.hours}
    closed = (on for on in days if not _fits(capacity, on, 1))
    return {on: "closure" if on.weekday() in weekdays else "" for on in closed}


def _fits(capacity: Capacity, on: date, minutes: int) -> bool:
    zone = capacity.site.zone
    closures = capacity.closures.get(None, [])
    around = day_span(zone, on)
    near = [one for one in closures if one.overlaps(around)]
    return any(span.minutes >= minutes for span in open_spans(zone, on, capacity.hours, near))
