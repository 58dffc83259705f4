"""What a person has to do because a message cannot: a plain list, later the worklist."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from scheduler.errors import IllegalChange, Invalid
from scheduler.extensions import db
from scheduler.models import Task
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.scope import find, scoped
from scheduler.transaction import transaction

LETTER, CALL, CALL_BEFORE, FAILED_MESSAGE = "letter", "call", "call_before", "failed_message"
CLOSED_OVER = "closed_over"
WORDS = {
    LETTER: "Send a letter",
    CALL: "Call",
    CALL_BEFORE: "Reminder call",
    FAILED_MESSAGE: "E-mail failed: call",
    CLOSED_OVER: "Place is closed: call",
}
"""What the list calls each kind."""
LONGEST_OUTCOME = 500
SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class NewTask:
    """`what` is one sentence for staff; `outbox_id` is the message it stands for, if one."""

    organisation_id: int
    site_id: int
    kind: str
    due_at: datetime
    what: str
    patient_id: int | None = None
    visit_id: int | None = None
    outbox_id: int | None = None


def add(new: NewTask, *, now: datetime) -> Task:
    """Inside the caller's transaction."""
    task = Task(
        organisation_id=new.organisation_id,
        site_id=new.site_id,
        kind=new.kind,
        due_at=new.due_at,
        patient_id=new.patient_id,
        visit_id=new.visit_id,
        outbox_id=new.outbox_id,
        what=new.what[:500],
        state="open",
        created_at=now,
    )
    db.session.add(task)
    db.session.flush()
    return task


def add_once(new: NewTask, *, now: datetime) -> bool:
    """One open task of a kind is enough for a patient. Inside the caller's transaction."""
    same = select(Task.id).where(
        Task.organisation_id == new.organisation_id,
        Task.patient_id == new.patient_id,
        Task.kind == new.kind,
        Task.state == "open",
    )
    if db.session.scalar(same.limit(1)) is not None:
        return False
    add(new, now=now)
    return True


def drop_of_visits(visit_ids: Collection[int], kinds: Collection[str], *, now: datetime) -> None:
    """What they were for no longer holds. Inside the caller's transaction."""
    _drop(Task.visit_id.in_(visit_ids), Task.kind.in_(kinds), now=now)


def drop_of_message(outbox_id: int, *, now: datetime) -> None:
    """The message left after all. Inside the caller's transaction."""
    _drop(Task.outbox_id == outbox_id, now=now)


def drop_by_id(task_ids: Collection[int], *, now: datetime) -> None:
    """Inside the caller's transaction."""
    _drop(Task.id.in_(task_ids), now=now)


def _drop(*conditions: object, now: datetime) -> None:
    statement = update(Task).where(Task.state == "open", *conditions)  # type: ignore[arg-type]
    dropped = statement.values(state="dropped", done_at=now)
    db.session.execute(dropped.execution_options(synchronize_session=False))


def open_tasks(actor: Actor, *, patient_id: int | None = None) -> Sequence[Task]:
    """The first 200 by due time, with patient and visit loaded."""
    actor.require("see_tasks")
    rows = scoped(Task, actor).where(Task.state == "open")
    if patient_id is not None:
        rows = rows.where(Task.patient_id == patient_id)
    rows = rows.options(joinedload(Task.patient), joinedload(Task.visit))
    return db.session.scalars(rows.order_by(Task.due_at, Task.id).limit(SHOWN)).unique().all()


def count_open(actor: Actor) -> int:
    actor.require("see_tasks")
    mine = select(func.count()).where(
        Task.organisation_id == actor.organisation_id, Task.state == "open"
    )
    return db.session.scalar(mine) or 0


def finish(task_id: int, outcome: str, actor: Actor, *, now: datetime) -> None:
    """Raises Invalid without an outcome, IllegalChange if it is closed, NotAllowed, NotFound."""
    actor.require("work_task")
    if not outcome.strip() or len(outcome) > LONGEST_OUTCOME:
        raise Invalid("Say in a few words what came of it.", field="outcome")
    with transaction():
        task = find(Task, task_id, actor)
        if task.state != "open":
            raise IllegalChange("This task is closed already.")
        task.state, task.outcome = "done", outcome.strip()
        task.done_by_name, task.done_at = actor.name, now
        note(actor, "finish_task", f"task:{task.id}", now=now)
