"""Cover against need by date: what the booked visits of a day ask for, beside who is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import CoverChange, EquipmentOutage, Site, Visit
from scheduler.models.visit import HOLDING_STATES
from scheduler.planning.day_facts import DayFacts
from scheduler.planning.interval import Interval
from scheduler.planning.left_without import shared
from scheduler.planning.need import NeedStep, need_steps
from scheduler.planning.opening import day_span, instant, local
from scheduler.planning.visit import VisitShape
from scheduler.services import daybooks, equipment, staffing
from scheduler.services.actor import Actor
from scheduler.services.capacity import read_capacity
from scheduler.services.scope import find

QUIET_HOURS = (time(8), time(17))
"""Shown for a day on which nobody is there and nothing is booked."""


@dataclass(frozen=True, kw_only=True)
class DutyDay:
    """One local date. `needs`: rule ids H8, H9, H10-pump, H10-monitor -> steps over the same hours;
    what nobody counts at the site is left out."""

    on: date
    is_open: bool
    needs: dict[str, tuple[NeedStep, ...]]
    changes: tuple[CoverChange, ...]
    outages: tuple[EquipmentOutage, ...]

    @property
    def is_quiet(self) -> bool:
        """Closed, and nothing booked: there is nothing to compare."""
        every = (step for steps in self.needs.values() for step in steps)
        return not self.is_open and not any(step.need for step in every)


@dataclass(frozen=True, kw_only=True)
class Duty:
    site: Site
    today: date
    days: tuple[DutyDay, ...]


def week(site_id: int, on: date, actor: Actor, *, now: datetime) -> Duty:
    """The Monday week that holds the date. Raises NotFound, NotAllowed."""
    actor.require("see_board")
    site = find(Site, site_id, actor)
    monday = on - timedelta(days=on.weekday())
    days = daybooks.dates(monday, monday + timedelta(days=6))
    since = day_span(site.zone, monday).starts_at
    changes = staffing.of_site(site_id, actor, since=since)
    outages = equipment.outages(site_id, actor, since=since)
    capacity, held = read_capacity(site, days[0], days[-1]), _held(site, days)
    return Duty(
        site=site,
        today=local(site.zone, now).date(),
        days=tuple(
            DutyDay(
                on=one,
                is_open=any(chair.open for chair in facts.chairs),
                needs=_needs(facts, held.get(one, [])),
                changes=tuple(row for row in changes if _touches(row, site, one)),
                outages=tuple(row for row in outages if _touches(row, site, one)),
            )
            for one in days
            for facts in [daybooks.facts_of(capacity, one)]
        ),
    )


def _held(site: Site, days: Sequence[date]) -> dict[date, list[tuple[datetime, VisitShape]]]:
    rows = db.session.execute(
        select(Visit.starts_on, Visit.starts_at, Visit.shape).where(
            Visit.organisation_id == site.organisation_id,
            Visit.site_id == site.id,
            Visit.starts_on.between(days[0], days[-1]),
            Visit.state.in_(HOLDING_STATES),
        )
    )
    found: dict[date, list[tuple[datetime, VisitShape]]] = {}
    for on, starts_at, shape in rows:
        found.setdefault(on, []).append((starts_at, VisitShape.from_plain(shape)))
    return found


def _needs(
    facts: DayFacts, held: list[tuple[datetime, VisitShape]]
) -> dict[str, tuple[NeedStep, ...]]:
    frame = _frame(facts, held)
    return {rule: need_steps(frame, held, asked) for rule, asked in shared(facts)}


def _frame(facts: DayFacts, held: list[tuple[datetime, VisitShape]]) -> Interval:
    """From the first to the last of opening hours, staff and visits, within the date."""
    spans = [*facts.hours, *(span for span, _ in (*facts.cover, *facts.providers))]
    spans += [
        Interval(starts_at, times.leaves_at)
        for starts_at, shape in held
        if (times := shape.times(starts_at)).leaves_at > starts_at
    ]
    if not spans:
        return Interval(*(instant(facts.zone, facts.on, wall) for wall in QUIET_HOURS))
    whole = Interval(min(one.starts_at for one in spans), max(one.ends_at for one in spans))
    return whole.cut(day_span(facts.zone, facts.on)) or whole


def _touches(row: CoverChange | EquipmentOutage, site: Site, on: date) -> bool:
    day = day_span(site.zone, on)
    return row.starts_at < day.ends_at and row.ends_at > day.starts_at
