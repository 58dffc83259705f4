"""Keeps the reminders of a patient's coming visits as the rules say, by comparing (calendar R5).

Runs inside the caller's transaction. What is due is computed from the visits as they are now; rows
that do not fit any more are superseded, what is missing is added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Outbox, Patient, ProtocolVersion, Site, Task, Visit
from scheduler.models.visit import HOLDING_STATES, PLANNED_STATES
from scheduler.planning.opening import instant
from scheduler.planning.preparation import PrepTimes
from scheduler.planning.reminders import STANDARD_RULES, Reminder, ReminderRule
from scheduler.planning.reminders import reminders as due_for
from scheduler.services import outbox_rows, tasks
from scheduler.services.protocol_files import parsed
from scheduler.services.tasks import NewTask

NOT_ANY_MORE = "The visit was changed or cancelled."
LOOK_BACK = timedelta(days=5)
CALL_HOURS = {"r3": (-3, time(10)), "r4": (-1, time(16))}
"""Days from the visit and wall time of a call where no mail can (domain I, story 9)."""
CALL_WORDS = {
    "r3": "No e-mail: call about the visit in three days; ask who drives and what has changed.",
    "r4": "No e-mail: call about the visit tomorrow; say the food and drink stops.",
}
Key = tuple[int, int, str]
"""Visit, its version, kind."""


@dataclass(frozen=True)
class Planned:
    """One reminder that should be there."""

    visit: Visit
    reminder: Reminder
    times: PrepTimes

    @property
    def key(self) -> Key:
        return self.visit.id, self.visit.version, self.reminder.kind


def refresh(patient_id: int, *, now: datetime, told_at: Mapping[int, datetime]) -> int:
    """Bring rows and call tasks of one patient in line; how many call tasks were added.

    `told_at`: when the confirmation of a visit leaves; reminders due up to then are dropped.
    """
    patient = db.session.get_one(Patient, patient_id)
    wanted = _wanted(patient, now, told_at)
    mailed = wanted if outbox_rows.by_mail(patient) else []
    _match_rows(patient, mailed, now)
    return _match_calls(patient, [] if mailed else wanted, now)


def _wanted(patient: Patient, now: datetime, told_at: Mapping[int, datetime]) -> list[Planned]:
    visits = _around(patient, now)
    found = []
    for place, visit in enumerate(visits):
        if visit.state not in PLANNED_STATES or visit.starts_at <= now:
            continue
        site = db.session.get_one(Site, visit.site_id)
        times = outbox_rows.told(visit, site).times
        before = visits[place - 1] if place else None
        gap = (visit.starts_on - before.starts_on).days if before is not None else None
        after = max(now, told_at.get(visit.id, now))
        due = due_for(rules_of(visit), times, after=after, days_since_previous=gap)
        found += [Planned(visit, reminder, times) for reminder in due]
    return found


def _around(patient: Patient, now: datetime) -> Sequence[Visit]:
    """Visits that hold their time, a few days back and ahead, in order."""
    rows = select(Visit).where(
        Visit.organisation_id == patient.organisation_id,
        Visit.patient_id == patient.id,
        Visit.state.in_(HOLDING_STATES),
        Visit.starts_at > now - LOOK_BACK,
    )
    return db.session.scalars(rows.order_by(Visit.starts_at, Visit.id)).all()


def rules_of(visit: Visit) -> tuple[ReminderRule, ...]:
    """The ladder of the visit's own template version; each kind once."""
    version = db.session.get_one(ProtocolVersion, visit.protocol_version_id)
    return parsed(version.document).reminders or STANDARD_RULES


def _match_rows(patient: Patient, wanted: list[Planned], now: datetime) -> None:
    rows = select(Outbox).where(
        Outbox.organisation_id == patient.organisation_id,
        Outbox.patient_id == patient.id,
        Outbox.kind.in_(outbox_rows.REMINDER_KINDS),
    )
    by_key = {one.key: one for one in wanted}
    settled: set[Key] = set()
    stale: list[int] = []
    for row in db.session.scalars(rows.execution_options(populate_existing=True)):
        if row.visit_id is None:
            continue
        key = (row.visit_id, row.version, row.kind)
        if row.state != "waiting":
            settled |= {key} if row.state in ("sent", "failed", "skipped") else set()
        elif _still_right(row, by_key.get(key), patient):
            settled.add(key)
        else:
            stale.append(row.id)
    outbox_rows.supersede_ids(stale, NOT_ANY_MORE)
    missing = [one for one in by_key.values() if one.key not in settled]
    outbox_rows.add_all([_row(one, patient, now) for one in missing])


def _still_right(row: Outbox, wanted: Planned | None, patient: Patient) -> bool:
    if wanted is None or row.recipient != patient.email:
        return False
    return row.due_at == wanted.reminder.due_at


def _row(one: Planned, patient: Patient, now: datetime) -> Outbox:
    visit = one.visit
    return Outbox(
        organisation_id=visit.organisation_id,
        site_id=visit.site_id,
        patient_id=visit.patient_id,
        visit_id=visit.id,
        series_id=visit.series_id,
        kind=one.reminder.kind,
        recipient=patient.email,
        sequence=visit.sequence,
        version=visit.version,
        due_at=one.reminder.due_at,
        useless_at=one.reminder.useless_at,
        state="waiting",
        created_at=now,
    )


def _match_calls(patient: Patient, wanted: list[Planned], now: datetime) -> int:
    """Call tasks for patients without e-mail, one per visit and kind; dropped when times change."""
    open_rows = select(Task).where(
        Task.organisation_id == patient.organisation_id,
        Task.patient_id == patient.id,
        Task.kind == tasks.CALL_BEFORE,
        Task.state == "open",
    )
    calls = {(task.visit_id, task.due_at): task for task in db.session.scalars(open_rows)}
    new = {
        (one.visit.id, due_at): one
        for one in wanted
        if (due_at := _call_at(one)) is not None and due_at > now
    }
    gone = [task.id for key, task in calls.items() if key not in new and task.due_at > now]
    tasks.drop_by_id(gone, now=now)
    for (_, due_at), one in new.items():
        if (one.visit.id, due_at) not in calls:
            tasks.add(_call(one, due_at), now=now)
    return len(set(new) - set(calls))


def _call_at(one: Planned) -> datetime | None:
    if one.reminder.kind not in CALL_HOURS:
        return None
    days, wall = CALL_HOURS[one.reminder.kind]
    return instant(one.times.zone, one.times.on + timedelta(days=days), wall)


def _call(one: Planned, due_at: datetime) -> NewTask:
    return NewTask(
        organisation_id=one.visit.organisation_id,
        site_id=one.visit.site_id,
        kind=tasks.CALL_BEFORE,
        due_at=due_at,
        what=CALL_WORDS[one.reminder.kind],
        patient_id=one.visit.patient_id,
        visit_id=one.visit.id,
    )
