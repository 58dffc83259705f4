"""Writes a chosen plan: the rule that offered it is asked again under the lock, then its visits
are booked or held, all of them or none (trust I3, house decision 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scheduler.errors import ChairTaken, Invalid, OutsideRule, PatientBusy, PlaceTaken
from scheduler.extensions import db
from scheduler.models import Series, Site, Visit
from scheduler.planning.opening import local
from scheduler.planning.refusal import Refusal
from scheduler.planning.series import ChosenVisit, check_visits
from scheduler.services import booking_room, course_rules, daybooks, plan_key
from scheduler.services.actor import Actor
from scheduler.services.booking_room import Room
from scheduler.services.day_versions import DayVersions
from scheduler.services.policy import Policy
from scheduler.services.series_request import Prepared
from scheduler.services.visit_rows import Course, new_visit, put

NOTHING_BOOKED = "Nothing was booked."
Place = tuple[plan_key.Choice, int | None]
"""A chair and a start, and the bay of the last parts."""


@dataclass(frozen=True)
class Setting:
    """Who writes, when, and under which settings."""

    actor: Actor
    now: datetime
    policy: Policy


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Rows that were written and flushed; their claims are not taken yet. `series` is None for a
    single visit."""

    series: Series | None
    visits: list[Visit]


def dates_of(site: Site, choices: Sequence[plan_key.Choice]) -> list[date]:
    """The site's local dates, in the order of the choices."""
    return [local(site.zone, choice.starts_at).date() for choice in choices]


def checked(
    prepared: Prepared, choices: tuple[plan_key.Choice, ...], key: str, setting: Setting
) -> list[Place]:
    """Each visit's place, after whoever was to make room has changed chairs. `key`: the plan.

    Raises ChairTaken, PatientBusy, OutsideRule; they know whether the days changed since the plan.
    """
    try:
        places, rooms = _places(prepared, choices, setting.now)
    except PlaceTaken as taken:
        taken.days_changed = _days_changed(prepared.site, choices, key)
        raise
    booking_room.clear(rooms, setting.actor, now=setting.now)
    return places


def _places(
    prepared: Prepared, choices: tuple[plan_key.Choice, ...], now: datetime
) -> tuple[list[Place], list[Room]]:
    """The rule that offered the plan, asked again under the lock (house decision 2).

    The answer is each visit's place, with the bay if it needs one now: whichever is free, as nobody
    is promised a bay; and who changes chairs first, if that was accepted.
    """
    if len(choices) != prepared.count:
        raise Invalid("This plan does not have the number of visits asked for.", field="plan")
    dates, shapes = dates_of(prepared.site, choices), prepared.request.shapes
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


def _days_changed(site: Site, choices: Sequence[plan_key.Choice], key: str) -> bool | None:
    """Against what the plans were made from. Our own lock has raised every day by one."""
    known, dates = plan_key.made_from(key), dates_of(site, choices)
    return None if known is None else known != DayVersions(site, dates).of(dates, locked=1)


def refuse(refusals: tuple[Refusal, ...], kept: str = NOTHING_BOOKED) -> None:
    """Raise the first refusal as the error of its kind; `kept` says what did not happen."""
    if not refusals:
        return
    first = refusals[0]
    message = f"{first.sentence} {kept}"
    kinds: dict[str, type[PlaceTaken]] = {"H1": ChairTaken, "H2": PatientBusy}
    if first.rule in kinds:
        raise kinds[first.rule](message)
    raise OutsideRule(message, rule=first.rule)


def written(
    prepared: Prepared, places: Sequence[Place], setting: Setting, *, until: datetime | None = None
) -> Placed:
    """The series and its visits: booked, or held `until` then."""
    course = _course(prepared, setting, "active" if until is None else "proposed")
    visits = []
    shapes = prepared.request.shapes
    for number, ((choice, bay_id), shape) in enumerate(zip(places, shapes, strict=True), 1):
        visit = new_visit(course, shape, number=number, now=setting.now, policy=setting.policy)
        put(visit, prepared.site, choice.chair_id, choice.starts_at, bay_id)
        if until is not None:
            visit.state, visit.held_until = "held", until
        visits.append(visit)
    db.session.add_all(visits)
    db.session.flush()
    return Placed(series=course.series, visits=visits)


def _course(prepared: Prepared, setting: Setting, status: str) -> Course:
    query = prepared.query
    overrides = course_rules.overrides(
        query, setting.actor, setting.now, is_open=course_rules.is_open_ended(prepared.phase)
    )
    single = query.single or course_rules.is_single_only(prepared.phase)
    series = None if single else _new_series(prepared, overrides, setting)
    if series is not None:
        series.status = status
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


def _new_series(prepared: Prepared, overrides: list[dict[str, Any]], setting: Setting) -> Series:
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
