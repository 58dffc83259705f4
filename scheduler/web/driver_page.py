"""The page of whoever picks a patient up: where, when, "I will be there" (domain R6)."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import NotFound
from scheduler.services.own import answers, driver_link, links
from scheduler.web import own_link, own_notes
from scheduler.web.own_words import words_for

bp = own_link.open_to_all(Blueprint("driver_page", __name__, url_prefix="/d"))


@bp.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    page = driver_link.read(own_link.opened(token, links.DRIVER), now=utcnow())
    t = words_for(page.site, page.language)
    note = own_notes.plain(own_link.said(), t)
    return render_template("p/ride.html", t=t, token=token, ride=page.ride, note=note)


@bp.post("/<token>")
def answer(token: str) -> ResponseReturnValue:
    """Over or changed in the meantime: the page says so, and nothing is noted."""
    link, says = own_link.opened(token, links.DRIVER), request.form.get("say")
    if says not in ("yes", "no"):
        raise NotFound
    if driver_link.read(link, now=utcnow()).ride is not None:
        answers.driver_says(link, says, now=utcnow())
    return redirect(url_for("driver_page.show", token=token), 303)
