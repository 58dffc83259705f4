"""Scheduled utilisation of a site's chairs, and the visits behind every figure of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Text, cast, select

from scheduler.errors import Invalid, NotFound
from scheduler.extensions import db
from scheduler.models import Chair, Patient, Site, Visit
from scheduler.planning.interval import Interval
from scheduler.planning.opening import local, open_spans
from scheduler.planning.utilisation import (
    COUNTED_STATES,
    MISSED_STATES,
    ChairDay,
    HeldChair,
    Sheet,
    Slice,
    Tally,
    sheet,
)
from scheduler.planning.visit import VisitShape
from scheduler.services import daybooks
from scheduler.services.actor import Actor
from scheduler.services.capacity import Capacity, chair_facts, read_capacity
from scheduler.services.daybooks import shape_from_text
from scheduler.services.scope import find

DAY = timedelta(days=1)
MOST_DAYS = 400
IDS_AT_ONCE = 500
"""A query takes so many parameters on every engine."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """Local dates of a site, both ends included."""

    site_id: int
    first_on: date
    last_on: date

    @property
    def days(self) -> int:
        return (self.last_on - self.first_on).days + 1

    @property
    def before(self) -> Period:
        """As many days, ending the day before."""
        length = DAY * self.days
        return Period(
            site_id=self.site_id, first_on=self.first_on - length, last_on=self.first_on - DAY
        )


@dataclass(frozen=True, kw_only=True)
class Report:
    """`chairs` in the order of the board. `before`: the same slice of the period before.

    `due` counts visits of the slice's chairs and dates whose time has come, `missed` those of them
    to which nobody came (domain J5).
    """

    site: Site
    period: Period
    only: Slice
    chairs: tuple[Chair, ...]
    sheet: Sheet
    total: Tally
    before: Tally
    due: int
    missed: int


@dataclass(frozen=True, kw_only=True)
class VisitRow:
    """A visit behind a figure, with the minutes that the figure counts of it."""

    id: int
    patient_name: str
    chair_name: str
    state: str
    starts_at: datetime
    minutes: Tally


class _Visit(NamedTuple):
    id: int
    chair_id: int
    bay_id: int | None
    starts_at: datetime
    chair_until: datetime
    starts_on: date
    state: str


def utilisation(period: Period, only: Slice, actor: Actor, *, now: datetime) -> Report:
    """Raises Invalid for a period that is turned round or too long, NotFound, NotAllowed."""
    site = _site(period, actor)
    capacity, visits = _read(site, period)
    _check_chair(only, capacity)
    counted = _sheet(capacity, period, visits)
    due = [visit for visit in _starting(visits, period, only) if visit.starts_at <= now]
    return Report(
        site=site,
        period=period,
        only=only,
        chairs=capacity.chairs,
        sheet=counted,
        total=counted.total(only),
        before=_sheet(*_around(site, period.before)).total(only),
        due=len(due),
        missed=sum(visit.state in MISSED_STATES for visit in due),
    )


def visits_behind(
    period: Period, only: Slice, actor: Actor, *, missed: bool = False
) -> list[VisitRow]:
    """What a figure counts, in order of time; `missed`: only those to which nobody came.

    The booked minutes of all rows are the figure's. Raises as `utilisation`.
    """
    site = _site(period, actor)
    capacity, visits = _read(site, period)
    _check_chair(only, capacity)
    minutes = _sheet(capacity, period, visits).visits(only)
    if missed:
        wanted = [v for v in _starting(visits, period, only) if v.state in MISSED_STATES]
    else:
        wanted = [visit for visit in visits if visit.id in minutes]
    names = _names(site, period)
    chairs = {chair.id: chair.name for chair in capacity.chairs}
    return [
        VisitRow(
            id=visit.id,
            patient_name=names[visit.id],
            chair_name=_place(visit, chairs),
            state=visit.state,
            starts_at=visit.starts_at,
            minutes=minutes.get(visit.id, Tally()),
        )
        for visit in wanted
    ]


def site_today(site_id: int, actor: Actor, *, now: datetime) -> date:
    """Raises NotFound."""
    return local(find(Site, site_id, actor).zone, now).date()


def _site(period: Period, actor: Actor) -> Site:
    actor.require("see_reports")
    if period.last_on < period.first_on:
        raise Invalid("The last day comes after the first.", field="last_on")
    if period.days > MOST_DAYS:
        raise Invalid(f"Choose {MOST_DAYS} days at most.", field="last_on")
    return find(Site, period.site_id, actor)


def _check_chair(only: Slice, capacity: Capacity) -> None:
    """Another site's chair answers like a missing one (trust I21)."""
    if only.chair_id is not None and only.chair_id not in {c.id for c in capacity.chairs}:
        raise NotFound


