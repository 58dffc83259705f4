"""Recalls: asking for a next visit that is booked on demand, until it is booked or not wanted
(domain F "Booster due", R11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from scheduler.errors import IllegalChange, Invalid
from scheduler.extensions import db
from scheduler.models import Outbox, ProtocolVersion, Recall, Site, Task, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning import due_times
from scheduler.planning.recall import MOST_TRIES, due_after
from scheduler.services import scope, tasks
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.outgoing import ladders, outbox_rows, patient_messages
from scheduler.services.outgoing.patient_messages import NewMessage
from scheduler.services.own import answer_rows
from scheduler.services.own.answer_rows import Said
from scheduler.services.protocol_files import parsed
from scheduler.services.tasks import NewTask
from scheduler.transaction import retried, transaction

RECALL = "recall"
SAYS = ("book", "later", "stop")
AHEAD = (*PLANNED_STATES, "held")
USELESS_AFTER = timedelta(days=7)
OVER = "Nobody is to be asked about this any more."
SHOWN = 200


def about(recall: Recall) -> str:
    return f"recall:{recall.id}"


def open_after(visit: Visit, *, ends: bool, now: datetime) -> Recall | None:
    """Opened when the visit it counts from is discharged; a visit that is booked already needs
    none. Inside the caller's transaction. `ends`: it was the last one of its phase."""
    version = db.session.get_one(ProtocolVersion, visit.protocol_version_id)
    due = due_after(parsed(version.document), visit.phase, visit.starts_on, ends=ends)
    if due is None or _next_visit(visit.patient_id, version.protocol_id, now) is not None:
        return None
    end_of_patient(visit.patient_id, version.protocol_id, "A later visit counts.", now=now)
    known = select(Recall).where(Recall.after_visit_id == visit.id, Recall.phase == due.phase.id)
    recall = db.session.scalar(known) or Recall(
        organisation_id=visit.organisation_id,
        site_id=visit.site_id,
        patient_id=visit.patient_id,
        after_visit_id=visit.id,
        protocol_version_id=version.id,
        phase=due.phase.id,
        created_at=now,
        tries=0,
        version=0,
    )
    recall.due_on, recall.overdue_on = due.on, due.overdue_on
    recall.state, recall.outcome = "open", ""
    recall.version += 1
    db.session.add(recall)
    db.session.flush()
    _ask(recall, visit, now)
    return recall


def _ask(recall: Recall, visit: Visit, now: datetime) -> None:
    """One row for each time of the ladder; without an electronic way one planned call."""
    rule = ladders.of_visit(visit).rule("R11")
    site = db.session.get_one(Site, recall.site_id)
    if rule is None:
        return
    window = ladders.of_site(site).window
    times = due_times.around(rule, recall.due_on, site.zone, window)
    for number, due_at in enumerate((at for at in times if at > now), 1):
        new = NewMessage(
            kind="r11",
            rule_id=rule.id,
            about=about(recall),
            version=10 * recall.version + number,
            facts={"due": recall.due_on.isoformat(), "organizer": visit.organizer},
            due_at=due_at,
            useless_at=due_at + USELESS_AFTER,
        )
        if patient_messages.queue(recall.patient, site, new, now=now) is None:
            _call(recall, due_at, now)
            return


def _call(recall: Recall, due_at: datetime, now: datetime) -> None:
    new = NewTask(
        organisation_id=recall.organisation_id,
        site_id=recall.site_id,
        kind=RECALL,
        due_at=due_at,
        what="Call: time to plan the next visit? Book, not now, or no more.",
        patient_id=recall.patient_id,
        visit_id=recall.after_visit_id,
        state="planned",
        facts={"unless": RECALL, "recall_id": recall.id},
    )
    tasks.add(new, now=now)


def why_not(row: Outbox, now: datetime) -> str | None:
    """For outbox_truth: why an R11 message does not hold any more."""
    recall = db.session.get(Recall, int(row.about.partition(":")[2]))
    if recall is None or recall.state != "open":
        return OVER
    version = db.session.get_one(ProtocolVersion, recall.protocol_version_id)
    if _next_visit(recall.patient_id, version.protocol_id, now) is not None:
        return "The next visit is booked."
    return OVER if tries(recall) >= MOST_TRIES else None


def is_over(task: Task, now: datetime) -> str | None:
    """For escalations.NEEDLESS, "recall"."""
    recall = db.session.get(Recall, int(task.facts.get("recall_id", 0)))
    return OVER if recall is None or recall.state != "open" else None


def tries(recall: Recall) -> int:
    """Messages that left, and calls."""
    sent = select(func.count()).where(
        Outbox.about == about(recall), Outbox.kind == "r11", Outbox.state == "sent"
    )
    return recall.tries + (db.session.scalar(sent) or 0)


def answered(recall: Recall, say: str, why: str, said: Said) -> None:
    """ "book": somebody calls today; "later": asked again at its next time; "stop": never again,
    the reason is kept. Inside the caller's transaction. Raises Invalid, IllegalChange."""
    if say not in SAYS:
        raise Invalid("Choose one of the answers.", field="say")
    if recall.state != "open":
        raise IllegalChange(OVER)
    facts = {"say": say, "recall_id": recall.id}
    answer_rows.keep(recall.patient, RECALL, facts | ({"why": why} if why else {}), said)
    recall.version += 1
    recall.outcome = {"book": "wants a visit", "later": "not now", "stop": why or "no more"}[say]
    if say == "stop":
        end(recall, "stopped", recall.outcome, now=said.now)
    elif say == "book":
        _wants_one(recall, said)


