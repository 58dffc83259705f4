"""Holds a plan for a patient who has to think it over: its chairs are kept, nothing is booked yet.

proposed -> held -> booked | released (domain F; house decision 1: chair claims only).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from scheduler.errors import IllegalChange, Stale
from scheduler.extensions import db
from scheduler.models import Patient, Site, Visit
from scheduler.planning.request import SeriesRequest
from scheduler.planning.series import ChosenVisit, check_visits
from scheduler.planning.visit import VisitShape
from scheduler.services import claims, daybooks, form_tokens, hold_rows, placing, plan_key
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.booking import BookingRequest
from scheduler.services.hold_rows import Ending
from scheduler.services.outgoing import outbox, outbox_holds
from scheduler.services.outgoing.leaving import Leaving
from scheduler.services.outgoing.outbox_invites import Times
from scheduler.services.placing import Setting
from scheduler.services.policy import Policy
from scheduler.services.scope import find, scoped
from scheduler.services.series_request import firm_limits, prepare
from scheduler.services.site_days import lock_days
from scheduler.services.visit_rows import Change, remember_all
from scheduler.transaction import retried, transaction

HELD_FOR = timedelta(hours=48)
"""domain B, a proposed series."""
AT_A_TIME = 20
"""Holds that one round of the sweep ends at most."""
NOT_HELD = "These times are not held any more. Nothing was booked."
NOTHING_HELD = "Nothing was held."


@dataclass(frozen=True, kw_only=True)
class Held:
    """`series_id` is None for a single visit; the hold ends at `until`, exclusive."""

    series_id: int | None
    visit_ids: tuple[int, ...]
    until: datetime | None
    leaves_at: datetime | None
    repeated: bool = False


@dataclass(frozen=True, kw_only=True)
class HoldRequest:
    """A hold as it was shown: any visit of it, that visit's version, and the form's token."""

    visit_id: int
    version: int
    token: str
    reason: str = ""


@retried
def hold(request: BookingRequest, actor: Actor, *, now: datetime, policy: Policy) -> Held:
    """Keep every chair of the plan for 48 hours, or for none; and say so to the patient.

    Raises as `booking.book`.
    """
    actor.require("book")
    choices, setting = plan_key.read(request.plan_key), Setting(actor, now, policy)
    site = find(Site, request.query.site_id, actor)
    patient_id = find(Patient, request.query.patient_id, actor).id
    days = {(site.id, on) for on in placing.dates_of(site, choices)}
    with transaction():
        lock_days(actor.organisation_id, [patient_id], days)
        before = form_tokens.result_of(request.token, actor)
        if before is not None:
            return _as_before(int(before.partition(":")[2]), actor)
        hold_rows.release_lapsed(actor.organisation_id, days, now=now)
        prepared = prepare(request.query, actor, now=now)
        places = placing.checked(prepared, choices, request.plan_key, setting)
        until = min(now + HELD_FOR, choices[0].starts_at)
        placed = placing.written(prepared, places, setting, until=until)
        claims.retake_chairs(placed.visits)
        return _tell(placed, until, request, setting)


def _tell(
    placed: placing.Placed, until: datetime, request: BookingRequest, setting: Setting
) -> Held:
    visits, actor, now = placed.visits, setting.actor, setting.now
    reason = request.query.reason
    remember_all(visits, Change(actor=actor, now=now, from_state="proposed", reason=reason))
    leaving = outbox_holds.queue_held(visits, until, _times(setting))
    form_tokens.use(request.token, f"visit:{visits[0].id}", actor, now=now)
    note(actor, "hold", _what(visits), now=now, reason=reason)
    return _held(visits, leaving)


@retried
def book_now(request: HoldRequest, actor: Actor, *, now: datetime, policy: Policy) -> Held:
    """What is held becomes booked: every rule is asked again, the patient's time is claimed now.

    Raises IllegalChange if it is not held any more (trust I7), Stale, ChairTaken, PatientBusy,
    OutsideRule (the hold stays as it was), NotAllowed, NotFound.
    """
    actor.require("book")
    setting = Setting(actor, now, policy)
    patient_id, days = _of(request, actor)
    with transaction():
        lock_days(actor.organisation_id, [patient_id], days)
        before = form_tokens.result_of(request.token, actor)
        if before is not None:
            return _as_before(request.visit_id, actor)
        visits = _held_visits(request, actor, days)
        if any(visit.held_until is None or visit.held_until <= now for visit in visits):
            raise IllegalChange(NOT_HELD)
        _refuse_broken(visits, setting)
        _book(visits, now)
        remember_all(visits, Change(actor=actor, now=now, from_state="held", reason=request.reason))
        leaving = _tell_booked(visits, setting)
        form_tokens.use(request.token, f"visit:{visits[0].id}", actor, now=now)
        note(actor, "book_hold", _what(visits), now=now, reason=request.reason)
        return _held(visits, leaving)


@retried
def release(request: HoldRequest, actor: Actor, *, now: datetime, policy: Policy) -> Held:
    """Give the held places up; calendars that show them are told. Raises IllegalChange, Stale."""
    actor.require("book")
    patient_id, days = _of(request, actor)
    with transaction():
        lock_days(actor.organisation_id, [patient_id], days)
        before = form_tokens.result_of(request.token, actor)
        if before is not None:
            return _as_before(request.visit_id, actor)
        visits = _held_visits(request, actor, days)
        ending = Ending(actor=actor, now=now, undo_seconds=policy.undo_seconds, why=request.reason)
        leaving = hold_rows.release(visits, ending)
        form_tokens.use(request.token, f"visit:{visits[0].id}", actor, now=now)
        note(actor, "release_hold", _what(visits), now=now, reason=request.reason)
        return _held(visits, leaving)


def sweep(*, now: datetime) -> int:
    """End holds whose time is over, one transaction each; how many visits were freed. A standing
    job: a look that finds nothing writes nothing."""
    lapsed = select(Visit.organisation_id, Visit.patient_id, Visit.series_id, Visit.id).where(
        Visit.state == "held", Visit.held_until <= now
    )
    rows = db.session.execute(lapsed.order_by(Visit.held_until, Visit.id).limit(AT_A_TIME)).all()
    db.session.rollback()
    holds = {(row.organisation_id, row.patient_id, row.series_id or -row.id) for row in rows}
    return sum(_sweep(*one, now=now) for one in sorted(holds))


@retried
def _sweep(organisation_id: int, patient_id: int, which: int, *, now: datetime) -> int:
    """`which` is a series, or minus a single visit."""
    about = Visit.series_id == which if which > 0 else Visit.id == -which
    rows = select(Visit.site_id, Visit.starts_on).where(about, Visit.state == "held")
    days = {(row.site_id, row.starts_on) for row in db.session.execute(rows)}
    with transaction():
        lock_days(organisation_id, [patient_id], days)
        return hold_rows.release_lapsed(organisation_id, days, now=now)


def until_of(visits: Sequence[Visit]) -> datetime | None:
    """When the hold on these visits ends; None if none of them is held."""
    return min((v.held_until for v in visits if v.state == "held" and v.held_until), default=None)


def _of(request: HoldRequest, actor: Actor) -> tuple[int, set[tuple[int, date]]]:
    visit = find(Visit, request.visit_id, actor)
    return visit.patient_id, {(one.site_id, one.starts_on) for one in _mates(visit, actor)}


def _mates(visit: Visit, actor: Actor) -> list[Visit]:
    """Every held visit of the same hold, in order of time."""
    if visit.series_id is None:
        return [visit]
    rows = scoped(Visit, actor).where(Visit.series_id == visit.series_id, Visit.state == "held")
    return list(db.session.scalars(rows.order_by(Visit.starts_at, Visit.id)))


def _held_visits(request: HoldRequest, actor: Actor, days: set[tuple[int, date]]) -> list[Visit]:
    shown = find(Visit, request.visit_id, actor)
    if shown.state != "held":
        raise IllegalChange(NOT_HELD)
    visits = _mates(shown, actor)
    locked = all((visit.site_id, visit.starts_on) in days for visit in visits)
    if shown.version != request.version or not locked:
        raise Stale
    return visits


def _refuse_broken(visits: Sequence[Visit], setting: Setting) -> None:
    """Cover, closures and the patient's own limits may have changed since it was held."""
    site = find(Site, visits[0].site_id, setting.actor)
    ids = [visit.id for visit in visits]
    days = daybooks.load(site, [visit.starts_on for visit in visits], without=ids)
    request = SeriesRequest(
        shapes=tuple(VisitShape.from_plain(visit.shape) for visit in visits),
        earliest_on=visits[0].starts_on,
        latest_on=visits[-1].starts_on,
        patient=firm_limits(visits[0].patient, setting.now),
    )
    chosen = [ChosenVisit(visit.chair_id, visit.starts_at, visit.bay_id) for visit in visits]
    placing.refuse(check_visits(days, request, chosen), "Nothing was booked; the hold stays.")


