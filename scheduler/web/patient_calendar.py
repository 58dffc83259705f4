"""The patient's page and calendars: one entry to add, or the list to follow (calendar 6)."""

from __future__ import annotations

from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from config import Settings
from scheduler.clock import utcnow
from scheduler.errors import NotFound
from scheduler.services.own import own_calendar, own_page
from scheduler.web.own_link import back
from scheduler.web.own_words import words_for
from scheduler.web.patient_page import bp, chosen, proven


@bp.get("/<token>/appointment.ics")
def appointment(token: str) -> ResponseReturnValue:
    """Opened by the calendar program of the phone itself: no attachment, no file name but this."""
    link, visit_id = proven(token), chosen()
    if visit_id is None:
        raise NotFound
    visit = own_page.visit_of(link, visit_id, now=utcnow())
    return Response(own_calendar.appointment(visit), content_type="text/calendar; charset=utf-8")


@bp.post("/<token>/feed")
def feed(token: str) -> ResponseReturnValue:
    """The address is shown this once, in the answer itself: no page and no session keeps it."""
    link, settings = proven(token), _settings()
    made = own_calendar.follow(
        link,
        request.form.get("form_token", ""),
        now=utcnow(),
        undo_seconds=settings.undo_seconds,
    )
    if made is None:
        return back(token, "twice")
    page = own_page.read(link, now=utcnow())
    address = f"{settings.public_url.rstrip('/')}/cal/{made}.ics"
    return render_template(
        "p/feed.html",
        t=words_for(page.site, page.patient.language),
        token=token,
        address=address,
        webcal=f"webcal://{address.partition('://')[2]}",
    )


@bp.post("/<token>/feed-stop")
def feed_stop(token: str) -> ResponseReturnValue:
    """Entries by mail again."""
    own_calendar.by_mail(proven(token), now=utcnow(), undo_seconds=_settings().undo_seconds)
    return back(token, "feed_stopped")


def _settings() -> Settings:
    settings: Settings = current_app.config["CHAIRTIME"]
    return settings
