"""Everything that the page of one patient shows, read at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import joinedload, selectinload

from scheduler.errors import NotFound
from scheduler.extensions import db
from scheduler.models import Patient, Series, Site, Task, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.services import scope, tasks
from scheduler.services.actor import Actor

MOST = 200


@dataclass(frozen=True, kw_only=True)
class PatientPage:
    """`ahead` soonest first, `past` newest first; `in_the_way` are booked on days away."""

    patient: Patient
    sites: dict[int, Site]
    series: Sequence[Series]
    ahead: Sequence[Visit]
    past: Sequence[Visit]
    in_the_way: Sequence[Visit]
    tasks: Sequence[Task]


def read(patient_id: int, actor: Actor, *, now: datetime) -> PatientPage:
    """Raises NotFound."""
    patient = db.session.scalar(
        scope.scoped(Patient, actor)
        .where(Patient.id == patient_id)
        .options(selectinload(Patient.blackouts))
    )
    if patient is None:
        raise NotFound
    visits = _visits(patient, actor)
    ahead = [one for one in visits if one.leaves_at > now and one.state in PLANNED_STATES]
    return PatientPage(
        patient=patient,
        sites={site.id: site for site in db.session.scalars(scope.scoped(Site, actor))},
        series=_series(patient, actor),
        ahead=ahead,
        past=[one for one in reversed(visits) if one not in ahead],
        in_the_way=[one for one in ahead if _is_away(patient, one)],
        tasks=tasks.open_tasks(actor, patient_id=patient.id) if actor.may("see_tasks") else [],
    )


def _is_away(patient: Patient, visit: Visit) -> bool:
    return any(row.starts_on <= visit.starts_on <= row.ends_on for row in patient.blackouts)


def _visits(patient: Patient, actor: Actor) -> list[Visit]:
    rows = scope.scoped(Visit, actor).where(Visit.patient_id == patient.id)
    rows = rows.options(joinedload(Visit.chair)).order_by(Visit.starts_at.desc()).limit(MOST)
    return list(reversed(db.session.scalars(rows).all()))


def _series(patient: Patient, actor: Actor) -> Sequence[Series]:
    rows = scope.scoped(Series, actor).where(Series.patient_id == patient.id)
    return db.session.scalars(rows.order_by(Series.id.desc()).limit(MOST)).all()
