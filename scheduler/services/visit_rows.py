"""Writes a visit's rows: the visit itself, and a line of history for each committed change (domain
F)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduler.extensions import db
from scheduler.invites.identity import new_uid, organizer_address
from scheduler.models import Patient, Series, Site, Visit, VisitHistory
from scheduler.planning.opening import local
from scheduler.planning.preparation import PrepSet
from scheduler.planning.visit import VisitShape
from scheduler.services.actor import Actor
from scheduler.services.policy import Policy

LOCAL_FORM = "%Y-%m-%dT%H:%M"
"""The site's wall time, beside the UTC instant."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """What all visits of one booking share."""

    site: Site
    patient: Patient
    series: Series | None
    protocol_version_id: int
    phase: str
    title: str
    prep: PrepSet
    overrides: list[dict[str, Any]]


def new_visit(
    course: Course, shape: VisitShape, *, number: int, now: datetime, policy: Policy
) -> Visit:
    """A booked visit without a place; `put` gives it one. Its uid and organizer never change (U1,
    A4)."""
    sender, token = course.site.sender_address, course.patient.reply_token
    return Visit(
        organisation_id=course.site.organisation_id,
        site_id=course.site.id,
        patient_id=course.patient.id,
        series_id=course.series.id if course.series else None,
        protocol_version_id=course.protocol_version_id,
        phase=course.phase,
        title=course.title,
        number=number,
        state="booked",
        shape=shape.to_plain(),
        sedating=shape.sedating,
        prep=course.prep.to_plain(),
        overrides=course.overrides,
        uid=new_uid(sender),
        sequence=0,
        organizer=organizer_address(sender, token, plus=policy.reply_plus),
        version=1,
        created_at=now,
        changed_at=now,
    )


def put(
    visit: Visit, site: Site, chair_id: int, starts_at: datetime, bay_id: int | None = None
) -> None:
    """Set chair, bay and times from the start; all four instants follow from the shape (domain C
    rule 0). `bay_id` None: the whole stay is on the chair."""
    times = VisitShape.from_plain(visit.shape).times(starts_at)
    wall = local(site.zone, starts_at)
    visit.chair_id, visit.bay_id = chair_id, bay_id
    visit.arrives_at, visit.starts_at = times.arrives_at, times.starts_at
    visit.leaves_at, visit.chair_until = times.leaves_at, times.chair_until
    visit.starts_on, visit.local_starts = wall.date(), wall.strftime(LOCAL_FORM)


@dataclass(frozen=True, kw_only=True)
class Change:
    """Who changed a visit, when and why; `reason_code` as in domain F."""

    actor: Actor
    now: datetime
    from_state: str | None
    reason: str = ""
    reason_code: str = ""


def remember(visit: Visit, change: Change) -> None:
    """A line of history: where the visit stands after the change. Called after the change,
    flushed."""
    db.session.add(_line(visit, change))


def remember_all(visits: Sequence[Visit], change: Change) -> None:
    """A line for each of several visits that changed alike, in one statement."""
    db.session.bulk_save_objects([_line(visit, change) for visit in visits])


def _line(visit: Visit, change: Change) -> VisitHistory:
    return VisitHistory(
        organisation_id=visit.organisation_id,
        visit_id=visit.id,
        from_state=change.from_state,
        to_state=visit.state,
        at=change.now,
        by_user_id=change.actor.user_id,
        by_name=change.actor.name,
        reason=change.reason[:500],
        reason_code=change.reason_code,
        chair_id=visit.chair_id,
        bay_id=visit.bay_id,
        starts_at=visit.starts_at,
        leaves_at=visit.leaves_at,
        local_starts=visit.local_starts,
    )
