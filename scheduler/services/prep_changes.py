"""Gives coming visits another preparation and tells the patient once (domain G, issue item 2).

Runs inside the caller's transaction, the patient and the days locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Outbox, Patient, PatientClaim, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.preparation import PrepSet
from scheduler.planning.visit import VisitShape
from scheduler.planning.words.clock import day
from scheduler.services import claims, tasks
from scheduler.services.outgoing import outbox, outbox_invites, outbox_rows, patient_messages
from scheduler.services.outgoing.outbox import Leaving
from scheduler.services.outgoing.patient_messages import NewMessage
from scheduler.services.tasks import NewTask

AGAIN = "The preparation was changed again before this left."
EARLIER = "Another visit is too close to come earlier: call and agree on the arrival."


@dataclass(frozen=True, kw_only=True)
class Changed:
    """How many visits have another preparation now, and what leaves because of it."""

    visits: int = 0
    leaving: Leaving = outbox.NOTHING


def apply(
    patient: Patient, new: Mapping[Visit, PrepSet], *, now: datetime, undo_seconds: int
) -> Changed:
    """Each visit's preparation replaced, its version and sequence one up (calendar U2), its
    calendar entry told anew, its reminders made to fit; and one message that lists what changed.
    """
    before = {visit: PrepSet.from_plain(visit.prep) for visit in new}
    for visit, prep in new.items():
        _replace(visit, prep, now)
    db.session.flush()
    planned = [visit for visit in new if visit.state in PLANNED_STATES]
    invited = outbox_invites.invited(patient)
    anew = [visit for visit in planned if invited or _waits(visit)]
    told = [visit for visit in planned if _knows(visit)]
    leaving = outbox.queue_visits_changed(anew, now=now, undo_seconds=undo_seconds)
    if len(anew) < len(new):
        outbox.refresh(patient.id, now=now)
    if told:
        due_at = now + timedelta(seconds=undo_seconds)
        leaving += _tell(patient, {visit: before[visit] for visit in told}, now, due_at)
    return Changed(visits=len(new), leaving=leaving)


def _knows(visit: Visit) -> bool:
    """The patient was told of the visit; who is written and called by a person was too."""
    site = db.session.get_one(Site, visit.site_id)
    by_hand = outbox_invites.told_by(visit.patient, site) is None
    return by_hand or outbox_invites.last_word(visit) is not None


def _waits(visit: Visit) -> bool:
    """Words about it have not left yet: they must say what is true now."""
    rows = select(Outbox.id).where(
        Outbox.visit_id == visit.id,
        Outbox.kind.in_(outbox_rows.ITIP_KINDS),
        Outbox.state == "waiting",
    )
    return db.session.scalar(rows.limit(1)) is not None


def _replace(visit: Visit, prep: PrepSet, now: datetime) -> None:
    visit.prep = prep.to_plain()
    visit.version += 1
    visit.changed_at = now
    if visit.state in PLANNED_STATES:
        visit.sequence += 1
    shape = VisitShape.from_plain(visit.shape)
    if shape.arrive_early_minutes != prep.arrive_early_minutes:
        _arrive(visit, replace(shape, arrive_early_minutes=prep.arrive_early_minutes), now)


def _arrive(visit: Visit, shape: VisitShape, now: datetime) -> None:
    """Another arrival, and the patient's claim with it, unless the patient is busy then."""
    arrives_at = shape.times(visit.starts_at).arrives_at
    if _busy(visit, arrives_at):
        tasks.add_once(_task(visit, tasks.CALL, now, EARLIER), now=now)
        return
    visit.shape, visit.arrives_at = shape.to_plain(), arrives_at
    db.session.flush()
    claims.retake_patients([visit])


def _busy(visit: Visit, arrives_at: datetime) -> bool:
    other = select(PatientClaim.visit_id).where(
        PatientClaim.organisation_id == visit.organisation_id,
        PatientClaim.patient_id == visit.patient_id,
        PatientClaim.visit_id != visit.id,
        PatientClaim.starts_at < visit.leaves_at,
        PatientClaim.ends_at > arrives_at,
    )
    return db.session.scalar(other.limit(1)) is not None


def _tell(
    patient: Patient, before: Mapping[Visit, PrepSet], now: datetime, due_at: datetime
) -> Leaving:
    """One message for all of it; without an electronic way a person calls and sends a letter."""
    first = min(before, key=lambda visit: visit.starts_at)
    site = db.session.get_one(Site, first.site_id)
    known = _merged(patient, before)
    if not known:
        return outbox.NOTHING
    new = NewMessage(
        kind="prep",
        about=f"patient:{patient.id}",
        version=patient.version,
        facts={"before": known},
        due_at=due_at,
        useless_at=outbox_rows.give_up_at(due_at, first.arrives_at),
    )
    if patient_messages.queue(patient, site, new, now=now) is None:
        return _by_hand(list(before), now, due_at)
    return Leaving(leaves_at=due_at, mails=1)


def _merged(patient: Patient, before: Mapping[Visit, PrepSet]) -> dict[str, Any]:
    """What the patient was told last of each visit, a message that still waits taken in; visits
    that are again as they were are left out."""
    waiting = patient_messages.waiting("prep", about=f"patient:{patient.id}")
    known = {str(visit.id): prep.to_plain() for visit, prep in before.items()}
    for row in waiting:
        known |= row.facts["before"]
    outbox_rows.supersede_ids([row.id for row in waiting], AGAIN)
    there = {str(visit.id): visit.prep for visit in visits_by_id(known)}
    return {key: told for key, told in known.items() if there.get(key, told) != told}


def visits_by_id(known: Iterable[str]) -> Sequence[Visit]:
    """Visits that a row's facts name, soonest first."""
    rows = select(Visit).where(Visit.id.in_([int(key) for key in known]))
    return db.session.scalars(rows.order_by(Visit.starts_at, Visit.id)).all()


def changed_visits(row: Outbox, now: datetime) -> tuple[Visit, ...]:
    """Those of a "prep" message that lie ahead and are still other than the patient was told."""
    before = row.facts["before"]
    return tuple(
        visit
        for visit in visits_by_id(before)
        if visit.state in PLANNED_STATES
        and visit.starts_at > now
        and visit.prep != before[str(visit.id)]
    )


def no_news(row: Outbox, now: datetime) -> str | None:
    """For outbox_truth: why a "prep" message does not hold any more."""
    return None if changed_visits(row, now) else "No coming visit is prepared otherwise."


def _by_hand(visits: Sequence[Visit], now: datetime, due_at: datetime) -> Leaving:
    dates = ", ".join(day(visit.starts_on) for visit in sorted(visits, key=lambda v: v.starts_at))
    call = f"The preparation changed for {dates}: call, and send the letter again."
    tasks.add(_task(visits[0], tasks.CALL, due_at, call), now=now)
    letter = _task(visits[0], tasks.LETTER, due_at, "Print and send the letter with all dates.")
    return Leaving(tasks=1 + int(tasks.add_once(letter, now=now)))


def _task(visit: Visit, kind: str, due_at: datetime, what: str) -> NewTask:
    return NewTask.of_visit(
        visit,
        kind,
        due_at=due_at,
        what=what,
    )
