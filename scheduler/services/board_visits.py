"""The visits of a site's days as the board needs them, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Text, cast, select

from scheduler.extensions import db
from scheduler.models import Chair, Patient, Series, Site, Visit
from scheduler.models.visit import HOLDING_STATES, PLANNED_STATES
from scheduler.planning.interval import Interval
from scheduler.planning.visit import VisitShape
from scheduler.services.daybooks import shape_from_text

GONE = frozenset({"cancelled", "displaced", "released", "entered_in_error", "proposed"})
"""States of visits that are no part of the day's count."""
_OF_VISIT = (
    "id", "patient_id", "number", "title", "state", "version", "chair_id", "starts_on",
    "arrives_at", "starts_at", "leaves_at", "chair_until",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class BoardVisit:
    """One visit; `count` is how many its series has, None for a single one."""

    id: int
    patient_id: int
    patient_name: str
    number: int
    count: int | None
    title: str
    state: str
    version: int
    chair_id: int
    chair_name: str
    starts_on: date
    arrives_at: datetime
    starts_at: datetime
    leaves_at: datetime
    chair_until: datetime
    shape: VisitShape

    @property
    def stands(self) -> bool:
        """Whether its place is still its own."""
        return self.state in HOLDING_STATES

    @property
    def movable(self) -> bool:
        """Only what lies ahead may be dragged; the server decides whether it may."""
        return self.state in PLANNED_STATES

    @property
    def span(self) -> Interval:
        """The chair's time, turnaround included."""
        return Interval(self.starts_at, self.chair_until)


def of_days(site: Site, days: Sequence[date]) -> list[BoardVisit]:
    """Every visit that starts on one of these local dates, in order of time; ended ones too."""
    rows = db.session.execute(
        select(
            *(getattr(Visit, name) for name in _OF_VISIT),
            cast(Visit.shape, Text).label("shape"),
            Patient.first_name,
            Patient.last_name,
            Series.count.label("count_"),
            Chair.name.label("chair_name"),
        )
        .join(Patient, Patient.id == Visit.patient_id)
        .join(Chair, Chair.id == Visit.chair_id)
        .outerjoin(Series, Series.id == Visit.series_id)
        .where(
            Visit.organisation_id == site.organisation_id,
            Visit.site_id == site.id,
            Visit.starts_on.in_(days),
        )
        .order_by(Visit.starts_at, Visit.id)
    )
    return [
        BoardVisit(
            **{name: getattr(row, name) for name in _OF_VISIT},
            patient_name=f"{row.first_name} {row.last_name}",
            count=row.count_,
            chair_name=row.chair_name,
            shape=shape_from_text(row.shape),
        )
        for row in rows
    ]


def without_covered(visits: Sequence[BoardVisit]) -> tuple[BoardVisit, ...]:
    """What chairs can show: a visit that gave its place up is left out where another stands."""
    shown: list[BoardVisit] = []
    for visit in sorted(visits, key=lambda one: (not one.stands, one.state in GONE, -one.id)):
        clash = any(o.chair_id == visit.chair_id and o.span.overlaps(visit.span) for o in shown)
        if visit.stands or not clash:
            shown.append(visit)
    return tuple(sorted(shown, key=lambda one: (one.starts_at, one.id)))
