"""Places where patients are treated: reading, adding and changing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from scheduler.errors import Invalid, Stale
from scheduler.extensions import db
from scheduler.invites.identity import sender_refusal
from scheduler.models import Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning import discreet, zones
from scheduler.services import audit, closed_over, scope, site_days
from scheduler.services.actor import Actor
from scheduler.transaction import retried, transaction

SELF_SERVICE = ("off", "ask", "move")
"""What a patient may do about another time on their own page (domain F)."""


@dataclass(frozen=True, kw_only=True)
class SiteRequest:
    """What a person may set. `public_name` and `sender_address` are all that patients see."""

    name: str
    public_name: str
    zone_name: str
    address: str
    phone: str
    sender_address: str
    start_step_minutes: int
    horizon_days: int
    sms_on: bool = False
    voice_on: bool = False
    self_service: str = "move"


def all_sites(actor: Actor) -> list[Site]:
    return list(db.session.scalars(scope.scoped(Site, actor).order_by(Site.name, Site.id)))


def first(actor: Actor) -> Site | None:
    """The one that is shown where nobody chose."""
    return db.session.scalar(scope.scoped(Site, actor).order_by(Site.id).limit(1))


def find(site_id: int, actor: Actor) -> Site:
    """Raises NotFound."""
    return scope.find(Site, site_id, actor)


def add(request: SiteRequest, actor: Actor, *, now: datetime) -> int:
    """Returns the new site's id. Raises Invalid, NotAllowed."""
    actor.require("edit_capacity")
    _check(request)
    with transaction():
        _refuse_name(request.name, None, actor)
        site = Site(organisation_id=actor.organisation_id, **asdict(request))
        db.session.add(site)
        db.session.flush()
        audit.note(actor, "add_site", f"site:{site.id}", now=now)
        return site.id


@retried
def change(
    site_id: int, request: SiteRequest, actor: Actor, *, version: int, now: datetime
) -> None:
    """Raises Stale if it was changed since `version` (trust I6), Invalid, NotFound, NotAllowed."""
    actor.require("edit_capacity")
    _check(request)
    with transaction():
        site = scope.find(Site, site_id, actor)
        days = closed_over.days(site, now)
        site_days.lock_days(actor.organisation_id, [], [(site.id, on) for on in days])
        db.session.refresh(site)
        if site.version != version:
            raise Stale
        _refuse_name(request.name, site.id, actor)
        _refuse_telling(request, site.discreet_words)
        if request.zone_name != site.zone_name:
            _refuse_zone(site, now)
        _follow_ways(site, request)
        for name, value in asdict(request).items():
            setattr(site, name, value)
        site.version += 1
        site.capacity_version += 1
        audit.note(actor, "change_site", f"site:{site.id}", now=now)


def _follow_ways(site: Site, request: SiteRequest) -> None:
    """A way that opens or closes here: reminders that are planned already look for their way anew
    (the standing job of site_ladders)."""
    if (site.sms_on, site.voice_on) != (request.sms_on, request.voice_on):
        site.ladder_behind = 0
        site.messages_version += 1


def _check(request: SiteRequest) -> None:
    if not zones.is_known(request.zone_name):
        raise Invalid(zones.refusal(request.zone_name), field="zone_name")
    if request.self_service not in SELF_SERVICE:
        raise Invalid("Choose what patients may do.", field="self_service")
    _refuse_telling(request)
    if refusal := sender_refusal(request.sender_address):
        raise Invalid(refusal, field="sender_address")


def _refuse_telling(request: SiteRequest, own: Sequence[str] = ()) -> None:
    """Name, address and sender stand in every mail and calendar (trust I17)."""
    found = {
        "public_name": discreet.tell_tales(request.public_name, own),
        "address": discreet.plain_tales(request.address, own),
        "sender_address": discreet.plain_tales(request.sender_address, own),
    }
    for field, telling in found.items():
        if telling:
            raise Invalid(
                f"Patients' mails and calendars show this to everybody. Leave out {telling[0]}.",
                field=field,
            )


def _refuse_name(name: str, own_id: int | None, actor: Actor) -> None:
    for other in db.session.scalars(scope.scoped(Site, actor)):
        if other.id != own_id and other.name.casefold() == name.casefold():
            raise Invalid("Another site has this name.", field="name")


def _refuse_zone(site: Site, now: datetime) -> None:
    """Booked visits are promised in the old zone's wall time; a new zone would move all of them."""
    ahead = db.session.scalar(
        select(Visit.id)
        .where(
            Visit.organisation_id == site.organisation_id,
            Visit.site_id == site.id,
            Visit.state.in_(PLANNED_STATES),
            Visit.leaves_at > now,
        )
        .limit(1)
    )
    if ahead is not None:
        raise Invalid(
            "Visits are booked here in the present zone. Move or cancel them first, or add the"
            " other place as a site of its own.",
            field="zone_name",
        )
