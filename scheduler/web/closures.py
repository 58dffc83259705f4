"""Closures of a site or of one chair: list, add, change, open again."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import Invalid, NeedsConfirmation, Stale
from scheduler.models import Site
from scheduler.services import chairs, closures, sites
from scheduler.services.closed_over import Consent
from scheduler.web import consent
from scheduler.web.auth import current_actor, permits
from scheduler.web.filters import closed_when
from scheduler.web.forms.closure import ClosureForm
from scheduler.web.notes import Way, note
from scheduler.web.stale import differences

bp = Blueprint("closures", __name__, url_prefix="/setup")


@bp.get("/sites/<int:site_id>/closures")
@permits("edit_capacity")
def index(site_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site = sites.find(site_id, actor)
    rows = closures.of_site(site_id, actor, since=utcnow())
    names = {one.id: one.name for one in chairs.of_site(site_id, actor)}
    return render_template("closures/index.html", site=site, closures=rows, names=names)


@bp.get("/sites/<int:site_id>/closures/new")
@permits("edit_capacity")
def new(site_id: int) -> ResponseReturnValue:
    site = sites.find(site_id, current_actor())
    return _page(site, _form(site))


@bp.post("/sites/<int:site_id>/closures/new")
@permits("edit_capacity")
def create(site_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site = sites.find(site_id, actor)
    form = _form(site)
    if not form.validate():
        return _page(site, form), 422
    try:
        given = _consent(site, form)
        closure_id, hit = closures.add(site_id, form.to_request(), actor, consent=given)
    except Invalid as refused:
        form.refuse(refused)
        return _page(site, form), 422
    except NeedsConfirmation as needs:
        return _page(site, form, asks=consent.question(needs, actor)), 409
    url = url_for("displaced.index", closure_id=closure_id)
    way = Way(text="See them and tell them", url=url) if hit else None
    note("ok", "Closed.", consent.told(hit), way=way)
    return redirect(url_for("closures.index", site_id=site_id))


@bp.get("/closures/<int:closure_id>/edit")
@permits("edit_capacity")
def edit(closure_id: int) -> ResponseReturnValue:
    actor = current_actor()
    closure = closures.find(closure_id, actor)
    site = sites.find(closure.site_id, actor)
    form = ClosureForm.of(closure, site.zone).at(site.zone, chairs.of_site(site.id, actor))
    form.was.data = closures.fingerprint(closure)
    return _page(site, form, closure_id=closure_id)


@bp.post("/closures/<int:closure_id>/edit")
@permits("edit_capacity")
def update(closure_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site = sites.find(closures.find(closure_id, actor).site_id, actor)
    form, shown = _form(site), {"closure_id": closure_id}
    if not form.validate():
        return _page(site, form, **shown), 422
    given = _consent(site, form)
    try:
        hit = closures.change(
            closure_id, form.to_request(), actor, was=form.was.data or "", consent=given
        )
    except Invalid as refused:
        form.refuse(refused)
        return _page(site, form, **shown), 422
    except NeedsConfirmation as needs:
        return _page(site, form, asks=consent.question(needs, actor), **shown), 409
    except Stale:
        return _stale(closure_id, site, form), 409
    note("ok", "Saved.", consent.told(hit))
    return redirect(url_for("closures.index", site_id=site.id))


@bp.post("/closures/<int:closure_id>/remove")
@permits("edit_capacity")
def remove(closure_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site_id = closures.find(closure_id, actor).site_id
    closures.remove(closure_id, actor, now=utcnow())
    note("ok", "Open again.", "Visits that waited for a call because of it stand as booked.")
    return redirect(url_for("closures.index", site_id=site_id))


def _stale(closure_id: int, site: Site, form: ClosureForm) -> str:
    closure = closures.find(closure_id, current_actor())
    saved = ClosureForm.of(closure, site.zone)
    saved.at(site.zone, chairs.of_site(site.id, current_actor()))
    changed = differences(form, saved)
    form.was.data = closures.fingerprint(closure)
    return _page(site, form, closure_id=closure_id, changed=changed)


def _form(site: Site) -> ClosureForm:
    form = ClosureForm(request.form if request.method == "POST" else None)
    return form.at(site.zone, chairs.of_site(site.id, current_actor()))


def _consent(site: Site, form: ClosureForm) -> Consent:
    """Its `why` says what is closed when, in the site's wall time."""
    asked = form.to_request()
    names = {one.id: one.name for one in chairs.of_site(site.id, current_actor())}
    what = names.get(asked.chair_id or 0, site.name)
    when = closed_when(asked.starts_at, asked.ends_at, site.zone)
    return consent.given(f"{what} is closed {when}: {asked.reason}.", utcnow())


def _page(site: Site, form: ClosureForm, **more: object) -> str:
    return render_template("closures/edit.html", site=site, form=form, **more)