def _wants_one(recall: Recall, said: Said) -> None:
    new = NewTask(
        organisation_id=recall.organisation_id,
        site_id=recall.site_id,
        kind=RECALL,
        due_at=said.now,
        what="Wants the next visit: call and book it.",
        patient_id=recall.patient_id,
        visit_id=recall.after_visit_id,
        facts={"recall_id": recall.id},
    )
    tasks.add_once(new, now=said.now)


def end(recall: Recall, state: str, outcome: str, *, now: datetime) -> None:
    """Nothing more is asked about it. Inside the caller's transaction."""
    recall.state, recall.outcome = state, outcome[:300]
    recall.version += 1
    outbox_rows.supersede(OVER, Outbox.about == about(recall), Outbox.kind == "r11")
    tasks.drop_of_visits([recall.after_visit_id], [RECALL], now=now)
    db.session.flush()


def end_of_patient(patient_id: int, protocol_id: int, why: str, *, now: datetime) -> None:
    """Earlier recalls of the same template: a later visit counts. Inside a transaction."""
    same = select(ProtocolVersion.id).where(ProtocolVersion.protocol_id == protocol_id)
    rows = select(Recall).where(
        Recall.patient_id == patient_id,
        Recall.state == "open",
        Recall.protocol_version_id.in_(same),
    )
    for recall in db.session.scalars(rows):
        end(recall, "ended", why, now=now)


def _next_visit(patient_id: int, protocol_id: int, now: datetime) -> int | None:
    same = select(ProtocolVersion.id).where(ProtocolVersion.protocol_id == protocol_id)
    rows = select(Visit.id).where(
        Visit.patient_id == patient_id,
        Visit.protocol_version_id.in_(same),
        Visit.state.in_(AHEAD),
        Visit.starts_at > now,
    )
    return db.session.scalar(rows.limit(1))


def settle_booked(*, now: datetime) -> int:
    """A standing job: recalls whose next visit is booked end. How many."""
    ids = db.session.scalars(_booked(now)).all()
    return sum(_end_booked(recall_id, now) for recall_id in ids)


def _booked(now: datetime) -> Select[int]:
    """Open recalls with a coming visit of the same template."""
    old, new = ProtocolVersion.__table__.alias("old"), ProtocolVersion.__table__.alias("new")
    return (
        select(Recall.id)
        .join(old, old.c.id == Recall.protocol_version_id)
        .join(new, new.c.protocol_id == old.c.protocol_id)
        .join(
            Visit, (Visit.protocol_version_id == new.c.id) & (Visit.patient_id == Recall.patient_id)
        )
        .where(Recall.state == "open", Visit.state.in_(PLANNED_STATES), Visit.starts_at > now)
        .distinct()
    )


@retried
def _end_booked(recall_id: int, now: datetime) -> int:
    with transaction():
        recall = db.session.get_one(Recall, recall_id, with_for_update={"key_share": True})
        if recall.state != "open":
            return 0
        end(recall, "booked", "booked", now=now)
        return 1


def listed(actor: Actor) -> Sequence[Recall]:
    """Those that are open, longest due first, with their patients."""
    actor.require("see_tasks")
    rows = scope.scoped(Recall, actor).where(Recall.state == "open")
    rows = rows.options(joinedload(Recall.patient)).order_by(Recall.overdue_on, Recall.id)
    return db.session.scalars(rows.limit(SHOWN)).all()


def tries_of(recalls: Sequence[Recall]) -> dict[int, int]:
    """As `tries`, for a whole list."""
    names = {about(one): one.id for one in recalls}
    rows = db.session.execute(
        select(Outbox.about, func.count())
        .where(Outbox.about.in_(names), Outbox.kind == "r11", Outbox.state == "sent")
        .group_by(Outbox.about)
    )
    sent = {names[name]: number for name, number in rows}
    return {one.id: one.tries + sent.get(one.id, 0) for one in recalls}


@dataclass(frozen=True, kw_only=True)
class Call:
    """What came of a call: one of SAYS, or "" for no answer; `version` is the recall's as shown."""

    say: str
    why: str
    version: int


@retried
def called(recall_id: int, call: Call, actor: Actor, *, now: datetime) -> None:
    """A call counts as a try. Raises IllegalChange if somebody was faster, Invalid without a
    reason to stop, NotFound, NotAllowed."""
    actor.require("work_task")
    why = call.why.strip()
    if call.say == "stop" and not why:
        raise Invalid("Say in a few words why they do not want one.", field="why")
    with transaction():
        recall = scope.find(Recall, recall_id, actor)
        if recall.version != call.version or recall.state != "open":
            raise IllegalChange("Somebody has worked on this recall in the meantime.")
        recall.tries += 1
        note(actor, "recall", f"recall:{recall.id}", now=now)
        if call.say:
            answered(recall, call.say, why, Said(actor=actor, via="desk", now=now))
            return
        recall.version += 1
        recall.outcome = "no answer"
        if tries(recall) >= MOST_TRIES:
            end(recall, "ended", f"no answer, {MOST_TRIES} tries", now=now)
