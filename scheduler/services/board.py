"""What the Today board shows of a site's day or week. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Chair, Closure, Site, SiteDay
from scheduler.planning.interval import Interval
from scheduler.planning.need import NeedStep, nurse_steps
from scheduler.planning.opening import MIDNIGHT, instant, local, open_spans
from scheduler.services import board_visits, chair_free
from scheduler.services.actor import Actor
from scheduler.services.board_visits import BoardVisit
from scheduler.services.capacity import Capacity, chair_facts, read_capacity
from scheduler.services.chair_free import FreePlace, RailDay
from scheduler.services.chair_shut import Shut, closures, shut_spans, site_closed_why
from scheduler.services.scope import find

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
QUIET_HOURS = (8, 17)
"""Wall hours that a board without hours and visits shows."""
REFRESH_SECONDS = 300
"""A board that nobody changes is still told anew this often: "7 to come" grows old by itself."""


@dataclass(frozen=True, kw_only=True)
class BoardDay:
    """One local date; `steps` are nurses over the hours shown; `closed_why` if nothing is open."""

    on: date
    visits: tuple[BoardVisit, ...]
    shut: tuple[Shut, ...]
    steps: tuple[NeedStep, ...]
    is_open: bool
    closed_why: str | None

    @property
    def on_board(self) -> tuple[BoardVisit, ...]:
        return board_visits.without_covered(self.visits)


@dataclass(frozen=True, kw_only=True)
class Board:
    """`hours`: the wall hours, 0 to 24, from the first to the last that any of the days needs."""

    site: Site
    on: date
    today: date
    chairs: tuple[Chair, ...]
    days: tuple[BoardDay, ...]
    hours: tuple[int, int]
    rail: tuple[tuple[RailDay, str | None], ...]
    next_free: FreePlace | None


@dataclass(frozen=True)
class _Facts:
    capacity: Capacity
    closed: list[Closure]
    visits: list[BoardVisit]


def board(site_id: int, on: date, actor: Actor, *, week: bool, now: datetime) -> Board:
    """The day, or the Monday week that holds it. Raises NotFound, NotAllowed."""
    actor.require("see_board")
    site = find(Site, site_id, actor)
    today = local(site.zone, now).date()
    shown = week_of(on) if week else [on]
    first = min(today, *shown)
    last = max(today, *shown) + DAY * chair_free.RAIL_SEARCH_DAYS
    capacity = read_capacity(site, first, last)
    facts = _Facts(capacity, closures(site, first, last), board_visits.of_days(site, shown))
    hours = _hours(facts, shown)
    rail = chair_free.rail_dates(on, today, capacity)
    held = chair_free.claims(site, rail)
    return Board(
        site=site,
        on=on,
        today=today,
        chairs=capacity.chairs,
        days=tuple(_day(facts, one, hours) for one in shown),
        hours=hours,
        rail=tuple((chair_free.rail_day(capacity, one, held), _why(facts, one)) for one in rail),
        next_free=chair_free.first_free(capacity, on, held, now) if on >= today else None,
    )


def week_of(on: date) -> list[date]:
    """Monday to Sunday."""
    monday = on - timedelta(days=on.weekday())
    return [monday + DAY * number for number in range(7)]


def fingerprint(site_id: int, on: date, actor: Actor, *, week: bool, now: datetime) -> str:
    """Changes whenever the board could: an answer to "is mine still right?" without building it.

    Whatever changes on a site's day bumps that day's version (house decision 2). Raises NotFound.
    """
    actor.require("see_board")
    site = find(Site, site_id, actor)
    today = local(site.zone, now).date()
    shown = week_of(on) if week else [on]
    rows = db.session.execute(
        select(SiteDay.on, SiteDay.version)
        .where(
            SiteDay.organisation_id == site.organisation_id,
            SiteDay.site_id == site.id,
            SiteDay.on.between(
                min(today, *shown), max(today, *shown) + DAY * chair_free.RAIL_SEARCH_DAYS
            ),
        )
        .order_by(SiteDay.on)
    )
    seen = [(str(day), version) for day, version in rows]
    clock = int(now.timestamp()) // REFRESH_SECONDS
    facts = repr((site.id, site.version, on, week, today, clock, seen))
    return hashlib.sha256(facts.encode()).hexdigest()[:24]


def _day(facts: _Facts, on: date, hours: tuple[int, int]) -> BoardDay:
    capacity = facts.capacity
    visits = tuple(visit for visit in facts.visits if visit.starts_on == on)
    frame = _frame(capacity.site.zone, on, hours)
    chairs = chair_facts(capacity, on)
    in_service = [
        (facts, row.in_service) for facts, row in zip(chairs, capacity.chairs, strict=True)
    ]
    held = [(visit.starts_at, visit.shape) for visit in visits if visit.stands]
    is_open = any(chair.open for chair in chairs)
    return BoardDay(
        on=on,
        visits=visits,
        shut=shut_spans(in_service, frame, facts.closed),
        steps=nurse_steps(frame, held, capacity.on_duty("nurse", on)),
        is_open=is_open,
        closed_why=None if is_open else _why(facts, on) or "",
    )


def _why(facts: _Facts, on: date) -> str | None:
    """Why the whole site is closed on a day that its week would have open; None if it is not."""
    zone, week = facts.capacity.site.zone, facts.capacity.hours
    hours = open_spans(zone, on, week)
    if not hours or open_spans(zone, on, week, facts.capacity.closures.get(None, [])):
        return None
    return site_closed_why(Interval(hours[0].starts_at, hours[-1].ends_at), facts.closed)


def _hours(facts: _Facts, shown: Sequence[date]) -> tuple[int, int]:
    zone, week = facts.capacity.site.zone, facts.capacity.hours
    spans = [span for on in shown for span in open_spans(zone, on, week)]
    spans += [visit.span for visit in facts.visits]
    if not spans:
        return QUIET_HOURS
    starts = [local(zone, span.starts_at) for span in spans]
    return min(one.hour for one in starts), max(_last_hours(zone, spans))


def _last_hours(zone: ZoneInfo, spans: Iterable[Interval]) -> Iterable[int]:
    """The wall hour by which each span has ended; 24 if that is on the next day."""
    for span in spans:
        begins, ends = local(zone, span.starts_at), local(zone, span.ends_at)
        whole = ends.time() == time(ends.hour)
        yield 24 if ends.date() > begins.date() else ends.hour + (not whole)


def _frame(zone: ZoneInfo, on: date, hours: tuple[int, int]) -> Interval:
    first, last = hours
    ends = instant(zone, on + DAY, MIDNIGHT) if last == 24 else instant(zone, on, time(last))
    begins = instant(zone, on, time(first))
    return Interval(begins, max(ends, begins + HOUR))  # the clocks may skip the only hour
