"""A person's work where a reminder brings no answer: planned with the visit, opened when its time
comes and nothing has been heard (domain G)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from scheduler.extensions import db
from scheduler.models import Patient, Task, Visit
from scheduler.models.task import TODAY, URGENT
from scheduler.services import after_visit, recalls, tasks
from scheduler.services.outgoing import clearance_messages, displaced
from scheduler.services.own import answered
from scheduler.services.own.answer_tasks import HAPPENED
from scheduler.transaction import retried, transaction

UNANSWERED = "unanswered"
KINDS = (UNANSWERED, tasks.CALL_BEFORE)
LATE = ("R3", "R3p", "R4")
"""Rungs so near the visit that the call says what is missing; before them nobody is late."""
BATCH = 100
SETTLED = "It was answered in time."
OVER = "The visit does not take place any more."
Key = tuple[int | None, str, datetime]
"""Visit, rung, when."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One call that should be planned: `unless` names what makes it needless, "" nothing does."""

    visit: Visit
    rule_id: str
    at: datetime
    what: str
    unless: str = ""
    high: bool = False

    @property
    def key(self) -> Key:
        return self.visit.id, self.rule_id, self.at


def match(patient: Patient, wanted: Iterable[Wanted], coming: dict[int, int], now: datetime) -> int:
    """Bring the planned calls of a patient in line; how many were added. In a transaction.

    `coming`: the visits that lie ahead, with their versions. What is open already and was about
    another time of the visit is dropped.
    """
    new = {one.key: one for one in wanted if one.at > now}
    there = {_key(task): task for task in db.session.scalars(_of_patient(patient))}
    gone = [
        task.id
        for key, task in there.items()
        if task.state != "done" and key not in new and not _still_asked(task, coming, now)
    ]
    if gone:
        tasks.drop_by_id(gone, now=now)
    missing = [_task(one, now) for key, one in new.items() if key not in there]
    db.session.bulk_save_objects(missing)  # nobody asks for their ids
    return len(missing)


def _of_patient(patient: Patient) -> Select[Task]:
    return select(Task).where(
        Task.organisation_id == patient.organisation_id,
        Task.patient_id == patient.id,
        Task.kind.in_(KINDS),
        Task.state.in_((*tasks.LIVE, "done")),
    )


def _key(task: Task) -> Key:
    return task.visit_id, task.facts.get("rule", ""), task.due_at


def _still_asked(task: Task, coming: dict[int, int], now: datetime) -> bool:
    """Its time has come, and the visit is as it was when the call was planned."""
    version = coming.get(task.visit_id or 0)
    came_up = task.state == "open" or task.due_at <= now
    return came_up and version is not None and version == task.facts.get("version")


def _task(one: Wanted, now: datetime) -> Task:
    visit = one.visit
    return Task(
        organisation_id=visit.organisation_id,
        site_id=visit.site_id,
        patient_id=visit.patient_id,
        visit_id=visit.id,
        kind=UNANSWERED if one.unless else tasks.CALL_BEFORE,
        due_at=one.at,
        what=one.what,
        state="planned",
        priority=URGENT if one.high else TODAY,
        facts={"rule": one.rule_id, "unless": one.unless, "version": visit.version},
        created_at=now,
    )


def _over(task: Task, now: datetime) -> str | None:
    visit = task.visit
    return None if visit is not None and answered.takes_place(visit, now) else OVER


def _visit_says(settled: Callable[[Visit], bool]) -> Callable[[Task, datetime], str | None]:
    """Needless if the visit is over, was declined (somebody looks at that), or is settled."""

    def why(task: Task, now: datetime) -> str | None:
        if task.visit is None or not answered.takes_place(task.visit, now):
            return OVER
        return SETTLED if answered.declined(task.visit) or settled(task.visit) else None

    return why


def _any_of_series(visit: Visit) -> bool:
    """R0: whatever the patient answered about any of the dates will do."""
    rows = select(Visit.id).where(
        Visit.organisation_id == visit.organisation_id,
        Visit.patient_id == visit.patient_id,
        (Visit.coming != "") | (Visit.partstat != "NEEDS-ACTION"),
    )
    if visit.series_id is not None:
        rows = rows.where(Visit.series_id == visit.series_id)
    return db.session.scalar(rows.limit(1)) is not None


NEEDLESS: dict[str, Callable[[Task, datetime], str | None]] = {
    "": _over,
    **{word: _visit_says(happened) for word, happened in HAPPENED.items()},
    "heard": _visit_says(_any_of_series),
    "well": after_visit.is_well,
    "next_visit": after_visit.is_planned,
    "recall": recalls.is_over,
    "cleared": clearance_messages.is_cleared,
    "moved": displaced.is_settled,
}
"""By `facts["unless"]`: why a planned task need not open, or None. One line per word; a word that
is not here never stops a task: a person looks."""


def open_due(*, now: datetime) -> int:
    """Planned work whose time has come: open it, or drop it with its reason; how many of both."""
    done = 0
    while _anything_due(now) and (batch := _open_some(now)):
        done += batch
    return done


def _due(now: datetime) -> Select[Task]:
    return select(Task).where(Task.state == "planned", Task.due_at <= now)


def _anything_due(now: datetime) -> bool:
    return db.session.scalar(select(_due(now).exists())) is True


@retried
def _open_some(now: datetime) -> int:
    with transaction():
        rows = _due(now).order_by(Task.due_at, Task.id).limit(BATCH)
        found = db.session.scalars(rows.with_for_update(skip_locked=True, of=Task)).all()
        for task in found:
            _open(task, now)
        return len(found)


def _open(task: Task, now: datetime) -> None:
    check = NEEDLESS.get(task.facts.get("unless", ""))
    why = check(task, now) if check is not None else None
    if why is not None:
        task.state, task.outcome, task.done_at = "dropped", why, now
        return
    task.state = "open"
    if task.facts.get("rule") in LATE and task.visit is not None:
        task.what = f"{answered.missing(task.visit)} {task.what}".strip()[:500]
