"""Opening hours of a site: the whole week on one page."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from scheduler.services import opening
from scheduler.web.auth import permits
from scheduler.web.forms.week import HoursForm
from scheduler.web.week_page import WeekPage
from scheduler.web.week_words import hours_words

bp = Blueprint("opening", __name__, url_prefix="/setup/sites")

PAGE = WeekPage(
    template="opening/edit.html",
    form=HoursForm,
    read=opening.of_site,
    save=opening.set_week,
    fingerprint=opening.fingerprint,
    plain=lambda span: (span.weekday, span.opens, span.closes, None),
    words=hours_words,
    why="The opening hours were changed.",
)


@bp.get("/<int:site_id>/hours")
@permits("edit_capacity")
def edit(site_id: int) -> ResponseReturnValue:
    return PAGE.show(site_id)


@bp.post("/<int:site_id>/hours")
@permits("edit_capacity")
def update(site_id: int) -> ResponseReturnValue:
    return PAGE.update(site_id)
