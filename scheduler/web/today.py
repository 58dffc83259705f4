"""The Today board: a day or a week of chairs, its table, and the panel of one visit."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import NotFound
from scheduler.models import Site
from scheduler.planning.opening import local
from scheduler.services import board, courses, sites, why_not
from scheduler.services.board import Board
from scheduler.services.outgoing import messages
from scheduler.web.auth import current_actor, permits
from scheduler.web.board_page import VIEWS, Asked, BoardPage
from scheduler.web.board_places import plain_places
from scheduler.web.forms.visits import WHY_MOVED
from scheduler.web.forms.wall import calendar_day

bp = Blueprint("today", __name__)
DAY = timedelta(days=1)
YEARS = (2000, 2150)
"""Room for the week before and after on both ends of what the address may ask for."""


@bp.get("/")
@permits("see_board")
def index() -> ResponseReturnValue:
    asked = _asked()
    if asked is None:
        return render_template("today/no_site.html")
    picked = _panel(asked.visit_id) if asked.visit_id else {}
    return render_template("today/index.html", page=_page(asked), why_moved=WHY_MOVED, **picked)


@bp.get("/board")
@permits("see_board")
def refresh() -> ResponseReturnValue:
    """What changed: nothing (304), or the parts of the page anew. The board asks every few
    seconds."""
    asked = _asked()
    if asked is None:
        raise NotFound
    etag = _etag(asked)
    if request.if_none_match.contains(etag):
        return _tagged(make_response("", 304), etag)
    return _tagged(make_response(render_template("today/_parts.html", page=_page(asked))), etag)


@bp.get("/board/visits/<int:visit_id>")
@permits("see_board")
def panel(visit_id: int) -> ResponseReturnValue:
    return render_template("today/_panel.html", asked=_asked(), **_panel(visit_id))


@bp.get("/board/visits/<int:visit_id>/places")
@permits("move")
def places(visit_id: int) -> ResponseReturnValue:
    """Where a visit could go on the day `on`, and what stands against every other place: a page,
    with `part` its middle, or JSON for the board."""
    actor, now = current_actor(), utcnow()
    picked = courses.visit_page(visit_id, actor, now=now)
    today = local(picked.site.zone, now).date()
    on, wrong = _day(request.args.get("on", ""), picked.visit.starts_on)
    found = why_not.places(visit_id, max(on, today), actor, now=now)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(plain_places(found))
    template = "today/_places.html" if "part" in request.args else "today/places.html"
    return render_template(
        template, picked=picked, places=found, wrong=wrong, today=today, a_day=DAY
    )


def _asked() -> Asked | None:
    """The address, read; None while the organisation has no site. Raises NotFound for a site it
    lacks."""
    every = sites.all_sites(current_actor())
    if not every:
        return None
    site = _site(every, request.args.get("site", type=int))
    today = local(site.zone, utcnow()).date()
    on, wrong = _day(request.args.get("on", ""), today)
    view = request.args.get("view")
    return Asked(
        site=site,
        sites=every,
        on=on,
        view=view if view in VIEWS else None,
        visit_id=request.args.get("visit", type=int),
        wrong=wrong,
    )


def _site(every: list[Site], site_id: int | None) -> Site:
    """The one asked for, else the one whose clock every page shows."""
    if site_id is None:
        return min(every, key=lambda one: one.id)
    found = [one for one in every if one.id == site_id]
    if not found:
        raise NotFound
    return found[0]


def _day(typed: str, today: date) -> tuple[date, str]:
    """The day, and a sentence if what was typed is none."""
    if not typed.strip():
        return today, ""
    try:
        on = calendar_day(typed[:40])
    except ValueError as error:
        return today, str(error)
    if not YEARS[0] <= on.year <= YEARS[1]:
        return today, f"The year {on.year} cannot be right."
    return on, ""


def _page(asked: Asked) -> BoardPage:
    found: Board = board.board(
        asked.site.id, asked.on, current_actor(), week=asked.is_week, now=utcnow()
    )
    return BoardPage(asked=asked, board=found, now=utcnow(), etag=_etag(asked))


def _etag(asked: Asked) -> str:
    return board.fingerprint(
        asked.site.id, asked.on, current_actor(), week=asked.is_week, now=utcnow()
    )


def _tagged(answer: Response, etag: str) -> Response:
    answer.set_etag(etag)
    return answer


def _panel(visit_id: int) -> dict[str, object]:
    actor = current_actor()
    sent = messages.of_visit(actor, visit_id) if actor.may("see_messages") else []
    return {"picked": courses.visit_page(visit_id, actor, now=utcnow()), "sent": sent}
