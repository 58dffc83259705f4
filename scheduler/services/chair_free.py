"""Which chairs are free, and when: the next free place, and the coming days at a glance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import ChairClaim, Site, Visit
from scheduler.planning.day_facts import BAY
from scheduler.planning.interval import Interval, subtract
from scheduler.planning.opening import day_span, instant, open_spans
from scheduler.services.capacity import Capacity, chair_facts

DAY = timedelta(days=1)
FREE_FOR = timedelta(minutes=75)
"""A chair is free if it is open and unclaimed for the shortest bookable visit (domain SO6)."""
USUAL_START = time(9)
RAIL_DAYS = 7
RAIL_SEARCH_DAYS = 21

Claims = dict[date, dict[int, list[Interval]]]
"""Local date of the visit -> chair -> spans."""


@dataclass(frozen=True, kw_only=True)
class FreePlace:
    chair_name: str
    starts_at: datetime


@dataclass(frozen=True, kw_only=True)
class RailDay:
    """A day to go to; `free` counts chairs at the usual start, None if the site is closed then."""

    on: date
    usual: time
    free: int | None
    opens: datetime | None
    closes: datetime | None


def rail_dates(on: date, today: date, capacity: Capacity) -> list[date]:
    """Today, the shown day, and open weekdays after them, up to seven in all."""
    weekdays = {row.weekday for row in capacity.hours}
    begin = today if today <= on <= today + DAY * RAIL_DAYS else on
    coming = [begin + DAY * number for number in range(RAIL_SEARCH_DAYS)]
    wanted = {today, on}
    for one in coming:
        if len(wanted) < RAIL_DAYS and one.weekday() in weekdays:
            wanted.add(one)
    return sorted(wanted)


def claims(site: Site, days: Sequence[date]) -> Claims:
    """What visits that start on these dates hold of chairs."""
    rows = db.session.execute(
        select(Visit.starts_on, ChairClaim.chair_id, ChairClaim.starts_at, ChairClaim.ends_at)
        .join(Visit, Visit.id == ChairClaim.visit_id)
        .where(
            Visit.organisation_id == site.organisation_id,
            Visit.site_id == site.id,
            Visit.starts_on.in_(days),
        )
    )
    found: Claims = {}
    for on, chair_id, starts_at, ends_at in rows:
        span = Interval(starts_at, ends_at)
        found.setdefault(on, {}).setdefault(chair_id, []).append(span)
    return found


def rail_day(capacity: Capacity, on: date, held: Claims) -> RailDay:
    zone = capacity.site.zone
    usual = instant(zone, on, USUAL_START)
    hours = open_spans(zone, on, capacity.hours, capacity.closures.get(None, []))
    place = Interval(usual, usual + FREE_FOR)
    is_open = any(span.covers(place) for span in hours)
    free = sum(any(span.covers(place) for span in spans) for _, spans in _free(capacity, on, held))
    return RailDay(
        on=on,
        usual=USUAL_START,
        free=free if is_open else None,
        opens=hours[0].starts_at if hours else None,
        closes=hours[-1].ends_at if hours else None,
    )


def first_free(capacity: Capacity, on: date, held: Claims, now: datetime) -> FreePlace | None:
    """The earliest place of that date from now on, at an offered start; leftmost of equals."""
    step = timedelta(minutes=capacity.site.start_step_minutes)
    midnight = day_span(capacity.site.zone, on).starts_at
    best: FreePlace | None = None
    for name, spans in _free(capacity, on, held):
        for span in spans:
            since = max(span.starts_at, now) - midnight
            starts_at = midnight - step * (-since // step)
            fits = starts_at + FREE_FOR <= span.ends_at
            if fits and (best is None or starts_at < best.starts_at):
                best = FreePlace(chair_name=name, starts_at=starts_at)
    return best


def _free(capacity: Capacity, on: date, held: Claims) -> Iterable[tuple[str, tuple[Interval, ...]]]:
    taken = held.get(on, {})
    for chair in chair_facts(capacity, on):
        if chair.kind == BAY:
            continue  # no visit starts there
        yield chair.name, subtract(chair.open, taken.get(chair.chair_id, ()))
