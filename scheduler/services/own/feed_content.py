"""What stands in a private calendar: bytes that change only when its visits do (calendar F1 to
F7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from icalendar import STATUS
from sqlalchemy import ColumnElement, func, or_, select

from scheduler.errors import NotFound
from scheduler.extensions import db
from scheduler.invites.feed import Shown, feed
from scheduler.models import Link, Patient, Site, Visit
from scheduler.models.visit import HOLDING_STATES
from scheduler.planning.interval import Interval
from scheduler.planning.visit import VisitShape
from scheduler.services.outgoing import texts
from scheduler.services.own import links
from scheduler.services.own.links import CHAIR, FEED

KEPT = timedelta(days=30)
"""How long what is over, or was cancelled, stays (F3)."""
GONE = ("cancelled", "released", "displaced", "entered_in_error")
STANDS = (*HOLDING_STATES, "no_show")
MADE = "Appointments"
"""The name that a subscription shows where the site has none."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """`changed_at`: nothing in it can be newer; whole seconds, aware UTC."""

    data: bytes
    changed_at: datetime


def read(token: str, *, now: datetime) -> Feed:
    """Raises NotFound, alike for an address that never was and one that was ended."""
    try:
        link = links.find(token, FEED, now=now)
    except NotFound:
        return _of_chair(links.find(token, CHAIR, now=now), now)
    return _of_patient(link, now)


def _of_patient(link: Link, now: datetime) -> Feed:
    """Empty while the patient's calendar is filled by mail: else every visit would show twice."""
    patient, site = (
        db.session.get_one(Patient, link.patient_id),
        db.session.get_one(Site, link.site_id),
    )
    visits = _visits(link, now, Visit.patient_id == patient.id)
    subscribes = patient.calendar == "feed"
    title = texts.wording(site, patient.language).line("say.title")
    entries = [_visit(one, title) for one in visits if subscribes and not _lapsed(one, now)]
    return _feed(site, entries, [_changed_at(visit) for visit in visits], now)


def _of_chair(link: Link, now: datetime) -> Feed:
    site = db.session.get_one(Site, link.site_id)
    here = or_(Visit.chair_id == link.chair_id, Visit.bay_id == link.chair_id)
    entries = [one for visit in _visits(link, now, here) for one in _on_chair(visit, link, site)]
    return _feed(site, entries, _changes_at(site, now), now)


def _changes_at(site: Site, now: datetime) -> list[datetime]:
    """When anything changed last on the days shown: a visit may have gone to another chair."""
    newest = select(func.max(Visit.changed_at)).where(
        Visit.organisation_id == site.organisation_id,
        Visit.site_id == site.id,
        Visit.starts_on >= (_midnight(now) - KEPT).date(),
    )
    at = db.session.scalar(newest)
    return [] if at is None else [at]


def _feed(
    site: Site, entries: Sequence[Shown], changes_at: Sequence[datetime], now: datetime
) -> Feed:
    """What drops out of it does so at midnight UTC, so nothing changes without a newer time."""
    changed = [_midnight(now), *changes_at]
    data = feed(site.public_name or MADE, site.zone, entries)
    return Feed(data=data, changed_at=max(changed).replace(microsecond=0))


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC).date(), time(), tzinfo=UTC)


def _visits(link: Link, now: datetime, *which: ColumnElement[bool]) -> Sequence[Visit]:
    since = _midnight(now) - KEPT
    stands = Visit.state.in_(STANDS) & (Visit.leaves_at >= since)
    gone = Visit.state.in_(GONE) & (Visit.changed_at >= since)
    rows = select(Visit).where(Visit.organisation_id == link.organisation_id, stands | gone, *which)
    return db.session.scalars(rows.order_by(Visit.starts_at, Visit.id)).all()


def _changed_at(visit: Visit) -> datetime:
    return visit.changed_at or visit.created_at


def _lapsed(visit: Visit, now: datetime) -> bool:
    """A hold that is over but not swept yet is shown to nobody."""
    return visit.state == "held" and visit.held_until is not None and visit.held_until <= now


def _status(visit: Visit) -> STATUS:
    if visit.state in GONE:
        return STATUS.CANCELLED
    return STATUS.TENTATIVE if visit.state == "held" else STATUS.CONFIRMED


def _visit(visit: Visit, title: str) -> Shown:
    site = db.session.get_one(Site, visit.site_id)
    return Shown(
        uid=visit.uid,
        sequence=visit.sequence,
        changed_at=_changed_at(visit),
        span=Interval(visit.arrives_at, visit.leaves_at),
        zone=site.zone,
        status=_status(visit),
        summary=title,
        location=site.address,
    )


def _on_chair(visit: Visit, link: Link, site: Site) -> Iterator[Shown]:
    """The time that the chair, or the bay, is taken; initials at most (calendar 6, trust I17)."""
    shape = VisitShape.from_plain(visit.shape)
    span = shape.chair_span(visit.starts_at, with_bay=visit.bay_id is not None)
    if visit.bay_id == link.chair_id:
        bay = shape.bay_span(visit.starts_at)
        if bay is None:
            return
        span = bay
    names = (visit.patient.first_name, visit.patient.last_name)
    yield Shown(
        uid=visit.uid,
        sequence=visit.sequence,
        changed_at=_changed_at(visit),
        span=span,
        zone=site.zone,
        status=_status(visit),
        summary="".join(name[:1].upper() for name in names),
    )
