"""Everything that the page of one patient shows, read at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import joinedload, selectinload

from scheduler.errors import NotFound
from scheduler.extensions import db
from scheduler.models import Clearance, Consent, Patient, Series, Site, Task, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.opening import local
from scheduler.services import clearances, scope, sites, tasks
from scheduler.services.actor import Actor
from scheduler.services.clearances import Uncovered
from scheduler.services.own import consents, feeds

MOST = 200


@dataclass(frozen=True, kw_only=True)
class PatientPage:
    """`ahead` soonest first, `past` newest first; `in_the_way` are booked on days away, and
    `uncovered` after a clearance's end. `zone` is the first site's."""

    patient: Patient
    zone: ZoneInfo
    today: date
    sites: dict[int, Site]
    series: Sequence[Series]
    ahead: Sequence[Visit]
    past: Sequence[Visit]
    in_the_way: Sequence[Visit]
    clearances: Sequence[Clearance]
    uncovered: Sequence[Uncovered]
    tasks: Sequence[Task]
    feed_made_at: datetime | None
    consents: Sequence[Consent]


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
    coming = (*PLANNED_STATES, "held")
    ahead = [one for one in visits if one.leaves_at > now and one.state in coming]
    home, on_file = sites.first(actor), clearances.of_patient(patient.id, actor)
    zone = home.zone if home else ZoneInfo("UTC")
    return PatientPage(
        patient=patient,
        zone=zone,
        today=local(zone, now).date(),
        sites={site.id: site for site in db.session.scalars(scope.scoped(Site, actor))},
        series=_series(patient, actor),
        ahead=ahead,
        past=[one for one in reversed(visits) if one not in ahead],
        in_the_way=[one for one in ahead if _is_away(patient, one)],
        clearances=on_file,
        uncovered=clearances.uncovered(on_file, ahead),
        tasks=tasks.open_tasks(actor, patient_id=patient.id) if actor.may("see_tasks") else [],
        feed_made_at=feeds.made_at(patient.id, actor),
        consents=consents.history(patient),
    )


def _is_away(patient: Patient, visit: Visit) -> bool:
    return any(row.starts_on <= visit.starts_on <= row.ends_on for row in patient.blackouts)


def _visits(patient: Patient, actor: Actor) -> list[Visit]:
    rows = scope.scoped(Visit, actor).where(Visit.patient_id == patient.id)
    rows = (
        rows.options(joinedload(Visit.chair), joinedload(Visit.bay), joinedload(Visit.series))
        .order_by(Visit.starts_at.desc())
        .limit(MOST)
    )
    return list(reversed(db.session.scalars(rows).all()))


def _series(patient: Patient, actor: Actor) -> Sequence[Series]:
    rows = scope.scoped(Series, actor).where(Series.patient_id == patient.id)
    return db.session.scalars(rows.order_by(Series.id.desc()).limit(MOST)).all()
