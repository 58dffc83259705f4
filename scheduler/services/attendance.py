"""Whether a patient came and was treated: recorded by desk or nurse, and taken back (domain F)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.errors import IllegalChange, Invalid, Stale
from scheduler.extensions import db
from scheduler.models import Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.services import after_visit, scope
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.outgoing import outbox
from scheduler.services.site_days import lock_days
from scheduler.services.visit_rows import Change, remember
from scheduler.transaction import retried, transaction

HERE = ("arrived", "roomed", "infusing", "recovering")
FROM = {
    "discharged": (*PLANNED_STATES, *HERE),
    "no_show": PLANNED_STATES,
    "not_treated": (*PLANNED_STATES, "arrived", "roomed"),
}
"""From which states each outcome may be recorded."""
UNDONE = "undone"
UNDO_FOR = timedelta(days=2)
TOO_EARLY = "The patient is not due yet: this can be recorded from the arrival time on."


@dataclass(frozen=True, kw_only=True)
class Attendance:
    """`outcome` is a key of FROM, or UNDONE; `version` is the visit's as it was shown."""

    outcome: str
    version: int
    reason: str = ""


@retried
def record(visit_id: int, wanted: Attendance, actor: Actor, *, now: datetime) -> str:
    """The state now. Its claims stay as they are: the time has passed.

    Raises IllegalChange before the arrival or from another state, Invalid without a reason where
    one is needed, Stale, NotFound, NotAllowed.
    """
    actor.require("record_attendance")
    _refuse(wanted)
    visit = scope.find(Visit, visit_id, actor)
    patient_id, day = visit.patient_id, (visit.site_id, visit.starts_on)
    with transaction():
        lock_days(actor.organisation_id, [patient_id], [day])
        visit = scope.find(Visit, visit_id, actor)
        if visit.version != wanted.version:
            raise Stale
        before, visit.state = visit.state, _state(visit, wanted, now)
        visit.version += 1
        visit.changed_at = now
        db.session.flush()
        change = Change(actor=actor, now=now, from_state=before, reason=wanted.reason)
        remember(visit, change)
        note(actor, f"attendance_{wanted.outcome}", f"visit:{visit.id}", now=now)
        _follow(visit, before, wanted, now)
        db.session.flush()
        outbox.refresh(visit.patient_id, now=now)
        return visit.state


def _refuse(wanted: Attendance) -> None:
    if wanted.outcome not in (*FROM, UNDONE):
        raise Invalid("Choose what happened.", field="outcome")
    if wanted.outcome == "not_treated" and not wanted.reason.strip():
        raise Invalid("Say in a few words why there was no treatment.", field="reason")


def _state(visit: Visit, wanted: Attendance, now: datetime) -> str:
    if wanted.outcome == UNDONE:
        return _before(visit, now)
    if visit.arrives_at > now:
        raise IllegalChange(TOO_EARLY)
    if visit.state not in FROM[wanted.outcome]:
        raise IllegalChange("This visit is in another state now. Nothing was recorded.")
    return wanted.outcome


def _before(visit: Visit, now: datetime) -> str:
    """The state before the outcome was recorded."""
    last = visit.history[-1] if visit.history else None
    recorded = last is not None and last.to_state == visit.state and visit.state in FROM
    if last is None or not recorded or last.from_state is None or now - last.at > UNDO_FOR:
        raise IllegalChange("There is nothing to take back here any more.")
    return last.from_state


def _follow(visit: Visit, before: str, wanted: Attendance, now: datetime) -> None:
    if wanted.outcome == UNDONE:
        after_visit.undone(visit, now=now)
    elif wanted.outcome == "discharged":
        after_visit.discharged(visit, now=now)
    elif wanted.outcome == "no_show":
        after_visit.not_come(visit, now=now)
    else:
        after_visit.not_treated(visit, wanted.reason.strip(), now=now)
