"""What a site has on a date before any visit: chairs, hours, closures, staff, equipment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, select

from scheduler.extensions import db
from scheduler.models import (
    Chair,
    Closure,
    Cover,
    CoverChange,
    Equipment,
    EquipmentOutage,
    OpeningHours,
    Site,
)
from scheduler.planning.day_facts import ChairFacts, Counts
from scheduler.planning.interval import Interval
from scheduler.planning.on_site import on_site
from scheduler.planning.opening import CoverSpan, OpeningSpan, cover_spans, day_span, open_spans

Changes = list[tuple[Interval, int]]
Equipped = tuple[int, Changes]
"""How many are owned, and the spans in which so many fewer are in use."""


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Read for a period; the spans are those that touch it.

    `closures` maps a chair's id, or None for the whole site, to its spans. `weekly` and `changes`
    go by role, `equipment` by kind; a kind that is missing is not counted at this site.
    """

    site: Site
    chairs: tuple[Chair, ...]
    hours: tuple[OpeningSpan, ...]
    weekly: dict[str, tuple[CoverSpan, ...]] = field(default_factory=dict)
    changes: dict[str, Changes] = field(default_factory=dict)
    equipment: dict[str, Equipped] = field(default_factory=dict)
    closures: dict[int | None, list[Interval]] = field(default_factory=dict)

    def on_duty(self, role: str, on: date) -> Counts:
        """Nurses, or providers, on a local date: the week's number, absences, extra shifts."""
        zone = self.site.zone
        usual = cover_spans(zone, on, self.weekly.get(role, ()))
        changes = self.changes.get(role)
        return on_site(day_span(zone, on), usual, changes) if changes else usual

    def in_use(self, kind: str, on: date) -> Counts | None:
        """Pumps, or monitors, that work on a local date; None where nobody counts them (H10)."""
        if kind not in self.equipment:
            return None
        day, (owned, outages) = day_span(self.site.zone, on), self.equipment[kind]
        return on_site(day, ((day, owned),) if owned else (), outages)


def read_capacity(site: Site, first_on: date, last_on: date) -> Capacity:
    """All that holds on a day of [first_on, last_on]."""
    period = Interval(day_span(site.zone, first_on).starts_at, day_span(site.zone, last_on).ends_at)
    hours = db.session.scalars(_of(OpeningHours, site)).all()
    return Capacity(
        site=site,
        chairs=tuple(chairs(site)),
        hours=tuple(OpeningSpan(row.weekday, row.opens, row.closes) for row in hours),
        weekly=_weekly(site),
        changes=_changes(site, period),
        equipment=_equipment(site, period),
        closures=_closures(site, period),
    )


def chairs(site: Site) -> list[Chair]:
    """Every chair of the site in the order of the board."""
    return list(db.session.scalars(_of(Chair, site).order_by(Chair.position, Chair.id)))


def chair_facts(capacity: Capacity, on: date) -> tuple[ChairFacts, ...]:
    """Each chair of the site with the spans in which it may be held on that date."""
    zone, everywhere = capacity.site.zone, capacity.closures.get(None, [])
    found = []
    for chair in capacity.chairs:
        own = [*everywhere, *capacity.closures.get(chair.id, [])]
        spans = open_spans(zone, on, capacity.hours, own) if chair.in_service else ()
        found.append(ChairFacts(chair_id=chair.id, name=chair.name, open=spans, kind=chair.kind))
    return tuple(found)


def _weekly(site: Site) -> dict[str, tuple[CoverSpan, ...]]:
    found: dict[str, tuple[CoverSpan, ...]] = {}
    for row in db.session.scalars(_of(Cover, site)):
        span = CoverSpan(row.weekday, row.starts, row.ends, row.nurses)
        found[row.role] = (*found.get(row.role, ()), span)
    return found


def _changes(site: Site, period: Interval) -> dict[str, Changes]:
    found: dict[str, Changes] = {}
    for row in db.session.scalars(_touching(CoverChange, site, period)):
        found.setdefault(row.role, []).append((Interval(row.starts_at, row.ends_at), row.number))
    return found


def _equipment(site: Site, period: Interval) -> dict[str, Equipped]:
    """In one query: an outage of a kind that nobody counts means nothing."""
    same = and_(
        EquipmentOutage.organisation_id == Equipment.organisation_id,
        EquipmentOutage.site_id == Equipment.site_id,
        EquipmentOutage.kind == Equipment.kind,
        EquipmentOutage.ends_at > period.starts_at,
        EquipmentOutage.starts_at < period.ends_at,
    )
    found: dict[str, Equipped] = {}
    owned = select(Equipment, EquipmentOutage).outerjoin(EquipmentOutage, same)
    mine = (Equipment.organisation_id == site.organisation_id, Equipment.site_id == site.id)
    for row, outage in db.session.execute(owned.where(*mine)):
        _, spans = found.setdefault(row.kind, (row.count, []))
        if outage is not None:
            spans.append((Interval(outage.starts_at, outage.ends_at), -outage.number))
    return found


def _closures(site: Site, period: Interval) -> dict[int | None, list[Interval]]:
    found: dict[int | None, list[Interval]] = {}
    for row in db.session.scalars(_touching(Closure, site, period)):
        found.setdefault(row.chair_id, []).append(Interval(row.starts_at, row.ends_at))
    return found


def _touching(model: type[Any], site: Site, period: Interval) -> Select[tuple[Any]]:
    ends, starts = period.starts_at, period.ends_at
    return _of(model, site).where(model.ends_at > ends, model.starts_at < starts)


def _of(model: type[Any], site: Site) -> Select[tuple[Any]]:
    return select(model).where(
        model.organisation_id == site.organisation_id, model.site_id == site.id
    )
