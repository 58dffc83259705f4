"""What a person has to do because a message cannot: rows, and the list of what is open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from scheduler.errors import IllegalChange, Invalid
from scheduler.extensions import db
from scheduler.models import Task, Visit
from scheduler.models.task import LATER, TODAY, URGENT
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.scope import find, scoped
from scheduler.transaction import transaction

LETTER, CALL, CALL_BEFORE, FAILED_MESSAGE = "letter", "call", "call_before", "failed_message"
CLOSED_OVER, PROBLEM, TEXT, NUMBER = "closed_over", "problem", "text", "number"
HOLD_CALL, HOLD_ENDED = "hold_call", "hold_ended"
DECLINED, ASKS_TIME, LOOK = "declined", "asks_time", "look"
WROTE, BOUNCE = "wrote", "bounce"
WORDS = {
    LETTER: "Send a letter",
    CALL: "Call",
    CALL_BEFORE: "Reminder call",
    FAILED_MESSAGE: "Message failed: call",
    CLOSED_OVER: "Place is closed: call",
    PROBLEM: 'Answered "problem"',
    TEXT: "Wrote a text message",
    NUMBER: "Phone number is wrong",
    HOLD_CALL: "Times are held: call",
    HOLD_ENDED: "A hold ran out: call",
    DECLINED: "Declined the invitation",
    ASKS_TIME: "Asks for another time",
    LOOK: "Calendar answer to look at",
    WROTE: "Wrote an e-mail",
    BOUNCE: "E-mail came back: call",
    "unanswered": "No answer: call",
    "nurse_call": "Nurse: call",
    "attendance_call": "Did not come: call",
    "not_treated": "Was not treated",
    "review": "What comes next?",
    "recall": "Next visit is due",
    "clearance": "A form ends soon",
    "displaced": "Must be moved: call",
    "driver": "Driver has not answered",
    "cannot_come": "Cannot come: call",
    "other_time": "Wants another time",
    "suspended": "An answer to look at",
    "driver_away": "Driver cannot come",
    "zone_clash": "Clocks changed: look",
}
"""What the list calls each kind."""
LIVE = ("open", "planned")
LONGEST_OUTCOME = 500
SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class NewTask:
    """`what` is one sentence for staff; `outbox_id` is the message it stands for, if one.

    `state` "planned": it opens at `due_at` unless what `facts["unless"]` names has happened.
    """

    organisation_id: int
    site_id: int
    kind: str
    due_at: datetime
    what: str
    patient_id: int | None = None
    visit_id: int | None = None
    outbox_id: int | None = None
    priority: int = TODAY
    facts: dict[str, Any] = field(default_factory=dict)
    state: str = "open"

    @classmethod
    def of_visit(
        cls, visit: Visit, kind: str, *, due_at: datetime, what: str, **more: Any
    ) -> NewTask:
        """About one visit; `more` as above."""
        return cls(
            organisation_id=visit.organisation_id,
            site_id=visit.site_id,
            patient_id=visit.patient_id,
            visit_id=visit.id,
            kind=kind,
            due_at=due_at,
            what=what,
            **more,
        )


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
        state=new.state,
        priority=new.priority,
        facts=dict(new.facts),
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
        Task.state.in_({"open", new.state}),
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
    statement = update(Task).where(Task.state.in_(LIVE), *conditions)  # type: ignore[arg-type]
    dropped = statement.values(state="dropped", done_at=now)
    db.session.execute(dropped.execution_options(synchronize_session=False))


def open_tasks(actor: Actor, *, patient_id: int | None = None) -> Sequence[Task]:
    """The first 200, urgent ones first, then by due time, with patient and visit loaded."""
    actor.require("see_tasks")
    rows = scoped(Task, actor).where(Task.state == "open")
    if patient_id is not None:
        rows = rows.where(Task.patient_id == patient_id)
    rows = rows.options(joinedload(Task.patient), joinedload(Task.visit))
    rows = rows.order_by(Task.priority, Task.due_at, Task.id).limit(SHOWN)
    return db.session.scalars(rows).unique().all()


def read(task_id: int, actor: Actor) -> Task:
    """With patient and visit loaded. Raises NotAllowed, NotFound."""
    actor.require("see_tasks")
    task = find(Task, task_id, actor)
    rows = scoped(Task, actor).where(Task.id == task.id)
    rows = rows.options(joinedload(Task.patient), joinedload(Task.visit).joinedload(Visit.chair))
    return db.session.scalars(rows).unique().one()


def counts(actor: Actor) -> dict[int, int]:
    """How many are open of each priority: URGENT, TODAY, LATER."""
    actor.require("see_tasks")
    mine = select(Task.priority, func.count()).where(
        Task.organisation_id == actor.organisation_id, Task.state == "open"
    )
    found = {URGENT: 0, TODAY: 0, LATER: 0}
    for priority, many in db.session.execute(mine.group_by(Task.priority)):
        found[priority] = many
    return found


def count_open(actor: Actor) -> int:
    return sum(counts(actor).values())


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