def _book(visits: Sequence[Visit], now: datetime) -> None:
    for visit in visits:
        visit.state, visit.held_until, visit.changed_at = "booked", None, now
        visit.version += 1
        visit.sequence += 1
    series = visits[0].series
    if series is not None:
        series.status = "active"
        series.version += 1
    db.session.flush()
    claims.release([visit.id for visit in visits])
    claims.take(*visits)


def _tell_booked(visits: list[Visit], setting: Setting) -> Leaving:
    """The digest and a CONFIRMED entry for each, over the tentative one (calendar O5, U2)."""
    outbox_holds.end_told(visits, outbox_holds.BOOKED, now=setting.now)
    series, seconds = visits[0].series, setting.policy.undo_seconds
    if series is None:
        return outbox.queue_single(visits[0], now=setting.now, undo_seconds=seconds)
    return outbox.queue_series(series, visits, now=setting.now, undo_seconds=seconds)


def _times(setting: Setting) -> Times:
    return Times(setting.now, setting.now + timedelta(seconds=setting.policy.undo_seconds))


def _what(visits: Sequence[Visit]) -> str:
    series_id = visits[0].series_id
    return f"series:{series_id}" if series_id is not None else f"visit:{visits[0].id}"


def _held(visits: Sequence[Visit], leaving: Leaving) -> Held:
    return Held(
        series_id=visits[0].series_id,
        visit_ids=tuple(visit.id for visit in visits),
        until=until_of(visits),
        leaves_at=leaving.leaves_at,
    )


def _as_before(visit_id: int, actor: Actor) -> Held:
    """The answer that the first use of this form got."""
    visit = find(Visit, visit_id, actor)
    mine = Visit.id == visit.id if visit.series_id is None else Visit.series_id == visit.series_id
    visits = db.session.scalars(scoped(Visit, actor).where(mine).order_by(Visit.number)).all()
    return Held(
        series_id=visit.series_id,
        visit_ids=tuple(one.id for one in visits),
        until=until_of(visits),
        leaves_at=None,
        repeated=True,
    )
