"""Books a series, or a single visit: every chair and the patient at once, or nothing (trust I3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from scheduler.errors import ChairTaken, Invalid, OutsideRule, PatientBusy, PlaceTaken
from scheduler.extensions import db
from scheduler.models import Patient, Series, Site, Visit
from scheduler.planning.opening import local
from scheduler.planning.refusal import Refusal
from scheduler.planning.series import ChosenVisit, check_visits
from scheduler.services import (
    booking_room,
    claims,
    course_rules,
    daybooks,
    form_tokens,
    outbox,
    plan_key,
)
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.booking_room import Room
from scheduler.services.day_versions import DayVersions
from scheduler.services.policy import Policy
from scheduler.services.scope import find
from scheduler.services.series_query import SeriesQuery
from scheduler.services.series_request import Prepared, prepare
from scheduler.services.site_days import lock_days
from scheduler.services.visit_rows import Change, Course, new_visit, put, remember_all
from scheduler.transaction import retried, transaction

Place = tuple[plan_key.Choice, int | None]
"""A chair and a start, and the bay of the last parts."""


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
    choices = plan_key.read(request.plan_key)
    site = find(Site, request.query.site_id, actor)
    patient = find(Patient, request.query.patient_id, actor)
    days = {(site.id, on) for on in _dates(site, choices)}
    patient_id = patient.id
    with transaction():
        lock_days(actor.organisation_id, [patient_id], days)
        before = form_tokens.result_of(request.token, actor)
        if before is not None:
            return _as_before(before, actor)
        prepared = prepare(request.query, actor, now=now)
        try:
            places, rooms = _check(prepared, choices, now)
        except PlaceTaken as taken:
            taken.days_changed = _days_changed(prepared.site, choices, request.plan_key)
            raise
        booking_room.clear(rooms, actor, now=now)
        return _write(prepared, places, request, _Setting(actor, now, policy))


@dataclass(frozen=True)
class _Setting:
    actor: Actor
    now: datetime
    policy: Policy


def _dates(site: Site, choices: tuple[plan_key.Choice, ...]) -> list[date]:
    return [local(site.zone, choice.starts_at).date() for choice in choices]


def _check(
    prepared: Prepared, choices: tuple[plan_key.Choice, ...], now: datetime
) -> tuple[list[Place], list[Room]]:
    """The rule that offered the plan, asked again under the lock (house decision 2).

    The answer is each visit's place, with the bay if it needs one now: whichever is free, as nobody
    is promised a bay; and who changes chairs first, if that was accepted.
    """
    if len(choices) != prepared.count:
        raise Invalid("This plan does not have the number of visits asked for.", field="plan")
    dates, shapes = _dates(prepared.site, choices), prepared.request.shapes
    days = daybooks.load(prepared.site, dates)
    rooms: list[Room] = []
    if prepared.query.reseat:
        choices, rooms = booking_room.make_room(prepared, choices, days, now=now)
    chosen = [ChosenVisit(choice.chair_id, choice.starts_at) for choice in choices]
    refuse(check_visits(days, prepared.request, chosen))
    seats = [
        days[on].seat(shape, one.chair_id, one.starts_at)
        for on, shape, one in zip(dates, shapes, chosen, strict=True)
    ]
    bays = [seat.bay_id if seat else None for seat in seats]
    return list(zip(choices, bays, strict=True)), rooms


def _days_changed(site: Site, choices: tuple[plan_key.Choice, ...], key: str) -> bool | None:
    """Against what the plans were made from. Our own lock has raised every day by one."""
    known, dates = plan_key.made_from(key), _dates(site, choices)
    return None if known is None else known != DayVersions(site, dates).of(dates, locked=1)


def refuse(refusals: tuple[Refusal, ...], kept: str = "Nothing was booked.") -> None:
    """Raise the first refusal as the error of its kind; `kept` says what did not happen."""
    if not refusals:
        return
    first = refusals[0]
    message = f"{first.sentence} {kept}"
    kinds: dict[str, type[PlaceTaken]] = {"H1": ChairTaken, "H2": PatientBusy}
    if first.rule in kinds:
        raise kinds[first.rule](message)
    raise OutsideRule(message, rule=first.rule)


def _write(
    prepared: Prepared,
    places: list[Place],
    request: BookingRequest,
    setting: _Setting,
) -> Booked:
    course = _course(prepared, setting)
    visits = []
    shapes = prepared.request.shapes
    for number, ((choice, bay_id), shape) in enumerate(zip(places, shapes, strict=True), 1):
        visit = new_visit(course, shape, number=number, now=setting.now, policy=setting.policy)
        put(visit, prepared.site, choice.chair_id, choice.starts_at, bay_id)
        visits.append(visit)
    db.session.add_all(visits)
    db.session.flush()
    change = Change(
        actor=setting.actor, now=setting.now, from_state=None, reason=request.query.reason
    )
    claims.take(*visits)
    remember_all(visits, change)
    leaves_at = _queue(course.series, visits, setting)
    booked = _booked(course.series, visits, leaves_at)
    form_tokens.use(request.token, _result(booked), setting.actor, now=setting.now)
    note(setting.actor, "book", _result(booked), now=setting.now, reason=request.query.reason)
    return booked


def _course(prepared: Prepared, setting: _Setting) -> Course:
    query = prepared.query
    overrides = course_rules.overrides(
        query, setting.actor, setting.now, is_open=course_rules.is_open_ended(prepared.phase)
    )
    single = query.single or course_rules.is_single_only(prepared.phase)
    series = None if single else _new_series(prepared, overrides, setting)
    return Course(
        site=prepared.site,
        patient=prepared.patient,
        series=series,
        protocol_version_id=prepared.version.id,
        phase=prepared.phase.id,
        title=f"{prepared.protocol.title}, {prepared.phase.label.lower()}",
        prep=prepared.protocol.prep,
        overrides=overrides if single else [],
    )


def _new_series(prepared: Prepared, overrides: list[dict[str, Any]], setting: _Setting) -> Series:
    query = prepared.query
    series = Series(
        organisation_id=prepared.site.organisation_id,
        site_id=prepared.site.id,
        patient_id=prepared.patient.id,
        protocol_version_id=prepared.version.id,
        phase=prepared.phase.id,
        title=prepared.protocol.title,
        status="active",
        count=prepared.count,
        rules=prepared.request.spacing.to_plain(),
        wishes=query.wishes(),
        overrides=overrides,
        earliest_on=query.earliest_on,
        created_by_name=setting.actor.name,
        created_at=setting.now,
        version=1,
    )
    db.session.add(series)
    db.session.flush()
    return series


def _queue(series: Series | None, visits: list[Visit], setting: _Setting) -> datetime | None:
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
