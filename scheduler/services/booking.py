"""Books a series, or a single visit: every chair and the patient at once, or nothing (trust I3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Patient, Series, Site, Visit
from scheduler.services import claims, form_tokens, hold_rows, placing, plan_key
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.outgoing import outbox
from scheduler.services.placing import Setting
from scheduler.services.placing import refuse as refuse
from scheduler.services.policy import Policy
from scheduler.services.scope import find
from scheduler.services.series_query import SeriesQuery
from scheduler.services.series_request import Prepared, prepare
from scheduler.services.site_days import lock_days
from scheduler.services.visit_rows import Change, remember_all
from scheduler.transaction import retried, transaction


@dataclass(frozen=True, kw_only=True)
class BookingRequest:
    """The question, the plan that was chosen for it (plan_key), and the form's one-time token."""

    query: SeriesQuery
    plan_key: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Booked:
    """`series_id` is None for a single visit. `repeated`: this form had been sent before."""

    series_id: int | None
    visit_ids: tuple[int, ...]
    leaves_at: datetime | None
    repeated: bool = False


@retried
def book(request: BookingRequest, actor: Actor, *, now: datetime, policy: Policy) -> Booked:
    """Hold every chair of the plan and queue its messages: all of it happens, or nothing.

    Raises ChairTaken, PatientBusy or OutsideRule (nothing was booked, ask for fresh plans),
    Invalid,
    NotAllowed, NotFound.
    """
    actor.require("book")
    choices, setting = plan_key.read(request.plan_key), Setting(actor, now, policy)
    site = find(Site, request.query.site_id, actor)
    patient = find(Patient, request.query.patient_id, actor)
    days = {(site.id, on) for on in placing.dates_of(site, choices)}
    patient_id = patient.id
    with transaction():
        lock_days(actor.organisation_id, [patient_id], days)
        before = form_tokens.result_of(request.token, actor)
        if before is not None:
            return _as_before(before, actor)
        hold_rows.release_lapsed(actor.organisation_id, days, now=now)
        prepared = prepare(request.query, actor, now=now)
        places = placing.checked(prepared, choices, request.plan_key, setting)
        return _write(prepared, places, request, setting)


def _write(
    prepared: Prepared, places: Sequence[placing.Place], request: BookingRequest, setting: Setting
) -> Booked:
    placed = placing.written(prepared, places, setting)
    visits = placed.visits
    change = Change(
        actor=setting.actor, now=setting.now, from_state=None, reason=request.query.reason
    )
    claims.take(*visits)
    remember_all(visits, change)
    leaves_at = _queue(placed.series, visits, setting)
    booked = _booked(placed.series, visits, leaves_at)
    form_tokens.use(request.token, _result(booked), setting.actor, now=setting.now)
    note(setting.actor, "book", _result(booked), now=setting.now, reason=request.query.reason)
    return booked


def _queue(series: Series | None, visits: list[Visit], setting: Setting) -> datetime | None:
    seconds = setting.policy.undo_seconds
    if series is None:
        leaving = outbox.queue_single(visits[0], now=setting.now, undo_seconds=seconds)
    else:
        leaving = outbox.queue_series(series, visits, now=setting.now, undo_seconds=seconds)
    return leaving.leaves_at


def _booked(series: Series | None, visits: list[Visit], leaves_at: datetime | None) -> Booked:
    return Booked(
        series_id=series.id if series else None,
        visit_ids=tuple(visit.id for visit in visits),
        leaves_at=leaves_at,
    )


def _result(booked: Booked) -> str:
    """What the form's token remembers."""
    if booked.series_id is not None:
        return f"series:{booked.series_id}"
    return f"visit:{booked.visit_ids[0]}"


def _as_before(result: str, actor: Actor) -> Booked:
    """The answer that the first use of this form got."""
    kind, row_id = result.split(":")
    column = Visit.series_id if kind == "series" else Visit.id
    mine = (Visit.organisation_id == actor.organisation_id, column == int(row_id))
    ids = db.session.scalars(select(Visit.id).where(*mine).order_by(Visit.number))
    series_id = int(row_id) if kind == "series" else None
    return Booked(series_id=series_id, visit_ids=tuple(ids), leaves_at=None, repeated=True)
