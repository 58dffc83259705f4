"""What plans are made from: sites with chairs, hours, nurses and closures; series templates."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.models import Chair, Closure, Site
from scheduler.services import chairs, closures, cover, opening, sites
from scheduler.services.actor import Actor
from scheduler.web import chairs as chairs_web
from scheduler.web import closures as closures_web
from scheduler.web import cover as cover_web
from scheduler.web import opening as opening_web
from scheduler.web import sites as sites_web
from scheduler.web.auth import current_actor, permits
from scheduler.web.week_words import cover_words, hours_words

bp = Blueprint("setup", __name__, url_prefix="/setup")
bps = (bp, sites_web.bp, chairs_web.bp, opening_web.bp, cover_web.bp, closures_web.bp)


@dataclass(frozen=True)
class SiteCard:
    """One site at a glance."""

    site: Site
    chairs: list[Chair]
    hours: list[str]
    cover: list[str]
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
        closures=closures.of_site(site.id, actor, since=utcnow())[:3],
    )
