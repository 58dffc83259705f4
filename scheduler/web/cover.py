"""Nurses, and providers, on duty at a site: the whole week on one page each."""

from __future__ import annotations

from functools import partial

from flask import Blueprint
from flask.typing import ResponseReturnValue

from scheduler.services import cover
from scheduler.web.auth import permits
from scheduler.web.forms.week import CoverForm, ProviderForm
from scheduler.web.week_page import WeekPage
from scheduler.web.week_words import cover_words

bp = Blueprint("cover", __name__, url_prefix="/setup/sites")

PAGE = WeekPage(
    template="cover/edit.html",
    form=CoverForm,
    read=cover.nurses,
    save=cover.set_nurses,
    fingerprint=cover.fingerprint,
    plain=lambda span: (span.weekday, span.starts, span.ends, span.nurses),
    words=cover_words,
    why="Fewer nurses are on duty then.",
)
PROVIDERS = WeekPage(
    template="cover/edit.html",
    form=ProviderForm,
    read=cover.providers,
    save=cover.set_providers,
    fingerprint=cover.fingerprint,
    plain=PAGE.plain,
    words=partial(cover_words, noun="provider"),
    why="Fewer providers are on site then.",
)


@bp.get("/<int:site_id>/cover")
@permits("edit_capacity")
def edit(site_id: int) -> ResponseReturnValue:
    return PAGE.show(site_id)


@bp.post("/<int:site_id>/cover")
@permits("edit_capacity")
def update(site_id: int) -> ResponseReturnValue:
    return PAGE.update(site_id)


@bp.get("/<int:site_id>/providers")
@permits("edit_capacity")
def edit_providers(site_id: int) -> ResponseReturnValue:
    return PROVIDERS.show(site_id)


@bp.post("/<int:site_id>/providers")
@permits("edit_capacity")
def update_providers(site_id: int) -> ResponseReturnValue:
    return PROVIDERS.update(site_id)
