"""Time goes on while the demo is stopped: visits that have passed since were kept, or missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from scheduler.demo.stories import NO_SHOW, STEPS
from scheduler.extensions import db
from scheduler.models import Series, Visit
from scheduler.planning.visit import VisitShape
from scheduler.services import claims, visit_rows
from scheduler.services.actor import command_line
from scheduler.transaction import transaction

ORDER = ("booked", "confirmed", "arrived", "roomed", "infusing", "recovering", "discharged")
MINUTE = timedelta(minutes=1)


def catch_up(*, now: datetime) -> int:
    """How many visits went on; each gets the history that a nurse would have left."""
    with transaction():
        due = select(Visit).where(Visit.state.in_(ORDER[:-1]), Visit.arrives_at <= now)
        visits = db.session.scalars(due.order_by(Visit.starts_at, Visit.id)).all()
        for visit in visits:
            _go_on(visit, now)
        db.session.flush()
        _complete(now)
        return len(visits)


def _go_on(visit: Visit, now: datetime) -> None:
    chance = Random(visit.uid).random()  # noqa: S311  the same visit always ends the same way
    waiting = visit.state in ("booked", "confirmed")
    if waiting and chance < NO_SHOW and now - visit.starts_at > 30 * MINUTE:
        _step(visit, "no_show", visit.starts_at + 30 * MINUTE)
        claims.release([visit.id])
        return
    for state, at in steps(visit):
        if at <= now and ORDER.index(state) > ORDER.index(visit.state):
            _step(visit, state, at)


def steps(visit: Visit) -> list[tuple[str, datetime]]:
    """State and planned instant, from arrival to leaving."""
    found = [("arrived", visit.arrives_at), ("roomed", visit.starts_at)]
    at = visit.starts_at
    for part in VisitShape.from_plain(visit.shape).parts:
        if part.name in STEPS:
            found.append((STEPS[part.name], at))
        at += part.minutes * MINUTE if part.chair else timedelta(0)
    return [*found, ("discharged", visit.leaves_at)]


def _step(visit: Visit, state: str, at: datetime) -> None:
    before, visit.state = visit.state, state
    actor = command_line(visit.organisation_id, "Demo clinic")
    visit_rows.remember(visit, visit_rows.Change(actor=actor, now=at, from_state=before))


def _complete(now: datetime) -> None:
    """Series of which nothing is left ahead."""
    ahead = select(Visit.series_id).where(Visit.series_id.is_not(None), Visit.state.in_(ORDER[:-1]))
    done = select(Series).where(Series.status == "active", Series.id.not_in(ahead))
    for series in db.session.scalars(done):
        series.status = "completed"
