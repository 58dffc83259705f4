"""Sites: add and change."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from config import Settings
from scheduler.clock import utcnow
from scheduler.errors import Invalid, Stale
from scheduler.planning import zones
from scheduler.services import sites
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.site import SiteForm
from scheduler.web.notes import note
from scheduler.web.stale import differences, version_of

bp = Blueprint("sites", __name__, url_prefix="/setup/sites")


@bp.get("/new")
@permits("edit_capacity")
def new() -> ResponseReturnValue:
    return _page(SiteForm(), None)


@bp.post("/new")
@permits("edit_capacity")
def create() -> ResponseReturnValue:
    form = SiteForm()
    if not form.validate() or _without_provider(form):
        return _page(form, None), 422
    try:
        site_id = sites.add(form.to_request(), current_actor(), now=utcnow())
    except Invalid as refused:
        form.refuse(refused)
        return _page(form, None), 422
    note("ok", f"{form.name.data} is there.", "Give it chairs, opening hours and nurses next.")
    return redirect(url_for("chairs.index", site_id=site_id))


@bp.get("/<int:site_id>/edit")
@permits("edit_capacity")
def edit(site_id: int) -> ResponseReturnValue:
    return _page(SiteForm.of(sites.find(site_id, current_actor())), site_id)


@bp.post("/<int:site_id>/edit")
@permits("edit_capacity")
def update(site_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), SiteForm()
    sites.find(site_id, actor)
    if not form.validate() or _without_provider(form):
        return _page(form, site_id), 422
    version = version_of(form)
    try:
        sites.change(site_id, form.to_request(), actor, version=version, now=utcnow())
    except Invalid as refused:
        form.refuse(refused)
        return _page(form, site_id), 422
    except Stale:
        site = sites.find(site_id, actor)
        changed = differences(form, SiteForm.of(site))
        form.version.data = site.version
        return _page(form, site_id, changed), 409
    note("ok", "Saved.")
    return redirect(url_for("setup.index"))


def _without_provider(form: SiteForm) -> bool:
    """A way that nobody carries may not be switched on."""
    settings: Settings = current_app.config["CHAIRTIME"]
    if settings.phone_url or settings.mode != "production":
        return False
    for way in (form.sms_on, form.voice_on):
        if way.data:
            way.errors = ["Nobody carries these yet: your administrator sets PHONE_URL first."]
    return bool(form.sms_on.data or form.voice_on.data)


def _page(form: SiteForm, site_id: int | None, changed: object = None) -> str:
    return render_template(
        "sites/edit.html", form=form, site_id=site_id, changed=changed, zone_names=zones.names()
    )
