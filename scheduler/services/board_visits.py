"""The visits of a site's days as the board needs them, in one query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import aliased

from scheduler.extensions import db
from scheduler.models import Chair, Patient, Series, Site, Visit
from scheduler.models.visit import HOLDING_STATES, PLANNED_STATES
from scheduler.planning.interval import Interval
from scheduler.planning.visit import VisitShape
from scheduler.services.daybooks import shape_from_text

GONE = frozenset({"cancelled", "displaced", "released", "entered_in_error", "proposed"})
"""States of visits that are no part of the day's count."""
_OF_VISIT = (
    "id", "patient_id", "number", "title", "state", "version", "chair_id", "bay_id",
    "starts_on", "arrives_at", "starts_at", "leaves_at", "chair_until", "held_until",
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
    bay_id: int | None = None
    bay_name: str | None = None
    starts_on: date
    arrives_at: datetime
    starts_at: datetime
    leaves_at: datetime
    chair_until: datetime
    held_until: datetime | None = None
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
        """The time of its chair, and of its bay, turnaround included."""
        return Interval(self.starts_at, self.chair_until)

    @property
    def bay_span(self) -> Interval | None:
        """The bay's part of it; None where the whole stay is on the chair."""
        return None if self.bay_id is None else self.shape.bay_span(self.starts_at)

    @property
    def chair_span(self) -> Interval:
        if self.bay_span is None:
            return self.span
        return self.shape.chair_span(self.starts_at, with_bay=True)

    @property
    def place(self) -> str:
        """ "Chair 2", or "Chair 2, then Bay 1"."""
        return f"{self.chair_name}, then {self.bay_name}" if self.bay_name else self.chair_name

    def clashes(self, other: BoardVisit) -> bool:
        """Whether they would be drawn over each other."""
        return any(
            mine == theirs and span.overlaps(their_span)
            for mine, span in self._places()
            for theirs, their_span in other._places()
        )

    def _places(self) -> Iterator[tuple[int, Interval]]:
        yield self.chair_id, self.chair_span
        if self.bay_id is not None and self.bay_span is not None:
            yield self.bay_id, self.bay_span


def of_days(site: Site, days: Sequence[date]) -> list[BoardVisit]:
    """Every visit that starts on one of these local dates, in order of time; ended ones too."""
    bay = aliased(Chair)
    rows = db.session.execute(
        select(
            *(getattr(Visit, name) for name in _OF_VISIT),
            cast(Visit.shape, Text).label("shape"),
            Patient.first_name,
            Patient.last_name,
            Series.count.label("count_"),
            Chair.name.label("chair_name"),
            bay.name.label("bay_name"),
        )
        .join(Patient, Patient.id == Visit.patient_id)
        .join(Chair, Chair.id == Visit.chair_id)
        .outerjoin(bay, bay.id == Visit.bay_id)
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
            bay_name=row.bay_name,
            shape=shape_from_text(row.shape),
        )
        for row in rows
    ]


def without_covered(visits: Sequence[BoardVisit]) -> tuple[BoardVisit, ...]:
    """What chairs can show: a visit that gave its place up is left out where another stands."""
    shown: list[BoardVisit] = []
    for visit in sorted(visits, key=lambda one: (not one.stands, one.state in GONE, -one.id)):
        clash = any(visit.clashes(other) for other in shown)
        if visit.stands or not clash:
            shown.append(visit)
    return tuple(sorted(shown, key=lambda one: (one.starts_at, one.id)))
