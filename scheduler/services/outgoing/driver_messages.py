"""R6: who takes the patient home is asked on the evening before, with the patient's consent.

The text names place, day and time; never the patient, never a reason (domain G).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Site, Task, Visit
from scheduler.models.task import URGENT
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning import due_times
from scheduler.planning.rung import ReminderRule
from scheduler.services import tasks
from scheduler.services.outgoing import ladders, outbox_rows, reach
from scheduler.services.own import answer_rows
from scheduler.services.tasks import NewTask

KIND, TASK = "r6", "driver"
SETTLED = ("sent", "failed", "skipped")
NOT_ANY_MORE = "Another driver, another time, or none is asked any more."
SILENT_FOR = timedelta(minutes=180)
"""Before the start: then somebody calls a driver who has not answered."""


def number_of(visit: Visit) -> str:
    """Where the driver of this visit may be texted; "" if that is not allowed or not known."""
    patient = visit.patient
    if visit.driver_name:
        return reach.number(visit.driver_phone) if visit.driver_ok and visit.driver_phone else ""
    allowed = patient.driver_ok and patient.driver_name and patient.driver_phone
    return reach.number(patient.driver_phone) if allowed else ""


def match(patient: Patient, *, now: datetime) -> None:
    """Bring the rows of a patient's drivers in line with the visits. Inside a transaction."""
    wanted = {visit.id: visit for visit in _ahead(patient, now) if _asks(visit)}
    settled, stale = set(), []
    for row in _rows(patient):
        visit = wanted.get(row.visit_id or 0)
        fits = visit is not None and _fits(row, visit)
        if fits and (row.state in SETTLED or row.state == "waiting"):
            settled.add(row.visit_id)
        elif row.state == "waiting":
            stale.append(row.id)
    outbox_rows.supersede_ids(stale, NOT_ANY_MORE)
    for visit_id, visit in wanted.items():
        if visit_id not in settled:
            _queue(visit, now)


def why_not(row: Outbox, now: datetime) -> str | None:
    """For outbox_truth: the visit takes place then, and this is who drives."""
    visit = row.visit
    there = visit is not None and visit.state in PLANNED_STATES and visit.starts_at > now
    if not there or visit is None or not _asks(visit):
        return NOT_ANY_MORE
    if visit.driver_says:
        return "The driver has answered."
    return None if _fits(row, visit) else NOT_ANY_MORE


def _asks(visit: Visit) -> bool:
    if visit.patient.suspended_at is not None:
        return False  # a provider looks at an answer first
    site = db.session.get_one(Site, visit.site_id)
    return site.sms_on and bool(number_of(visit)) and _rule(visit) is not None


def _rule(visit: Visit) -> ReminderRule | None:
    needed = visit.prep.get("driver", "none") != "none" or answer_rows.needs_driver(visit)
    return ladders.of_visit(visit).rule("R6") if needed else None


def _fits(row: Outbox, visit: Visit) -> bool:
    """Another version of the visit is the same to the driver if he comes at the same time."""
    return row.recipient == number_of(visit) and row.facts == _facts(visit)


def _facts(visit: Visit) -> dict[str, str]:
    return {"leaves_at": visit.leaves_at.isoformat()}


def _ahead(patient: Patient, now: datetime) -> Sequence[Visit]:
    rows = select(Visit).where(
        Visit.organisation_id == patient.organisation_id,
        Visit.patient_id == patient.id,
        Visit.state.in_(PLANNED_STATES),
        Visit.starts_at > now,
    )
    return db.session.scalars(rows).all()


def _rows(patient: Patient) -> Sequence[Outbox]:
    rows = select(Outbox).where(
        Outbox.organisation_id == patient.organisation_id,
        Outbox.patient_id == patient.id,
        Outbox.kind == KIND,
    )
    return db.session.scalars(rows.execution_options(populate_existing=True)).all()


def _queue(visit: Visit, now: datetime) -> None:
    """On the evening before; named later than that, as soon as messages may leave."""
    site, rule = db.session.get_one(Site, visit.site_id), _rule(visit)
    if rule is None or visit.driver_says:
        return
    wall = str(rule.at.get("local", "D-1 18:00"))
    due_at = due_times.on_the_wall(wall, visit.starts_on, site.zone)
    if due_at <= now:
        due_at = ladders.of_site(site).window.not_before(now, site.zone)
    if due_at >= visit.starts_at:
        return
    row = Outbox(
        organisation_id=visit.organisation_id,
        site_id=visit.site_id,
        patient_id=visit.patient_id,
        visit_id=visit.id,
        series_id=visit.series_id,
        kind=KIND,
        rule_id=rule.id,
        channel="sms",
        recipient=number_of(visit),
        sequence=visit.sequence,
        version=visit.version,
        facts=_facts(visit),
        due_at=due_at,
        useless_at=visit.starts_at,
        state="waiting",
        created_at=now,
    )
    outbox_rows.add(row)
    _plan_call(visit, now)


def _plan_call(visit: Visit, now: datetime) -> None:
    """Somebody calls the driver who has not said that he will be there."""
    same = select(Task.id).where(
        Task.visit_id == visit.id, Task.kind == TASK, Task.state.in_(tasks.LIVE)
    )
    due_at = visit.starts_at - SILENT_FOR
    tasks.drop_by_id(db.session.scalars(same).all(), now=now)
    if due_at <= now:
        return
    new = NewTask.of_visit(
        visit,
        TASK,
        due_at=due_at,
        what="The driver has not said that he or she will be there: call the driver.",
        priority=URGENT,
        state="planned",
        facts={"unless": "driver_says"},
    )
    tasks.add(new, now=now)
