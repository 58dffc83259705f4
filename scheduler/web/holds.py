"""Holds a plan for two days, books what is held, or gives it up."""

from __future__ import annotations

import secrets

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, Invalid, PlaceTaken, Stale
from scheduler.services import courses, holding, sites
from scheduler.services.holding import Held, HoldRequest
from scheduler.web.auth import current_actor, permits
from scheduler.web.filters import in_words, stamp
from scheduler.web.forms.series import as_id
from scheduler.web.leaving import leaving_words
from scheduler.web.new_series import NewSeries
from scheduler.web.notes import note
from scheduler.web.policy import current_policy
from scheduler.web.series import placed

bp = Blueprint("holds", __name__)
bp.add_app_template_global(lambda: secrets.token_hex(16), "new_form_token")


@bp.post("/series/hold")
@permits("book")
def create() -> ResponseReturnValue:
    """All visits of the plan, or none."""
    page, held, again = placed(holding.hold)
    if held is None:
        return again
    _say_held(page, held)
    return _shown(held)


@bp.post("/visits/<int:visit_id>/hold/book")
@permits("book")
def book(visit_id: int) -> ResponseReturnValue:
    """Every visit of the hold that this one belongs to."""
    actor, now = current_actor(), utcnow()
    try:
        held = holding.book_now(_sent(visit_id), actor, now=now, policy=current_policy())
    except (IllegalChange, Invalid, PlaceTaken, Stale) as refused:
        note("warn", "This was not booked.", refused.message)
        return _back(visit_id)
    _say(held, "booked", "confirmation")
    return _shown(held)


@bp.post("/visits/<int:visit_id>/hold/release")
@permits("book")
def release(visit_id: int) -> ResponseReturnValue:
    """The places are free again at once."""
    actor, now = current_actor(), utcnow()
    try:
        held = holding.release(_sent(visit_id), actor, now=now, policy=current_policy())
    except (IllegalChange, Invalid, Stale) as refused:
        note("warn", "This was not released.", refused.message)
        return _back(visit_id)
    _say(held, "released", "message")
    return _shown(held)


def _sent(visit_id: int) -> HoldRequest:
    version, token = as_id(request.form.get("version")) or 0, request.form.get("token", "")
    return HoldRequest(visit_id=visit_id, version=version, token=token)


def _say_held(page: NewSeries, held: Held) -> None:
    if page.patient is None or page.site is None:
        return
    until = stamp(held.until, page.site.zone) if held.until else "now"
    lead = f"{_visits(held)} held for {page.patient.name} until {until}."
    note("ok", lead, leaving_words(held.leaves_at, page.now, page.site.zone))


def _say(held: Held, what: str, message: str) -> None:
    visit = courses.visit_page(held.visit_ids[0], current_actor(), now=utcnow()).visit
    zone = sites.find(visit.site_id, current_actor()).zone
    note("ok", f"{_visits(held)} {what}.", leaving_words(held.leaves_at, utcnow(), zone, message))


def _visits(held: Held) -> str:
    count = len(held.visit_ids)
    return f"{in_words(count).capitalize()} {'visit' if count == 1 else 'visits'}"


def _shown(held: Held) -> ResponseReturnValue:
    if held.series_id is None:
        return redirect(url_for("visits.show", visit_id=held.visit_ids[0]))
    return redirect(url_for("series.show", series_id=held.series_id))


def _back(visit_id: int) -> ResponseReturnValue:
    visit = courses.visit_page(visit_id, current_actor(), now=utcnow()).visit
    if visit.series_id is None:
        return redirect(url_for("visits.show", visit_id=visit_id))
    return redirect(url_for("series.show", series_id=visit.series_id))
