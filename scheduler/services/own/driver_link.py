"""What a driver's link shows: where to be and when; nothing of why (domain R6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.errors import NotFound
from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.services.outgoing import reach
from scheduler.services.own import answer_rows
from scheduler.services.own.link_gate import Opened


@dataclass(frozen=True, kw_only=True)
class Ride:
    """`at` is when the visit ends, aware UTC; `says` what the driver answered."""

    driver: str
    first_name: str
    place: str
    at: datetime
    says: str


@dataclass(frozen=True, kw_only=True)
class RidePage:
    """`ride` is None where the visit moved, is over, or somebody else drives now."""

    site: Site
    language: str
    ride: Ride | None


def read(link: Opened, *, now: datetime) -> RidePage:
    """Raises NotFound."""
    visit = db.session.get(Visit, link.visit_id) if link.visit_id else None
    if visit is None or visit.organisation_id != link.organisation_id:
        raise NotFound
    site = db.session.get_one(Site, visit.site_id)
    patient = db.session.get_one(Patient, visit.patient_id)
    ride = Ride(
        driver=answer_rows.driver_of(visit).name.split(" ")[0],
        first_name=patient.first_name,
        place=site.address,
        at=visit.leaves_at,
        says=visit.driver_says,
    )
    holds = _still_asked(link, visit, now)
    return RidePage(site=site, language=patient.language, ride=ride if holds else None)


def _still_asked(link: Opened, visit: Visit, now: datetime) -> bool:
    """The pick-up as the message told it, and the same person (trust I7)."""
    driver = answer_rows.driver_of(visit)
    if visit.state not in PLANNED_STATES or visit.starts_at <= now or not driver.name:
        return False
    row = db.session.get(Outbox, link.outbox_id) if link.outbox_id else None
    if row is None:
        return True
    told = row.facts.get("leaves_at", visit.leaves_at.isoformat())
    return reach.number(driver.phone) == row.recipient and told == visit.leaves_at.isoformat()
