"""Cancels a visit, or what is left of a series; the places are free at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.errors import IllegalChange, Invalid, Stale
from scheduler.extensions import db
from scheduler.models import Series, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.services import claims, form_tokens, tasks
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.outgoing import outbox
from scheduler.services.policy import Policy
from scheduler.services.scope import find
from scheduler.services.series_rules import broken
from scheduler.services.site_days import lock_days
from scheduler.services.visit_rows import Change, remember
from scheduler.transaction import retried, transaction

REASON_CODES = ("patient", "clinic", "clinical", "duplicate")
"""domain F."""
NOTICE = timedelta(hours=24)
"""A cancellation inside it is late (domain B)."""


@dataclass(frozen=True, kw_only=True)
class CancelRequest:
    """`version` is the visit's, or the series's, as it was shown. `only_unsent` is an undo: refused
    once a message about it has left."""

    reason_code: str
    reason: str = ""
    version: int = 0
    token: str = ""
    only_unsent: bool = False


@dataclass(frozen=True, kw_only=True)
class Cancelled:
    """`broken` names the rules of the series that do not hold without the visit."""

    visit_ids: tuple[int, ...]
    leaves_at: datetime | None
    broken: tuple[str, ...] = ()
    repeated: bool = False


@retried
def cancel(
    visit_id: int, request: CancelRequest, actor: Actor, *, now: datetime, policy: Policy
) -> Cancelled:
    """Cancel one visit. Raises Stale, IllegalChange, Invalid, NotAllowed, NotFound."""
    _refuse_request(request, actor)
    visit = find(Visit, visit_id, actor)
    day = (visit.site_id, visit.starts_on)
    with transaction():
        lock_days(actor.organisation_id, [visit.patient_id], [day])
        if form_tokens.result_of(request.token, actor) is not None:
            return Cancelled(visit_ids=(visit_id,), leaves_at=None, repeated=True)
        visit = find(Visit, visit_id, actor)
        if visit.version != request.version or (visit.site_id, visit.starts_on) != day:
            raise Stale
        if visit.state not in PLANNED_STATES:
            raise IllegalChange("Only a visit that still lies ahead can be cancelled.")
        if visit.series is not None:
            visit.series.version += 1
        return _cancel([visit], request, _Setting(actor, now, policy))


@retried
def cancel_series(
    series_id: int, request: CancelRequest, actor: Actor, *, now: datetime, policy: Policy
) -> Cancelled:
    """Cancel every visit of the series that still lies ahead, in one act. Raises as `cancel`."""
    _refuse_request(request, actor)
    series = find(Series, series_id, actor)
    days = {(visit.site_id, visit.starts_on) for visit in _ahead(series)}
    with transaction():
        lock_days(actor.organisation_id, [series.patient_id], days)
        if form_tokens.result_of(request.token, actor) is not None:
            return Cancelled(visit_ids=(), leaves_at=None, repeated=True)
        series = find(Series, series_id, actor)
        visits = _ahead(series)
        if series.version != request.version:
            raise Stale
        if not visits or not {(one.site_id, one.starts_on) for one in visits} <= days:
            raise IllegalChange("No visit of this series lies ahead.")
        series.status = "discontinued"
        series.version += 1
        note(actor, "discontinue", f"series:{series.id}", now=now, reason=request.reason)
        return _cancel(visits, request, _Setting(actor, now, policy))


@dataclass(frozen=True)
class _Setting:
    actor: Actor
    now: datetime
    policy: Policy


def _refuse_request(request: CancelRequest, actor: Actor) -> None:
    actor.require("cancel")
    if request.reason_code not in REASON_CODES:
        raise Invalid("Choose why the visit is cancelled.", field="reason_code")


def _ahead(series: Series) -> list[Visit]:
    rows = select(Visit).where(
        Visit.organisation_id == series.organisation_id,
        Visit.series_id == series.id,
        Visit.state.in_(PLANNED_STATES),
    )
    return list(db.session.scalars(rows.order_by(Visit.starts_at)))


def _cancel(visits: Sequence[Visit], request: CancelRequest, setting: _Setting) -> Cancelled:
    """Release the claims, write the state and its history, queue one cancellation per visit."""
    ids = tuple(visit.id for visit in visits)
    if request.only_unsent and outbox.has_left(ids):
        raise IllegalChange("The messages have left, so this cannot be undone. Cancel it instead.")
    claims.release(ids)
    tasks.drop_of_visits(ids, [tasks.CLOSED_OVER], now=setting.now)
    for visit in visits:
        _end(visit, request, setting)
    db.session.flush()
    seconds = setting.policy.undo_seconds
    leaving = outbox.queue_cancelled(visits, now=setting.now, undo_seconds=seconds)
    form_tokens.use(request.token, f"visit:{ids[0]}", setting.actor, now=setting.now)
    series = visits[0].series
    ended = series is None or series.status == "discontinued"
    faults = () if ended or series is None else broken(series)
    sentences = tuple(fault.sentence for fault in faults)
    return Cancelled(visit_ids=ids, leaves_at=leaving.leaves_at, broken=sentences)


def _end(visit: Visit, request: CancelRequest, setting: _Setting) -> None:
    actor, now = setting.actor, setting.now
    late = now > visit.starts_at - NOTICE
    reason = f"Late: {request.reason}".rstrip(": ") if late else request.reason
    from_state, visit.state = visit.state, "cancelled"
    visit.version += 1
    visit.sequence += 1
    visit.changed_at = now
    change = Change(
        actor=actor,
        now=now,
        from_state=from_state,
        reason=reason,
        reason_code=request.reason_code,
    )
    remember(visit, change)
    note(actor, "cancel", f"visit:{visit.id}", now=now, reason=request.reason)
