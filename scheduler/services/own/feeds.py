"""Private calendars to subscribe to: a patient's visits, and what stands on a chair (calendar 6).

Whoever has the address reads it, without a password: it is shown once, kept as a hash, and can be
made anew or ended at any time (F5, trust I23).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select

from scheduler.extensions import db
from scheduler.models import Chair, Link, Patient, Site, Visit
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.outgoing import outbox
from scheduler.services.outgoing.leaving import Leaving
from scheduler.services.outgoing.outbox_rows import by_mail
from scheduler.services.own import links
from scheduler.services.own.links import CHAIR, FEED, Target
from scheduler.services.patient_lock import lock_patient
from scheduler.services.scope import find
from scheduler.transaction import retried, transaction


@retried
def rotate(patient_id: int, actor: Actor, *, now: datetime, undo_seconds: int) -> str:
    """A new address for the patient's feed, shown this once; the old one ends. From now on the
    patient's calendar is the feed: entries that came by mail are taken back (F6).

    Raises NotAllowed, NotFound.
    """
    actor.require("edit_patient")
    with transaction():
        lock_patient(patient_id, actor)
        patient = find(Patient, patient_id, actor)
        token, _ = rotate_in(patient, now=now, undo_seconds=undo_seconds)
        note(actor, "make_feed", f"patient:{patient_id}", now=now)
        return token


@retried
def revoke(patient_id: int, actor: Actor, *, now: datetime, undo_seconds: int) -> Leaving:
    """The address opens nothing any more; coming visits are told by mail again."""
    actor.require("edit_patient")
    with transaction():
        lock_patient(patient_id, actor)
        patient = find(Patient, patient_id, actor)
        note(actor, "end_feed", f"patient:{patient_id}", now=now)
        return revoke_in(patient, now=now, undo_seconds=undo_seconds)


def rotate_in(patient: Patient, *, now: datetime, undo_seconds: int) -> tuple[str, Leaving]:
    """Inside the caller's transaction, which has locked the patient."""
    links.end_of_patient(patient, [FEED], now=now)
    token = links.new_token(links.FEED_BITS)
    target = Target(
        organisation_id=patient.organisation_id,
        site_id=_home(patient).id,
        patient_id=patient.id,
    )
    links.keep(token, FEED, target, now=now, expires_at=None)
    return token, _choose(patient, "feed", now=now, undo_seconds=undo_seconds)


def revoke_in(patient: Patient, *, now: datetime, undo_seconds: int) -> Leaving:
    """Inside the caller's transaction, which has locked the patient."""
    links.end_of_patient(patient, [FEED], now=now)
    return _choose(patient, "invites", now=now, undo_seconds=undo_seconds)


def _choose(patient: Patient, calendar: str, *, now: datetime, undo_seconds: int) -> Leaving:
    before, patient.calendar = patient.calendar, calendar
    patient.version += int(before != calendar)
    db.session.flush()
    return outbox.queue_address_changed(
        patient,
        old_email=patient.email if by_mail(patient) else "",
        old_calendar=before,
        now=now,
        undo_seconds=undo_seconds,
    )


def made_at(patient_id: int, actor: Actor) -> datetime | None:
    """When the address that opens the patient's feed was made; None without one."""
    return _newest(Link.organisation_id == actor.organisation_id, Link.patient_id == patient_id)


def of_chairs(site_id: int, actor: Actor) -> dict[int, datetime]:
    """Chairs of the site whose feed has an address, with when it was made."""
    rows = select(Link.chair_id, Link.created_at).where(
        Link.organisation_id == actor.organisation_id,
        Link.site_id == site_id,
        Link.purpose == CHAIR,
        Link.revoked_at.is_(None),
    )
    return {chair_id: at for chair_id, at in db.session.execute(rows) if chair_id is not None}


@retried
def rotate_chair(chair_id: int, actor: Actor, *, now: datetime) -> str:
    """A new address for what stands on a chair, shown this once; the old one ends."""
    actor.require("edit_capacity")
    with transaction():
        chair = find(Chair, chair_id, actor)
        _end_chair(chair, now)
        token = links.new_token(links.FEED_BITS)
        target = Target(
            organisation_id=chair.organisation_id, site_id=chair.site_id, chair_id=chair.id
        )
        links.keep(token, CHAIR, target, now=now, expires_at=None)
        note(actor, "make_feed", f"chair:{chair_id}", now=now)
        return token


@retried
def revoke_chair(chair_id: int, actor: Actor, *, now: datetime) -> None:
    """The address opens nothing any more."""
    actor.require("edit_capacity")
    with transaction():
        _end_chair(find(Chair, chair_id, actor), now)
        note(actor, "end_feed", f"chair:{chair_id}", now=now)


def _end_chair(chair: Chair, now: datetime) -> None:
    mine = (Link.organisation_id == chair.organisation_id, Link.chair_id == chair.id)
    links.end(*mine, Link.purpose == CHAIR, now=now)


def _newest(*which: ColumnElement[bool]) -> datetime | None:
    live = select(Link.created_at).where(*which, Link.purpose == FEED, Link.revoked_at.is_(None))
    return db.session.scalar(live.order_by(Link.id.desc()).limit(1))


def _home(patient: Patient) -> Site:
    """The site of the patient's newest visit, else the first of the organisation."""
    of_visits = select(Visit.site_id).where(
        Visit.organisation_id == patient.organisation_id, Visit.patient_id == patient.id
    )
    site_id = db.session.scalar(of_visits.order_by(Visit.starts_at.desc()).limit(1))
    if site_id is not None:
        return db.session.get_one(Site, site_id)
    sites = select(Site).where(Site.organisation_id == patient.organisation_id)
    return db.session.scalars(sites.order_by(Site.id).limit(1)).one()
