"""Reads a site's days out of the tables as `planning.daybook.Day`s: offers, booking and moves all
use these."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Text, cast, select

from scheduler.extensions import db
from scheduler.models import Chair, ChairClaim, Closure, Cover, OpeningHours, Site, Visit
from scheduler.planning.day_facts import ChairFacts, DayFacts, Held
from scheduler.planning.daybook import Day
from scheduler.planning.interval import Interval
from scheduler.planning.opening import (
    CoverSpan,
    OpeningSpan,
    cover_spans,
    day_span,
    open_spans,
)
from scheduler.planning.visit import VisitShape

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What a site has, before any visit: the same for every day of the period it was read for.

    `closures` maps a chair's id, or None for the whole site, to spans that touch the period.
    """

    site: Site
    chairs: tuple[Chair, ...]
    hours: tuple[OpeningSpan, ...]
    cover: tuple[CoverSpan, ...]
    closures: dict[int | None, list[Interval]] = field(default_factory=dict)


def dates(first_on: date, last_on: date) -> list[date]:
    """Both ends included; empty if the last comes before the first."""
    return [first_on + DAY * place for place in range((last_on - first_on).days + 1)]


def load(
    site: Site, days: Iterable[date], *, shortest: int = 0, without: Collection[int] = ()
) -> dict[date, Day]:
    """A fresh Day for each date. `without`: visits that are about to move and count as gone.

    `shortest` is the shortest chair claim in minutes that can be booked (planner, slivers).
    """
    wanted = sorted(set(days))
    if not wanted:
        return {}
    held = _held(site, wanted, without)
    capacity = read_capacity(site, wanted[0], wanted[-1])
    return {on: Day.build(_facts(capacity, on, held.get(on, []), shortest)) for on in wanted}


def read_capacity(site: Site, first_on: date, last_on: date) -> Capacity:
    """Chairs, hours, cover and the closures that touch [first_on, last_on]."""
    hours = db.session.scalars(_of(OpeningHours, site)).all()
    cover = db.session.scalars(_of(Cover, site)).all()
    begins = day_span(site.zone, first_on).starts_at
    ends = day_span(site.zone, last_on).ends_at
    touching = _of(Closure, site).where(Closure.ends_at > begins, Closure.starts_at < ends)
    closures: dict[int | None, list[Interval]] = {}
    for row in db.session.scalars(touching):
        closures.setdefault(row.chair_id, []).append(Interval(row.starts_at, row.ends_at))
    return Capacity(
        site=site,
        chairs=tuple(chairs(site)),
        hours=tuple(OpeningSpan(h.weekday, h.opens, h.closes) for h in hours),
        cover=tuple(CoverSpan(c.weekday, c.starts, c.ends, c.nurses) for c in cover),
        closures=closures,
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


def _facts(capacity: Capacity, on: date, held: list[Held], shortest: int) -> DayFacts:
    site = capacity.site
    return DayFacts(
        on=on,
        zone=site.zone,
        chairs=chair_facts(capacity, on),
        cover=cover_spans(site.zone, on, capacity.cover),
        held=tuple(held),
        hours=open_spans(site.zone, on, capacity.hours),
        grid_minutes=site.grid_minutes,
        start_step_minutes=site.start_step_minutes,
        shortest_chair_minutes=shortest,
    )


def _held(site: Site, days: list[date], without: Collection[int]) -> dict[date, list[Held]]:
    """Claims, not visit states, say what is held (house decision 1)."""
    rows = db.session.execute(
        select(Visit.starts_on, ChairClaim.chair_id, Visit.starts_at, cast(Visit.shape, Text))
        .join(Visit, Visit.id == ChairClaim.visit_id)
        .where(
            Visit.organisation_id == site.organisation_id,
            Visit.site_id == site.id,
            Visit.starts_on.between(days[0], days[-1]),
            Visit.id.not_in(without),
        )
    )
    found: dict[date, list[Held]] = {}
    for on, chair_id, starts_at, shape in rows:
        held = Held(chair_id=chair_id, starts_at=starts_at, shape=shape_from_text(shape))
        found.setdefault(on, []).append(held)
    return found


@lru_cache(maxsize=1024)
def shape_from_text(text: str) -> VisitShape:
    """Many visits have the same few shapes; reading each once keeps a page of weeks quick."""
    return VisitShape.from_plain(json.loads(text))


def _of(model: type[Any], site: Site) -> Select[tuple[Any]]:
    return select(model).where(
        model.organisation_id == site.organisation_id, model.site_id == site.id
    )
