"""Reads a site's days out of the tables as `planning.daybook.Day`s: offers, booking and moves all
use these."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import Text, and_, cast, select

from scheduler.extensions import db
from scheduler.models import ChairClaim, Site, Visit
from scheduler.planning.day_facts import DayFacts, Held
from scheduler.planning.daybook import Day
from scheduler.planning.opening import open_spans
from scheduler.planning.visit import VisitShape
from scheduler.services.capacity import Capacity, chair_facts, read_capacity

DAY = timedelta(days=1)


def dates(first_on: date, last_on: date) -> list[date]:
    """Both ends included; empty if the last comes before the first."""
    return [first_on + DAY * place for place in range((last_on - first_on).days + 1)]


def load(
    site: Site,
    days: Iterable[date],
    *,
    bookable: tuple[int, ...] = (),
    without: Collection[int] = (),
) -> dict[date, Day]:
    """A fresh Day for each date. `without`: visits that are about to move and count as gone.

    `bookable` are the chair claims in minutes that can be booked (planner, slivers).
    """
    wanted = sorted(set(days))
    if not wanted:
        return {}
    held = _held(site, wanted, without)
    capacity = read_capacity(site, wanted[0], wanted[-1])
    return {on: Day.build(facts_of(capacity, on, held.get(on, []), bookable)) for on in wanted}


def facts_of(
    capacity: Capacity, on: date, held: Sequence[Held] = (), bookable: tuple[int, ...] = ()
) -> DayFacts:
    """What the planner is told about one date."""
    site = capacity.site
    return DayFacts(
        on=on,
        zone=site.zone,
        chairs=chair_facts(capacity, on),
        cover=capacity.on_duty("nurse", on),
        held=tuple(held),
        hours=open_spans(site.zone, on, capacity.hours),
        grid_minutes=site.grid_minutes,
        start_step_minutes=site.start_step_minutes,
        shortest_chair_minutes=min(bookable, default=0),
        bookable_minutes=bookable,
        providers=capacity.on_duty("provider", on),
        patients_per_provider=site.patients_per_provider,
        pumps=capacity.in_use("pump", on),
        monitors=capacity.in_use("monitor", on),
        max_sedating_per_nurse=site.max_sedating_per_nurse,
        latest_start=site.latest_start,
    )


def _held(site: Site, days: list[date], without: Collection[int]) -> dict[date, list[Held]]:
    """Claims, not visit states, say what is held (house decision 1): one for each visit, whose bay
    has a claim of its own."""
    rows = db.session.execute(
        select(
            Visit.starts_on,
            Visit.chair_id,
            Visit.bay_id,
            Visit.starts_at,
            cast(Visit.shape, Text),
        )
        .join(
            ChairClaim,
            and_(ChairClaim.visit_id == Visit.id, ChairClaim.chair_id == Visit.chair_id),
        )
        .where(
            Visit.organisation_id == site.organisation_id,
            Visit.site_id == site.id,
            Visit.starts_on.between(days[0], days[-1]),
            Visit.id.not_in(without),
        )
    )
    found: dict[date, list[Held]] = {}
    for on, chair_id, bay_id, starts_at, shape in rows:
        held = Held(
            chair_id=chair_id, bay_id=bay_id, starts_at=starts_at, shape=shape_from_text(shape)
        )
        found.setdefault(on, []).append(held)
    return found


@lru_cache(maxsize=1024)
def shape_from_text(text: str) -> VisitShape:
    """Many visits have the same few shapes; reading each once keeps a page of weeks quick."""
    return VisitShape.from_plain(json.loads(text))
