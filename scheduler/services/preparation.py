"""What a patient does before and after each visit, as all who may say so have said (domain E).

The patient's own layer comes before the order's, the template's and the site's. Visits keep what
was resolved for them; when a layer changes, the coming ones are resolved anew and told once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from scheduler.errors import Stale
from scheduler.extensions import db
from scheduler.models import Patient, ProtocolVersion, Series, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.prep_layers import Layers, checked, stated
from scheduler.planning.preparation import PrepSet
from scheduler.planning.protocol import Protocol
from scheduler.services import audit, prep_changes, scope
from scheduler.services.actor import Actor
from scheduler.services.prep_changes import Changed
from scheduler.services.protocol_files import parsed
from scheduler.services.site_days import lock_days
from scheduler.transaction import retried, transaction

COMING = (*PLANNED_STATES, "held")
AT_ONCE = 10
"""Patients whose visits are resolved anew in the request that changed a site; the rest follow."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One layer as it was typed; `version` is that of the row it was shown from (trust I6)."""

    layer: dict[str, Any]
    version: int


@dataclass(frozen=True)
class Setting:
    """Who changes it, when, and how long the message waits for an undo."""

    actor: Actor
    now: datetime
    undo_seconds: int


def layers(
    protocol: Protocol, site: Site, patient: Patient, series: Series | None = None
) -> Layers:
    return Layers(
        patient=patient.prep or {},
        order=(series.prep or {}) if series is not None else {},
        template=stated(protocol.prep),
        site=site.prep or {},
    )


def layers_of(visit: Visit) -> Layers:
    """Of the template version that the visit has now."""
    version = db.session.get_one(ProtocolVersion, visit.protocol_version_id)
    site = db.session.get_one(Site, visit.site_id)
    return layers(parsed(version.document), site, visit.patient, visit.series)


def as_prepared(protocol: Protocol, site: Site, patient: Patient) -> Protocol:
    """The template as it holds for this patient here: what is booked is planned with it."""
    return replace(protocol, prep=layers(protocol, site, patient).resolved())


def resolved_for(visit: Visit) -> PrepSet:
    return layers_of(visit).resolved()


@retried
def change_patient(patient_id: int, edit: Edit, setting: Setting) -> Changed:
    """Raises Stale, Invalid, NotFound, NotAllowed."""
    actor = setting.actor
    actor.require("edit_preparation")
    layer = checked(edit.layer)
    with transaction():
        patient = scope.find(Patient, patient_id, actor)
        lock(patient, setting.now)
        db.session.refresh(patient, with_for_update={"key_share": True, "of": Patient})
        if patient.version != edit.version:
            raise Stale
        patient.prep = layer
        patient.version += 1
        audit.note(actor, "change_preparation", f"patient:{patient.id}", now=setting.now)
        return resolve(patient, setting)


@retried
def change_order(series_id: int, edit: Edit, setting: Setting) -> Changed:
    """Raises Stale, Invalid, NotFound, NotAllowed."""
    actor = setting.actor
    actor.require("edit_preparation")
    layer = checked(edit.layer)
    with transaction():
        series = scope.find(Series, series_id, actor)
        lock(series.patient, setting.now)
        db.session.refresh(series, with_for_update={"key_share": True, "of": Series})
        if series.version != edit.version:
            raise Stale
        series.prep = layer
        series.version += 1
        audit.note(actor, "change_preparation", f"series:{series.id}", now=setting.now)
        return resolve(series.patient, setting)


@retried
def change_site(site_id: int, edit: Edit, setting: Setting) -> None:
    """The coming visits follow patient by patient: `settle_site`, and the worker for the rest.

    Raises Stale, Invalid, NotFound, NotAllowed.
    """
    actor = setting.actor
    actor.require("edit_preparation")
    layer = checked(edit.layer)
    with transaction():
        site = db.session.scalar(
            scope.scoped(Site, actor).where(Site.id == site_id).with_for_update(key_share=True)
        )
        site = site or scope.find(Site, site_id, actor)
        if site.messages_version != edit.version:
            raise Stale
        site.prep = layer
        site.messages_version += 1
        site.prep_waits = True
        audit.note(actor, "change_preparation", f"site:{site.id}", now=setting.now)


def settle_sites(*, now: datetime, undo_seconds: int = 0) -> int:
    """A standing job: visits of sites whose preparation changed are resolved anew. How many
    visits."""
    waiting = db.session.scalars(select(Site.id).where(Site.prep_waits).order_by(Site.id)).all()
    return sum(settle_site(site_id, now=now, undo_seconds=undo_seconds) for site_id in waiting)


def settle_site(
    site_id: int, *, now: datetime, undo_seconds: int, at_most: int | None = None
) -> int:
    """Patient by patient, each in a transaction of its own; again does no harm (trust I5).

    `at_most` patients are changed here; who is left is done by the standing job.
    """
    site = db.session.get_one(Site, site_id)
    version = site.messages_version
    behind = _behind(site, now)
    done = sum(_settle_patient(one, now, undo_seconds) for one in behind[:at_most])
    if at_most is None or len(behind) <= at_most:
        _settled(site_id, version)
    return done


@retried
def _settle_patient(patient_id: int, now: datetime, undo_seconds: int) -> int:
    with transaction():
        patient = db.session.get_one(Patient, patient_id)
        lock(patient, now)
        return _resolve(patient, now, undo_seconds).visits


@retried
def _settled(site_id: int, version: int) -> None:
    with transaction():
        site = db.session.get_one(Site, site_id, with_for_update={"key_share": True})
        if site.messages_version == version:
            site.prep_waits = False


def _behind(site: Site, now: datetime) -> list[int]:
    """Patients with a coming visit here whose preparation is not what the layers say."""
    rows = select(Visit).where(
        Visit.organisation_id == site.organisation_id,
        Visit.site_id == site.id,
        Visit.state.in_(COMING),
        Visit.starts_at > now,
    )
    rows = rows.options(joinedload(Visit.patient), joinedload(Visit.series))
    return sorted({one.patient_id for one in db.session.scalars(rows) if _differs(one)})


def _differs(visit: Visit) -> bool:
    return PrepSet.from_plain(visit.prep) != resolved_for(visit)


def coming(patient: Patient, now: datetime) -> Sequence[Visit]:
    """Visits ahead that preparation is for, soonest first."""
    rows = select(Visit).where(
        Visit.organisation_id == patient.organisation_id,
        Visit.patient_id == patient.id,
        Visit.state.in_(COMING),
        Visit.starts_at > now,
    )
    rows = rows.order_by(Visit.starts_at, Visit.id).execution_options(populate_existing=True)
    return db.session.scalars(rows).all()


def lock(patient: Patient, now: datetime) -> None:
    """The patient and the days of the coming visits, first thing inside a transaction."""
    days = {(visit.site_id, visit.starts_on) for visit in coming(patient, now)}
    lock_days(patient.organisation_id, [patient.id], days)


def resolve(patient: Patient, setting: Setting) -> Changed:
    """Coming visits as the layers say now, told once. Inside a transaction, after `lock`."""
    return _resolve(patient, setting.now, setting.undo_seconds)


def _resolve(patient: Patient, now: datetime, undo_seconds: int) -> Changed:
    """Inside a transaction, patient and days locked; flushes what the caller has set first."""
    db.session.flush()
    new = {visit: resolved_for(visit) for visit in coming(patient, now) if _differs(visit)}
    return prep_changes.apply(patient, new, now=now, undo_seconds=undo_seconds)
