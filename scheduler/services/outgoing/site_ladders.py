"""A site's own word on reminders: saved at once, followed patient by patient (domain G)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from scheduler.errors import Invalid, Stale
from scheduler.extensions import db
from scheduler.models import Patient, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning import discreet
from scheduler.planning.ladder import SiteLadder
from scheduler.services import audit, scope
from scheduler.services.actor import Actor
from scheduler.services.outgoing import ladders, reminders
from scheduler.transaction import retried, transaction

RIGHT = "edit_texts"
BATCH = 50
"""Patients whose reminders are computed in one transaction."""
NEVER = "This word must not leave: {}."


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the page shows: the site, its word, and the version that a change must name."""

    site: Site
    ladder: SiteLadder
    version: int


def read(site_id: int, actor: Actor) -> Page:
    """Raises NotFound, NotAllowed."""
    actor.require(RIGHT)
    site = scope.find(Site, site_id, actor)
    return Page(site=site, ladder=ladders.of_site(site), version=site.messages_version)


@retried
def change(site_id: int, ladder: SiteLadder, actor: Actor, *, version: int, now: datetime) -> bool:
    """Whether anything changed. New bookings follow at once; reminders of visits that are booked
    already are computed anew by the standing job, so that nobody waits for it.

    Raises Stale, Invalid for a clinic's own text that is not discreet, NotFound, NotAllowed.
    """
    actor.require(RIGHT)
    with transaction():
        scope.find(Site, site_id, actor)
        site = db.session.get_one(Site, site_id, with_for_update={"key_share": True})
        if site.messages_version != version:
            raise Stale
        _refuse_telling(ladder, site)
        if ladder.to_plain() == site.ladder:
            return False
        site.ladder = ladder.to_plain()
        site.messages_version += 1
        site.ladder_behind = 0
        audit.note(actor, "change_reminders", f"site:{site.id}", now=now)
        return True


def _refuse_telling(ladder: SiteLadder, site: Site) -> None:
    for place, rule in enumerate(ladder.own):
        if found := discreet.tell_tales(rule.text, site.discreet_words):
            raise Invalid(NEVER.format(found[0]), field=f"own.{place}.text")


def follow(*, now: datetime) -> int:
    """A standing job: the reminders of patients whose site has changed its ladder; how many
    patients."""
    behind = select(Site.id).where(Site.ladder_behind.is_not(None)).order_by(Site.id)
    done = 0
    for site_id in db.session.scalars(behind).all():
        while some := _follow_some(site_id, now):
            done += some
    return done


@retried
def _follow_some(site_id: int, now: datetime) -> int:
    """The next patients of a site; 0 when all follow. Another change of the ladder begins anew."""
    with transaction():
        site = db.session.get_one(Site, site_id, with_for_update={"key_share": True})
        if site.ladder_behind is None:
            return 0
        patient_ids = _next_patients(site, now)
        site.ladder_behind = patient_ids[-1] if patient_ids else None
        for patient_id in patient_ids:
            locked = {"key_share": True}
            db.session.get_one(Patient, patient_id, with_for_update=locked, populate_existing=True)
            reminders.refresh(patient_id, now=now, told_at={})
        return len(patient_ids)


def _next_patients(site: Site, now: datetime) -> list[int]:
    rows = select(Visit.patient_id).where(
        Visit.organisation_id == site.organisation_id,
        Visit.site_id == site.id,
        Visit.state.in_(PLANNED_STATES),
        Visit.starts_at > now,
        Visit.patient_id > (site.ladder_behind or 0),
    )
    return list(db.session.scalars(rows.distinct().order_by(Visit.patient_id).limit(BATCH)))
