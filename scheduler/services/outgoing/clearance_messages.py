"""R12: a form ends while visits lie beyond it: the patient is asked in neutral words, then staff
call (domain G)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Clearance, Outbox, Site, Task, Visit
from scheduler.models.task import TODAY
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning import due_times
from scheduler.planning.opening import instant
from scheduler.planning.rung import ReminderRule
from scheduler.services import tasks
from scheduler.services.outgoing import ladders, patient_messages
from scheduler.services.outgoing.patient_messages import NewMessage
from scheduler.services.tasks import NewTask
from scheduler.transaction import retried, transaction

KIND, TASK = "r12", "clearance"
AHEAD = timedelta(days=15)
"""How far the standing job looks: the rung's fourteen days, and one for the zones."""
RENEWED = "It was renewed, or no visit lies beyond it."


def queue_due(*, now: datetime) -> int:
    """A standing job: clearances that end soon, each asked about once. How many were new."""
    return sum(_queue(clearance_id, now) for clearance_id in _ending(now))


def _ending(now: datetime) -> list[int]:
    """Those that end within two weeks before a planned visit, and were not asked about."""
    today = now.date()
    rows = (
        select(Clearance)
        .join(Visit, (Visit.patient_id == Clearance.patient_id))
        .where(
            Clearance.until.between(today - timedelta(days=1), today + AHEAD),
            Visit.state.in_(PLANNED_STATES),
            Visit.starts_at > now,
            Visit.starts_on > Clearance.until,
        )
        .distinct()
    )
    found = db.session.scalars(rows).all()
    asked = select(Task.facts).where(Task.kind == TASK, Task.created_at > now - 3 * AHEAD)
    known = {facts.get("about") for facts in db.session.scalars(asked)}
    return [one.id for one in found if about(one) not in known]


def about(clearance: Clearance) -> str:
    """A clearance that was renewed and ends again is asked about again."""
    return f"clearance:{clearance.id}:{clearance.until.isoformat()}"


def beyond(clearance: Clearance, now: datetime) -> Sequence[Visit]:
    """Planned visits after its last day, soonest first."""
    rows = select(Visit).where(
        Visit.organisation_id == clearance.organisation_id,
        Visit.patient_id == clearance.patient_id,
        Visit.state.in_(PLANNED_STATES),
        Visit.starts_at > now,
        Visit.starts_on > clearance.until,
    )
    return db.session.scalars(rows.order_by(Visit.starts_at)).all()


@retried
def _queue(clearance_id: int, now: datetime) -> int:
    with transaction():
        clearance = db.session.get(Clearance, clearance_id, with_for_update={"key_share": True})
        visits = beyond(clearance, now) if clearance is not None else ()
        if clearance is None or not visits or _known(clearance):
            return 0
        rule = ladders.of_visit(visits[0]).rule("R12")
        if rule is None:
            return 0
        _ask(clearance, visits[0], rule, now)
        return 1


def _known(clearance: Clearance) -> bool:
    rows = select(Task.facts).where(Task.patient_id == clearance.patient_id, Task.kind == TASK)
    return any(facts.get("about") == about(clearance) for facts in db.session.scalars(rows))


def _ask(clearance: Clearance, first: Visit, rule: ReminderRule, now: datetime) -> None:
    site = db.session.get_one(Site, first.site_id)
    window = ladders.of_site(site).window
    (due_at, *_) = due_times.around(rule, clearance.until, site.zone, window)
    due_at = max(due_at, window.not_before(now, site.zone))
    new = NewMessage(
        kind=KIND,
        rule_id=rule.id,
        about=about(clearance),
        facts={"until": clearance.until.isoformat(), "organizer": first.organizer},
        due_at=due_at,
        useless_at=instant(site.zone, clearance.until + timedelta(days=1), time()),
    )
    row = patient_messages.queue(clearance.patient, site, new, now=now)
    call_at = max(now, instant(site.zone, clearance.until - timedelta(days=7), time(10)))
    tasks.add(_call(clearance, first, now if row is None else call_at), now=now)


def _call(clearance: Clearance, first: Visit, due_at: datetime) -> NewTask:
    return NewTask(
        organisation_id=clearance.organisation_id,
        site_id=first.site_id,
        kind=TASK,
        due_at=due_at,
        what=f"{clearance.what} ends on {clearance.until:%d %b %Y} before coming visits: renew it.",
        patient_id=clearance.patient_id,
        visit_id=first.id,
        priority=TODAY,
        state="planned",
        facts={"unless": "cleared", "about": about(clearance)},
    )


def why_not(row: Outbox, now: datetime) -> str | None:
    """For outbox_truth: the clearance still ends before a planned visit."""
    return _renewed(row.about, now)


def is_cleared(task: Task, now: datetime) -> str | None:
    """For escalations.NEEDLESS, "cleared"."""
    return _renewed(str(task.facts.get("about", "")), now)


def _renewed(name: str, now: datetime) -> str | None:
    _, number, _ = name.split(":")
    clearance = db.session.get(Clearance, int(number))
    stands = clearance is not None and about(clearance) == name
    return None if stands and clearance is not None and beyond(clearance, now) else RENEWED
