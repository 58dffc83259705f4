"""Tasks that an answer makes, or that it settles; inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Site, Task, Visit
from scheduler.models.task import TODAY, URGENT
from scheduler.planning.words.clock import clock, day_of
from scheduler.services import tasks
from scheduler.services.own import answer_rows, answered
from scheduler.services.own.answer_rows import Said
from scheduler.services.tasks import NewTask

CANNOT_COME, OTHER_TIME, SUSPENDED, DRIVER_AWAY = (
    "cannot_come", "other_time", "suspended", "driver_away",
)  # fmt: skip
SOON = timedelta(hours=48)
"""A place that falls free so late is hard to fill: the call comes first."""

HAPPENED: dict[str, Callable[[Visit], bool]] = {
    "confirmed": lambda visit: visit.state == "confirmed",
    "coming": answered.confirmed,
    "ready": answered.ready,
    "arranged": answered.arranged,
    "answered": lambda visit: bool(visit.coming),
    "driver": lambda visit: not answer_rows.waits_for_driver(visit),
    "driver_says": lambda visit: visit.driver_says == answer_rows.COMING,
    "driver_there": lambda visit: answer_rows.has_driver(visit) and visit.driver_says != "no",
}
"""What a task of a visit may wait for (`Task.facts["unless"]`), and how one sees that it came."""


def settled(visit: Visit, said: Said) -> None:
    """Drop what waited for this very answer, planned or open (domain I, story 7)."""
    waiting = select(Task).where(
        Task.organisation_id == visit.organisation_id,
        Task.visit_id == visit.id,
        Task.state.in_(("planned", "open")),
    )
    for task in db.session.scalars(waiting):
        came = HAPPENED.get(task.facts.get("unless", ""))
        if came is not None and came(visit):
            task.state, task.done_at, task.done_by_name = "done", said.now, said.actor.name
            task.outcome = "Answered."


def cannot_come(visit: Visit, said: Said) -> None:
    """The chair stays the patient's until a person has spoken to them (domain F)."""
    _once(visit, CANNOT_COME, f"Says they cannot come {when(visit)}. Find another time.", said)


def other_time(visit: Visit, wish: str, said: Said) -> None:
    _once(visit, OTHER_TIME, f"Asks for another time than {when(visit)}: {wish}", said)


def driver_away(visit: Visit, said: Said) -> None:
    """Who should drive cannot: without another one the visit does not start (domain H18)."""
    what = f"The driver cannot come {when(visit)}. Ask who else takes them home."
    _once(visit, DRIVER_AWAY, what, said, unless="driver_there")


def when(visit: Visit) -> str:
    """ "on Wed 13 Jan, 8:50 am"."""
    zone = db.session.get_one(Site, visit.site_id).zone
    return f"on {day_of(visit.arrives_at, zone)}, {clock(visit.arrives_at, zone)}"


def _once(visit: Visit, kind: str, what: str, said: Said, unless: str = "") -> None:
    """One open task of a kind for a visit; said again, it says the newest."""
    same = select(Task).where(Task.visit_id == visit.id, Task.kind == kind, Task.state == "open")
    task = db.session.scalar(same.limit(1))
    if task is not None:
        task.what = what[:500]
        return
    new = NewTask.of_visit(
        visit,
        kind,
        due_at=said.now,
        what=what,
        priority=URGENT if visit.arrives_at - said.now < SOON else TODAY,
        facts={"unless": unless} if unless else {},
    )
    tasks.add(new, now=said.now)
