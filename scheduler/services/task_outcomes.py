"""What came of a task: each outcome button and its effect (domain I, story 9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from scheduler.errors import IllegalChange, Invalid
from scheduler.extensions import db
from scheduler.models import Site, Task, Visit
from scheduler.models.task import URGENT
from scheduler.planning.opening import instant, local
from scheduler.planning.words.clock import clock, day_of
from scheduler.services import call_scripts, tasks
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.outgoing import outbox
from scheduler.services.own import answer_rows, answer_tasks, consents
from scheduler.services.own.answer_rows import COMING, Driver, Said
from scheduler.services.patient_lock import lock_patient
from scheduler.services.scope import find
from scheduler.services.tasks import NewTask
from scheduler.transaction import retried, transaction

BACK_AFTER = timedelta(minutes=30)
FIRST_CALL, LAST_CALL = time(9), time(20)
"""Wall time between which a call is tried again."""
SAY = "Say in a few words what came of it."


@dataclass(frozen=True, kw_only=True)
class Came:
    """What the caller pressed and wrote."""

    outcome: str
    note: str = ""
    driver_name: str = ""
    driver_phone: str = ""
    may_text: bool = False


@dataclass(frozen=True)
class _Doing:
    task: Task
    came: Came
    said: Said

    @property
    def visit(self) -> Visit:
        """Raises IllegalChange for a task without one."""
        if self.task.visit is None:
            raise IllegalChange("This task is not about a visit.")
        return self.task.visit


@retried
def record(task_id: int, came: Came, actor: Actor, *, now: datetime) -> str:
    """What was done, in a sentence for the person who pressed the button.

    Raises Invalid, IllegalChange if it is closed or the visit is over, NotAllowed, NotFound.
    """
    actor.require("work_task")
    if len(came.note) > tasks.LONGEST_OUTCOME:
        raise Invalid(SAY, field="note")
    effect = EFFECTS.get(came.outcome)
    if effect is None:
        raise Invalid("Choose what came of it.", field=None)
    patient_id = find(Task, task_id, actor).patient_id
    with transaction():
        if patient_id is not None:
            lock_patient(patient_id, actor)
        task = find(Task, task_id, actor)
        if task.state != "open":
            raise IllegalChange("This task is closed already.")
        told = effect(_Doing(task, came, Said(actor=actor, via="desk", now=now)))
        note(actor, "finish_task", f"task:{task.id}", now=now, reason=came.outcome)
        return told


def _confirmed(doing: _Doing) -> str:
    """The patient's word, taken down by the caller; a driver who was named goes with it."""
    visit = doing.visit
    if doing.came.driver_name or doing.came.driver_phone:
        answer_rows.driver(visit, _named(doing.came), doing.said)
    answer_rows.coming(visit, COMING, doing.said)
    _done(doing)
    _settle(visit, doing.said)
    if visit.state == "confirmed":
        return "The visit is confirmed."
    if answer_rows.waits_for_driver(visit):
        return "Coming is written down. The visit is confirmed once a driver is named."
    return "Coming is written down. The visit is not confirmed: a person has to look at it first."


def _driver(doing: _Doing) -> str:
    if not (doing.came.driver_name and doing.came.driver_phone):
        raise Invalid("Write who drives, and on which number they are reached.", field="driver")
    answer_rows.driver(doing.visit, _named(doing.came), doing.said)
    _done(doing)
    _settle(doing.visit, doing.said)
    return f"{doing.came.driver_name} drives."


def _settle(visit: Visit, said: Said) -> None:
    """What waited for this answer goes, and the driver's message follows who was named."""
    answer_tasks.settled(visit, said)
    outbox.refresh(visit.patient_id, now=said.now)


def _named(came: Came) -> Driver:
    return Driver(name=came.driver_name, phone=came.driver_phone, may_text=came.may_text)


def _no_answer(doing: _Doing) -> str:
    """Back in half an hour, or in the morning; the task stays open and counts the try."""
    task, now = doing.task, doing.said.now
    zone = db.session.get_one(Site, task.site_id).zone
    back = now + BACK_AFTER
    if local(zone, back).time() > LAST_CALL:
        back = instant(zone, local(zone, now).date() + timedelta(days=1), FIRST_CALL)
    task.tries += 1
    task.due_at = back
    tried = {"at": now.isoformat(), "by": doing.said.actor.name, "what": "no answer"}
    task.facts = {**task.facts, "tried": [*task.facts.get("tried", []), tried]}
    return f"It comes back on {day_of(back, zone)} at {clock(back, zone)}. Tries: {task.tries}."


def _wrong_number(doing: _Doing) -> str:
    """What the call was for is not lost: it goes on under the number that is looked for."""
    task, now = doing.task, doing.said.now
    if task.patient is None:
        raise IllegalChange("This task is not about a patient.")
    _done(doing)
    consents.mark_bad_number(task.patient, now=now)
    _follow_up(doing, tasks.NUMBER, f"Find the right number, then: {task.what}")
    return "The number is marked. A task asks for the right one."


def _problem(doing: _Doing) -> str:
    if not doing.came.note:
        raise Invalid("Say in a few words what the problem is.", field="note")
    _done(doing)
    _follow_up(doing, tasks.PROBLEM, f"On the phone: {doing.came.note}", URGENT)
    return "An urgent task is there."


def _ended(doing: _Doing) -> str:
    _done(doing)
    return "Done."


def _other(doing: _Doing) -> str:
    if not doing.came.note:
        raise Invalid(SAY, field="note")
    return _ended(doing)


def _done(doing: _Doing) -> None:
    task, came = doing.task, doing.came
    label = call_scripts.LABELS[came.outcome]
    words = came.note if came.outcome == call_scripts.OTHER else f"{label}. {came.note}".strip()
    task.state, task.outcome = "done", words[: tasks.LONGEST_OUTCOME]
    task.done_by_name, task.done_at = doing.said.actor.name, doing.said.now


def _follow_up(doing: _Doing, kind: str, what: str, priority: int | None = None) -> None:
    task = doing.task
    new = NewTask(
        organisation_id=task.organisation_id,
        site_id=task.site_id,
        kind=kind,
        due_at=doing.said.now,
        what=what,
        patient_id=task.patient_id,
        visit_id=task.visit_id,
        priority=task.priority if priority is None else priority,
    )
    tasks.add(new, now=doing.said.now)


EFFECTS: dict[str, Callable[[_Doing], str]] = {
    call_scripts.CONFIRMED: _confirmed,
    call_scripts.DRIVER: _driver,
    call_scripts.NO_ANSWER: _no_answer,
    call_scripts.WRONG_NUMBER: _wrong_number,
    call_scripts.PROBLEM: _problem,
    call_scripts.REACHED: _ended,
    call_scripts.LETTER_SENT: _ended,
    call_scripts.OTHER: _other,
}
