"""Time goes on while the demo is stopped: visits that have passed since were kept, or missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from scheduler.demo.stories import NO_SHOW, STEPS
from scheduler.extensions import db
from scheduler.models import Series, Visit
from scheduler.planning.visit import VisitShape
from scheduler.services import after_visit, claims, visit_rows
from scheduler.services.actor import command_line
from scheduler.services.site_days import lock_days
from scheduler.transaction import transaction

ORDER = ("booked", "confirmed", "arrived", "roomed", "infusing", "recovering", "discharged")
MINUTE = timedelta(minutes=1)


def catch_up(*, now: datetime) -> int:
    """How many visits went on; each gets the history that a nurse would have left."""
    days = {(visit.organisation_id, visit.site_id, visit.starts_on) for visit in _due(now)}
    if not days:
        return 0
    with transaction():
        for organisation_id, site_id, on in sorted(days):
            lock_days(organisation_id, [], [(site_id, on)])
        visits = _due(now)
        for visit in visits:
            _go_on(visit, now)
        db.session.flush()
        _complete(now)
        return len(visits)


def _due(now: datetime) -> list[Visit]:
    """Visits that stand where they stood before, though their time has gone on."""
    begun = select(Visit).where(Visit.state.in_(ORDER[:-1]), Visit.arrives_at <= now)
    found = db.session.scalars(begun.order_by(Visit.starts_at, Visit.id))
    return [visit for visit in found if pending(visit, now)]


def _go_on(visit: Visit, now: datetime) -> None:
    actor = command_line(visit.organisation_id, "Demo clinic")
    for state, at in pending(visit, now):
        before, visit.state = visit.state, state
        visit_rows.remember(visit, visit_rows.Change(actor=actor, now=at, from_state=before))
        if state == "discharged":
            after_visit.discharged(visit, now=at)
    if visit.state == "no_show":
        claims.release([visit.id])


def pending(visit: Visit, now: datetime) -> list[tuple[str, datetime]]:
    """The states that it has reached by now and does not show yet; some patients never come."""
    chance = Random(visit.uid).random()  # noqa: S311  the same visit always ends the same way
    if visit.state in ("booked", "confirmed") and chance < NO_SHOW:
        missed_at = visit.starts_at + 30 * MINUTE
        return [("no_show", missed_at)] if missed_at <= now else []
    shown = ORDER.index(visit.state)
    return [(state, at) for state, at in _steps(visit) if at <= now and ORDER.index(state) > shown]


def _steps(visit: Visit) -> list[tuple[str, datetime]]:
    """State and planned instant, from arrival to leaving."""
    found = [("arrived", visit.arrives_at), ("roomed", visit.starts_at)]
    at = visit.starts_at
    for part in VisitShape.from_plain(visit.shape).parts:
        if part.name in STEPS:
            found.append((STEPS[part.name], at))
        at += part.minutes * MINUTE if part.chair else timedelta(0)
    return [*found, ("discharged", visit.leaves_at)]


def _complete(now: datetime) -> None:
    """Series of which nothing is left ahead."""
    ahead = select(Visit.series_id).where(Visit.series_id.is_not(None), Visit.state.in_(ORDER[:-1]))
    done = select(Series).where(Series.status == "active", Series.id.not_in(ahead))
    for series in db.session.scalars(done):
        series.status = "completed"