def _around(site: Site, period: Period) -> tuple[Capacity, Period, list[_Visit]]:
    capacity, visits = _read(site, period)
    return capacity, period, visits


def _read(site: Site, period: Period) -> tuple[Capacity, list[_Visit]]:
    """Capacity as it is set now, and counted visits; those of the day before may pass midnight."""
    capacity = read_capacity(site, period.first_on, period.last_on)
    columns = (getattr(Visit, name) for name in _Visit._fields)
    rows = db.session.execute(
        select(*columns)
        .where(
            Visit.organisation_id == site.organisation_id,
            Visit.site_id == site.id,
            Visit.starts_on.between(period.first_on - DAY, period.last_on),
            Visit.state.in_(COUNTED_STATES),
        )
        .order_by(Visit.starts_at, Visit.id)
    )
    return capacity, [_Visit(*row) for row in rows]


def _shapes(visits: Sequence[_Visit]) -> dict[int, VisitShape]:
    """Of the visits with a bay: only theirs say when what is held."""
    ids = [visit.id for visit in visits if visit.bay_id is not None]
    found: dict[int, VisitShape] = {}
    for first in range(0, len(ids), IDS_AT_ONCE):
        some = Visit.id.in_(ids[first : first + IDS_AT_ONCE])
        rows = db.session.execute(select(Visit.id, cast(Visit.shape, Text)).where(some))
        found |= {visit_id: shape_from_text(shape) for visit_id, shape in rows}
    return found


def _held(visits: Sequence[_Visit]) -> Iterator[HeldChair]:
    shapes = _shapes(visits)
    for visit in visits:
        missed, span = visit.state in MISSED_STATES, Interval(visit.starts_at, visit.chair_until)
        bay = shapes[visit.id].bay_span(visit.starts_at) if visit.id in shapes else None
        if visit.bay_id is not None and bay is not None:
            span = shapes[visit.id].chair_span(visit.starts_at, with_bay=True)
            yield HeldChair(visit_id=visit.id, chair_id=visit.bay_id, span=bay, missed=missed)
        yield HeldChair(visit_id=visit.id, chair_id=visit.chair_id, span=span, missed=missed)


def _place(visit: _Visit, names: dict[int, str]) -> str:
    """ "Chair 2", or "Chair 2, then Bay 1"."""
    bay = "" if visit.bay_id is None else f", then {names[visit.bay_id]}"
    return f"{names[visit.chair_id]}{bay}"


def _sheet(capacity: Capacity, period: Period, visits: Sequence[_Visit]) -> Sheet:
    zone = capacity.site.zone
    days = [
        ChairDay(
            chair_id=chair.chair_id,
            on=on,
            hours=open_spans(zone, on, capacity.hours),
            open=chair.open,
        )
        for on in daybooks.dates(period.first_on, period.last_on)
        for chair in chair_facts(capacity, on)
    ]
    bays = frozenset(chair.id for chair in capacity.chairs if chair.is_bay)
    return sheet(zone, days, _held(visits), bays)


def _starting(visits: Iterable[_Visit], period: Period, only: Slice) -> list[_Visit]:
    """Visits that start in the period, on the slice's chair, date and weekday."""
    return [
        visit
        for visit in visits
        if visit.starts_on >= period.first_on
        and only.chair_id in (None, visit.chair_id, visit.bay_id)
        and only.on in (None, visit.starts_on)
        and only.weekday in (None, visit.starts_on.weekday())
    ]


def _names(site: Site, period: Period) -> dict[int, str]:
    """By visit; asked for by dates, because there may be more visits than a query takes ids."""
    rows = db.session.execute(
        select(Visit.id, Patient.first_name, Patient.last_name)
        .join(Patient, Patient.id == Visit.patient_id)
        .where(
            Visit.organisation_id == site.organisation_id,
            Visit.site_id == site.id,
            Visit.starts_on.between(period.first_on - DAY, period.last_on),
        )
    )
    return {visit_id: f"{first} {last}" for visit_id, first, last in rows}
