"""Ends holds, inside the caller's transaction: places are given up and their patients told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, tuple_

from scheduler.extensions import db
from scheduler.models import Series, Visit
from scheduler.services import claims, tasks
from scheduler.services.actor import Actor, command_line
from scheduler.services.outgoing import outbox_holds
from scheduler.services.outgoing.leaving import Leaving
from scheduler.services.outgoing.outbox_invites import Times
from scheduler.services.tasks import NewTask
from scheduler.services.visit_rows import Change, remember_all

RAN_OUT = "The hold ran out."
ANSWER = "The hold ran out without an answer: call the patient, or let it be."


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Who ends a hold, when and why; `lapsed`: its time is over, so somebody is asked to look."""

    actor: Actor
    now: datetime
    undo_seconds: int
    why: str = ""
    lapsed: bool = False


def by_time(organisation_id: int, now: datetime) -> Ending:
    """The clock ends it; its message leaves at once."""
    machine = command_line(organisation_id, "Chairtime")
    return Ending(actor=machine, now=now, undo_seconds=0, why=RAN_OUT, lapsed=True)


def release_lapsed(
    organisation_id: int, days: Collection[tuple[int, date]], *, now: datetime
) -> int:
    """Free what lapsed holds still occupy on these (site_id, local date) days, which are locked
    (house decision 1); how many visits."""
    rows = select(Visit).where(
        Visit.organisation_id == organisation_id,
        Visit.state == "held",
        Visit.held_until <= now,
        tuple_(Visit.site_id, Visit.starts_on).in_(list(days)),
    )
    visits = db.session.scalars(rows.order_by(Visit.patient_id, Visit.starts_at, Visit.id)).all()
    by_hold: dict[tuple[int, int | None], list[Visit]] = {}
    for visit in visits:
        by_hold.setdefault((visit.patient_id, visit.series_id), []).append(visit)
    for held in by_hold.values():
        release(held, by_time(organisation_id, now))
    return len(visits)


def release(visits: Sequence[Visit], ending: Ending) -> Leaving:
    """Held visits of one hold become released; their days are locked."""
    now = ending.now
    claims.release([visit.id for visit in visits])
    for visit in visits:
        visit.state, visit.changed_at = "released", now
        visit.version += 1
        visit.sequence += 1
    db.session.flush()
    _end_series(visits[0].series)
    remember_all(visits, Change(actor=ending.actor, now=now, from_state="held", reason=ending.why))
    times = Times(now, now + timedelta(seconds=ending.undo_seconds))
    queued = outbox_holds.queue_released(visits, times)
    return queued + _ask_to_look(visits[0], ending) if ending.lapsed else queued


def _end_series(series: Series | None) -> None:
    """A proposed series of which no time is held any more is over."""
    if series is None:
        return
    series.version += 1
    left = select(Visit.id).where(Visit.series_id == series.id, Visit.state == "held").limit(1)
    if series.status == "proposed" and db.session.scalar(left) is None:
        series.status = "discontinued"


def _ask_to_look(visit: Visit, ending: Ending) -> Leaving:
    """Never silent (domain F)."""
    new = NewTask.of_visit(
        visit,
        tasks.HOLD_ENDED,
        due_at=ending.now,
        what=ANSWER,
    )
    return Leaving(tasks=int(tasks.add_once(new, now=ending.now)))
