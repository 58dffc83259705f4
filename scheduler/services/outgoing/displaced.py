"""R13: a closure lies over booked visits and a person tells the patients (domain G).

Nothing leaves by itself: the desk chooses who is told from the closure's page.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from scheduler.extensions import db
from scheduler.models import ChairClaim, Closure, Outbox, Site, Task, Visit
from scheduler.models.task import URGENT
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning import due_times
from scheduler.services import closures, scope, tasks
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.outgoing import ladders, patient_messages
from scheduler.services.outgoing.patient_messages import NewMessage
from scheduler.services.tasks import NewTask
from scheduler.transaction import retried, transaction

KIND, TASK = "r13", "displaced"
CALL_AFTER = timedelta(hours=2)
SETTLED = "The visit has another time, or does not take place."


def affected(closure_id: int, actor: Actor, *, now: datetime) -> Sequence[Visit]:
    """Planned visits that hold a chair inside the closure, soonest first. Raises NotFound,
    NotAllowed."""
    actor.require("edit_capacity")
    return _inside(closures.find(closure_id, actor), now)


def _inside(closure: Closure, now: datetime) -> Sequence[Visit]:
    held = select(ChairClaim.visit_id).where(
        ChairClaim.organisation_id == closure.organisation_id,
        ChairClaim.starts_at < closure.ends_at,
        ChairClaim.ends_at > closure.starts_at,
    )
    if closure.chair_id is not None:
        held = held.where(ChairClaim.chair_id == closure.chair_id)
    rows = select(Visit).where(
        Visit.organisation_id == closure.organisation_id,
        Visit.site_id == closure.site_id,
        Visit.state.in_(PLANNED_STATES),
        Visit.starts_at > now,
        Visit.id.in_(held),
    )
    rows = rows.options(joinedload(Visit.patient), joinedload(Visit.chair))
    return db.session.scalars(rows.order_by(Visit.starts_at, Visit.id)).all()


def told(visits: Sequence[Visit]) -> frozenset[int]:
    """Ids of those about which a patient has been or is being told."""
    rows = select(Task.visit_id).where(
        Task.kind == TASK, Task.visit_id.in_([visit.id for visit in visits])
    )
    found = set(db.session.scalars(rows.where(Task.state != "dropped")))
    return frozenset(one for one in found if one is not None)


@retried
def tell(closure_id: int, visit_ids: Collection[int], actor: Actor, *, now: datetime) -> int:
    """One message per patient about the chosen visits, and an urgent call two hours later if no
    other time is found by then. How many patients. Raises NotFound, NotAllowed."""
    actor.require("edit_capacity")
    with transaction():
        closure = scope.find(Closure, closure_id, actor)
        there = _inside(closure, now)
        known = told(there)
        chosen = [one for one in there if one.id in set(visit_ids) and one.id not in known]
        by_patient: dict[int, list[Visit]] = {}
        for visit in chosen:
            by_patient.setdefault(visit.patient_id, []).append(visit)
        for visits in by_patient.values():
            _tell(visits, now)
        note(actor, "tell_displaced", f"closure:{closure.id}", now=now)
        return len(by_patient)


def _tell(visits: list[Visit], now: datetime) -> None:
    first = visits[0]
    site = db.session.get_one(Site, first.site_id)
    rule = ladders.of_visit(first).rule("R13")
    due_at = due_times.after_event(now, site.zone, ladders.of_site(site).window)
    new = NewMessage(
        kind=KIND,
        rule_id="R13",
        about=f"displaced:{first.id}:{first.version}",
        facts={"visit_ids": [one.id for one in visits]},
        due_at=due_at,
        useless_at=max(first.arrives_at, due_at),
    )
    row = None
    if rule is not None:
        row = patient_messages.queue(first.patient, site, new, now=now)
    for visit in visits:
        tasks.add(_call(visit, due_at + CALL_AFTER if row is not None else now), now=now)


def _call(visit: Visit, due_at: datetime) -> NewTask:
    return NewTask.of_visit(
        visit,
        TASK,
        due_at=due_at,
        what="We must move this visit and the patient has not chosen another time: call now.",
        priority=URGENT,
        state="planned",
        facts={"unless": "moved", "starts_at": visit.starts_at.isoformat()},
    )


def why_not(row: Outbox, now: datetime) -> str | None:
    """For outbox_truth: one of the visits is still planned at a time that is closed."""
    rows = select(Visit).where(Visit.id.in_(row.facts["visit_ids"]))
    stands = any(_stands(visit, now) for visit in db.session.scalars(rows))
    return None if stands else SETTLED


def is_settled(task: Task, now: datetime) -> str | None:
    """For escalations.NEEDLESS, "moved"."""
    visit = task.visit
    same = visit is not None and visit.starts_at.isoformat() == task.facts.get("starts_at")
    return None if same and visit is not None and _stands(visit, now) else SETTLED


def must_move(visit: Visit, *, now: datetime) -> bool:
    """The patient was told so, and the visit is still where it cannot be."""
    rows = select(Task).where(Task.kind == TASK, Task.visit_id == visit.id, Task.state != "dropped")
    return any(is_settled(task, now) is None for task in db.session.scalars(rows))


def _stands(visit: Visit, now: datetime) -> bool:
    """Planned, ahead, and a closure lies over its chair."""
    if visit.state not in PLANNED_STATES or visit.starts_at <= now:
        return False
    over = select(Closure.id).where(
        Closure.organisation_id == visit.organisation_id,
        Closure.site_id == visit.site_id,
        or_(Closure.chair_id.is_(None), Closure.chair_id.in_((visit.chair_id, visit.bay_id))),
        Closure.starts_at < visit.chair_until,
        Closure.ends_at > visit.starts_at,
    )
    return db.session.scalar(over.limit(1)) is not None
