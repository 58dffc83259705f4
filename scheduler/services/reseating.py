"""Other visits take other chairs so that one fits: looked at first, then part of its own move.

Their times and their place do not change, so nobody is told (no message names a chair).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.daybook import Day
from scheduler.planning.reseat import Reseating, Stays, id_of, reseat
from scheduler.planning.visit import VisitShape
from scheduler.services import claims
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.outgoing import outbox
from scheduler.services.visit_rows import Change, remember

WHY = "Another chair, so that another visit fits. The time stays."
Movable = dict[tuple[int | None, datetime], Visit]


@dataclass(frozen=True)
class Question:
    """One visit that finds no chair at this start; `without` are visits that are about to move."""

    site: Site
    day: Day
    shape: VisitShape
    starts_at: datetime
    without: Collection[int] = ()


def who_stays(site: Site, days: Sequence[date], *, now: datetime) -> Stays:
    """Whom a booking on one of these days must leave where they are: whoever does not lie ahead."""
    rows = db.session.execute(
        select(Visit.chair_id, Visit.starts_at).where(
            Visit.organisation_id == site.organisation_id,
            Visit.site_id == site.id,
            Visit.starts_on.between(min(days), max(days)),
            Visit.starts_at > now,
            Visit.state.in_(PLANNED_STATES),
        )
    )
    ahead = {(chair_id, starts_at) for chair_id, starts_at in rows}
    return lambda held: id_of(held) not in ahead


def seating(question: Question, *, now: datetime) -> Reseating | None:
    """The fewest changes of chairs, or None. Reads only."""
    there = _movable(question, now)
    return reseat(
        question.day,
        question.shape,
        question.starts_at,
        stays=lambda held: id_of(held) not in there,
    )


def change_chairs(question: Question, answer: Reseating, actor: Actor, *, now: datetime) -> None:
    """Inside the caller's transaction, its site day locked: all chair claims are given up, then
    taken anew (house decision 1)."""
    there = _movable(question, now)
    pairs = [(there[id_of(change.held)], change.chair_id) for change in answer.changes]
    for visit, chair_id in pairs:
        visit.chair_id = chair_id
        visit.version += 1
        visit.changed_at = now
    db.session.flush()
    claims.retake_chairs([visit for visit, _ in pairs])
    for visit, _ in pairs:
        remember(visit, Change(actor=actor, now=now, from_state=visit.state, reason=WHY))
        note(actor, "reseat", f"visit:{visit.id}", now=now, reason=WHY)
    for patient_id in sorted({visit.patient_id for visit, _ in pairs}):
        outbox.refresh(patient_id, now=now)


def _movable(question: Question, now: datetime) -> Movable:
    """Visits of the day that lie ahead, by chair and start."""
    rows = select(Visit).where(
        Visit.organisation_id == question.site.organisation_id,
        Visit.site_id == question.site.id,
        Visit.starts_on == question.day.on,
        Visit.starts_at > now,
        Visit.state.in_(PLANNED_STATES),
        Visit.id.not_in(question.without),
    )
    return {(visit.chair_id, visit.starts_at): visit for visit in db.session.scalars(rows)}
