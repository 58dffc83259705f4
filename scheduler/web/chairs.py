"""Chairs of a site: list, add, change."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import Invalid, NeedsConfirmation, Stale
from scheduler.services import chairs, sites
from scheduler.services.own import feeds
from scheduler.web import consent
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.chair import ChairForm
from scheduler.web.notes import note
from scheduler.web.stale import differences, version_of

bp = Blueprint("chairs", __name__, url_prefix="/setup")


@bp.get("/sites/<int:site_id>/chairs")
@permits("edit_capacity")
def index(site_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site = sites.find(site_id, actor)
    rows, made = chairs.of_site(site_id, actor), feeds.of_chairs(site_id, actor)
    return render_template("chairs/index.html", site=site, chairs=rows, feeds=made)


@bp.get("/sites/<int:site_id>/chairs/new")
@permits("edit_capacity")
def new(site_id: int) -> ResponseReturnValue:
    return _page(site_id, ChairForm(position=chairs.next_position(site_id, current_actor())))


@bp.post("/sites/<int:site_id>/chairs/new")
@permits("edit_capacity")
def create(site_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), ChairForm()
    sites.find(site_id, actor)
    if not form.validate():
        return _page(site_id, form), 422
    try:
        chairs.add(site_id, form.to_request(), actor, now=utcnow())
    except Invalid as refused:
        form.refuse(refused)
        return _page(site_id, form), 422
    note("ok", f"{form.name.data} is there.")
    return redirect(url_for("chairs.index", site_id=site_id))


@bp.get("/chairs/<int:chair_id>/edit")
@permits("edit_capacity")
def edit(chair_id: int) -> ResponseReturnValue:
    chair = chairs.find(chair_id, current_actor())
    return _page(chair.site_id, ChairForm(obj=chair), chair_id=chair_id)


@bp.post("/chairs/<int:chair_id>/edit")
@permits("edit_capacity")
def update(chair_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), ChairForm()
    site_id = chairs.find(chair_id, actor).site_id
    if not form.validate():
        return _page(site_id, form, chair_id=chair_id), 422
    why = consent.given(f"{form.name.data} is out of service.", utcnow())
    try:
        hit = chairs.change(
            chair_id, form.to_request(), actor, version=version_of(form), consent=why
        )
    except Invalid as refused:
        form.refuse(refused)
        return _page(site_id, form, chair_id=chair_id), 422
    except NeedsConfirmation as needs:
        asks = consent.question(needs, actor)
        return _page(site_id, form, chair_id=chair_id, asks=asks), 409
    except Stale:
        chair = chairs.find(chair_id, actor)
        changed = differences(form, ChairForm(formdata=None, obj=chair))
        form.version.data = chair.version
        return _page(site_id, form, chair_id=chair_id, changed=changed), 409
    note("ok", f"{form.name.data} is saved.", consent.told(hit))
    return redirect(url_for("chairs.index", site_id=site_id))


def _page(site_id: int, form: ChairForm, **more: object) -> str:
    site = sites.find(site_id, current_actor())
    return render_template("chairs/edit.html", site=site, form=form, **more)
