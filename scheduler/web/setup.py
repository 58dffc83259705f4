"""What plans are made from: sites with chairs, hours, nurses and closures; series templates."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.models import Chair, Closure, CoverChange, Site
from scheduler.services import chairs, closures, cover, equipment, opening, sites, staffing
from scheduler.services.actor import Actor
from scheduler.web import chairs as chairs_web
from scheduler.web import closures as closures_web
from scheduler.web import cover as cover_web
from scheduler.web import duty as duty_web
from scheduler.web import equipment as equipment_web
from scheduler.web import opening as opening_web
from scheduler.web import site_limits as site_limits_web
from scheduler.web import sites as sites_web
from scheduler.web import staffing as staffing_web
from scheduler.web.auth import current_actor, permits
from scheduler.web.week_words import cover_words, hours_words

bp = Blueprint("setup", __name__, url_prefix="/setup")
bps = (
    bp,
    sites_web.bp,
    chairs_web.bp,
    opening_web.bp,
    cover_web.bp,
    closures_web.bp,
    staffing_web.bp,
    equipment_web.bp,
    site_limits_web.bp,
    duty_web.bp,
)


@dataclass(frozen=True)
class SiteCard:
    """One site at a glance."""

    site: Site
    chairs: list[Chair]
    hours: list[str]
    cover: list[str]
    providers: list[str]
    staff: list[CoverChange]
    equipment: list[str]
    closures: list[Closure]

    @property
    def chair_names(self) -> dict[int, str]:
        return {one.id: one.name for one in self.chairs}


@bp.get("")
@permits("see_protocols")
def index() -> ResponseReturnValue:
    actor = current_actor()
    cards = [_card(site, actor) for site in sites.all_sites(actor)]
    return render_template("setup/index.html", cards=cards)


def _card(site: Site, actor: Actor) -> SiteCard:
    return SiteCard(
        site=site,
        chairs=chairs.of_site(site.id, actor),
        hours=hours_words(opening.of_site(site.id, actor)),
        cover=cover_words(cover.nurses(site.id, actor)),
        providers=cover_words(cover.providers(site.id, actor), "provider"),
        staff=staffing.of_site(site.id, actor, since=utcnow())[:3],
        equipment=[
            equipment_web.counted_words(kind, number)
            for kind, number in equipment.counts(site.id, actor).items()
        ],
        closures=closures.of_site(site.id, actor, since=utcnow())[:3],
    )
