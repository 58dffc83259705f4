"""When the rules of a time zone change, coming visits keep their wall time (trust I16, domain G).

The version of the zone data that the visits were computed with stands at the organisation; where a
newer one is installed, every coming visit is compared with its own wall time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

from sqlalchemy import select

from scheduler.errors import ChairTaken, PatientBusy
from scheduler.extensions import db
from scheduler.models import Organisation, Outbox, Site, Visit
from scheduler.models.task import URGENT
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.opening import instant, local
from scheduler.planning.visit import VisitShape
from scheduler.services import claims, tasks
from scheduler.services.actor import Actor, command_line
from scheduler.services.outgoing import outbox, outbox_invites, outbox_rows
from scheduler.services.site_days import lock_days
from scheduler.services.tasks import NewTask
from scheduler.services.visit_rows import LOCAL_FORM, Change, remember
from scheduler.transaction import retried, transaction

WHO = "Time zone rules"
WHY = "The rules of the time zone changed; the visit keeps its hour on the clock."
CLASH = "zone_clash"
CLASHED = (
    "The rules of the time zone changed and another visit has this place now: call and move it."
)
TOLD = ("invite", "update")
SAMPLE = "America/New_York"
AHEAD = (*PLANNED_STATES, "held")
ZoneOf = Callable[[Site], ZoneInfo]


def zone_of(site: Site) -> ZoneInfo:
    """By the rules that are installed now."""
    return site.zone


def installed() -> str:
    """The version of the rules that ZoneInfo reads: the machine's where it has some, else those
    that came with the program. Such as 2026f."""
    for folder in map(Path, TZPATH):
        if (folder / "tzdata.zi").is_file():
            with (folder / "tzdata.zi").open(encoding="utf-8") as listing:
                return listing.readline().rpartition(" ")[2].strip()[:20]
        if (folder / SAMPLE).is_file():  # rules without a version: a new file is a new one
            return f"system-{int((folder / SAMPLE).stat().st_mtime)}"
    return str(import_module("tzdata").IANA_VERSION)


def follow(*, now: datetime) -> int:
    """A standing job: nothing to do while no organisation is behind. How many visits changed."""
    version = installed()
    behind = select(Organisation.id).where(Organisation.zone_data != version)
    ids = db.session.scalars(behind.order_by(Organisation.id)).all()
    return sum(recompute(organisation_id, version, now=now) for organisation_id in ids)


def recompute(organisation_id: int, version: str, *, now: datetime, zones: ZoneOf = zone_of) -> int:
    """Site by site and day by day, each in a transaction; again does no harm. How many visits
    stand at another instant now."""
    sites = select(Site).where(Site.organisation_id == organisation_id).order_by(Site.id)
    changed = 0
    for site in db.session.scalars(sites).all():
        days = sorted(
            {visit.starts_on for visit in _ahead(site, now) if _moved(visit, zones(site))}
        )
        changed += sum(_day(site.id, on, now, zones) for on in days)
    _known(organisation_id, version)
    return changed


@retried
def _known(organisation_id: int, version: str) -> None:
    with transaction():
        db.session.get_one(Organisation, organisation_id).zone_data = version


def _ahead(site: Site, now: datetime, on: date | None = None) -> Sequence[Visit]:
    rows = select(Visit).where(
        Visit.organisation_id == site.organisation_id,
        Visit.site_id == site.id,
        Visit.state.in_(AHEAD),
        Visit.starts_at > now,
    )
    if on is not None:
        rows = rows.where(Visit.starts_on == on)
    return db.session.scalars(rows.order_by(Visit.starts_at, Visit.id)).all()


def _moved(visit: Visit, zone: ZoneInfo) -> bool:
    """The clocks there show another hour at its instant than the one that was promised."""
    return local(zone, visit.starts_at).strftime(LOCAL_FORM) != visit.local_starts


def _promised(visit: Visit, zone: ZoneInfo) -> datetime:
    wall = datetime.fromisoformat(visit.local_starts)
    return instant(zone, wall.date(), wall.time())


@retried
def _day(site_id: int, on: date, now: datetime, zones: ZoneOf) -> int:
    """Every visit of the day gives up its place, then each takes its new one, earliest first."""
    with transaction():
        site = db.session.get_one(Site, site_id)
        patients = [visit.patient_id for visit in _ahead(site, now, on)]
        lock_days(site.organisation_id, patients, [(site.id, on)])
        moving = [one for one in _ahead(site, now, on) if _moved(one, zones(site))]
        claims.release([visit.id for visit in moving])
        for visit in moving:
            _put(visit, _promised(visit, zones(site)), now)
        db.session.flush()
        for visit in moving:
            _settle(visit, now)
        return len(moving)


def _put(visit: Visit, starts_at: datetime, now: datetime) -> None:
    times = VisitShape.from_plain(visit.shape).times(starts_at)
    visit.arrives_at, visit.starts_at = times.arrives_at, times.starts_at
    visit.leaves_at, visit.chair_until = times.leaves_at, times.chair_until
    visit.version += 1
    visit.sequence += 1
    visit.changed_at = now


def _settle(visit: Visit, now: datetime) -> None:
    """Its place at the new instant, or the urgent task of one that lost it."""
    before = visit.state
    try:
        with db.session.begin_nested():
            claims.take(visit)
    except (ChairTaken, PatientBusy):
        visit.state = "displaced"
        tasks.add(_clash(visit, now), now=now)
    db.session.flush()
    remember(visit, Change(actor=_nobody(visit), now=now, from_state=before, reason=WHY))
    if visit.state not in PLANNED_STATES:
        return
    if outbox_invites.invited(visit.patient):
        outbox.queue_visit_changed(visit, now=now, undo_seconds=0)
        _same_hour(visit)
    else:  # the feed follows by itself, and in words nothing has changed
        _retell(visit)
        outbox.refresh(visit.patient_id, now=now)


def _nobody(visit: Visit) -> Actor:
    return command_line(visit.organisation_id, WHO)


def _same_hour(visit: Visit) -> None:
    """The calendar gets the new instant; in words the hour is what it was, so nothing "moved"."""
    rows = select(Outbox).where(
        Outbox.visit_id == visit.id, Outbox.kind == "update", Outbox.state == "waiting"
    )
    for row in db.session.scalars(rows):
        row.facts = {**row.facts, "before": row.facts["visit"]}


def _retell(visit: Visit) -> None:
    """Words that wait speak of the visit as it stands now."""
    site = db.session.get_one(Site, visit.site_id)
    rows = select(Outbox).where(
        Outbox.visit_id == visit.id, Outbox.kind.in_(TOLD), Outbox.state == "waiting"
    )
    for row in db.session.scalars(rows):
        row.facts = {**row.facts, "visit": outbox_rows.told(visit, site).to_plain()}
        row.sequence, row.version = visit.sequence, visit.version


def _clash(visit: Visit, now: datetime) -> NewTask:
    return NewTask.of_visit(
        visit,
        CLASH,
        due_at=now,
        what=CLASHED,
        priority=URGENT,
    )
