"""Preparation, layer by layer: the site's, an order's, a patient's own."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import Invalid, Stale
from scheduler.models import Site
from scheduler.planning.words.prep_fields import own_rows
from scheduler.services import preparation, preparation_pages, sites
from scheduler.services.prep_changes import Changed
from scheduler.services.preparation import Edit, Setting
from scheduler.services.preparation_pages import LayerPage
from scheduler.web.auth import current_actor, permits
from scheduler.web.filters import plural
from scheduler.web.forms.preparation import PrepForm
from scheduler.web.leaving import leaving_words
from scheduler.web.notes import note
from scheduler.web.policy import current_policy
from scheduler.web.stale import differences, version_of

bp = Blueprint("preparation", __name__)
site_bp = Blueprint("site_preparation", __name__, url_prefix="/setup/sites")
bps = (bp, site_bp)
bp.add_app_template_global(own_rows, "prep_own")


@site_bp.get("/<int:site_id>/preparation")
@permits("edit_preparation")
def edit(site_id: int) -> ResponseReturnValue:
    row, page = preparation_pages.of_site(site_id, current_actor())
    return _page(page, _form(page), site=row)


@site_bp.post("/<int:site_id>/preparation")
@permits("edit_preparation")
def save(site_id: int) -> ResponseReturnValue:
    form = PrepForm()
    row, page = preparation_pages.of_site(site_id, current_actor())
    if not form.validate():
        return _page(page, form, site=row), 422
    setting = _setting()
    try:
        preparation.change_site(site_id, _edit(form), setting)
    except Invalid as refused:
        form.refuse(refused)
        return _page(page, form, site=row), 422
    except Stale:
        row, page = preparation_pages.of_site(site_id, current_actor())
        return _stale(page, form, site=row), 409
    done = preparation.settle_site(
        site_id, now=setting.now, undo_seconds=setting.undo_seconds, at_most=preparation.AT_ONCE
    )
    note("ok", "Saved.", _told(done))
    return redirect(url_for("setup.index"))


@bp.get("/series/<int:series_id>/preparation")
@permits("edit_preparation")
def order(series_id: int) -> ResponseReturnValue:
    row, page = preparation_pages.of_order(series_id, current_actor(), now=utcnow())
    return _page(page, _form(page), series=row)


@bp.post("/series/<int:series_id>/preparation")
@permits("edit_preparation")
def save_order(series_id: int) -> ResponseReturnValue:
    form, actor = PrepForm(), current_actor()
    row, page = preparation_pages.of_order(series_id, actor, now=utcnow())
    if not form.validate():
        return _page(page, form, series=row), 422
    try:
        done = preparation.change_order(series_id, _edit(form), _setting())
    except Invalid as refused:
        form.refuse(refused)
        return _page(page, form, series=row), 422
    except Stale:
        row, page = preparation_pages.of_order(series_id, actor, now=utcnow())
        return _stale(page, form, series=row), 409
    _say(done)
    return redirect(url_for("series.show", series_id=series_id))


@bp.get("/patients/<int:patient_id>/preparation")
@permits("edit_preparation")
def patient(patient_id: int) -> ResponseReturnValue:
    row, page = preparation_pages.of_patient(patient_id, current_actor(), now=utcnow())
    return _page(page, _form(page), patient=row)


@bp.post("/patients/<int:patient_id>/preparation")
@permits("edit_preparation")
def save_patient(patient_id: int) -> ResponseReturnValue:
    form, actor = PrepForm(), current_actor()
    row, page = preparation_pages.of_patient(patient_id, actor, now=utcnow())
    if not form.validate():
        return _page(page, form, patient=row), 422
    try:
        done = preparation.change_patient(patient_id, _edit(form), _setting())
    except Invalid as refused:
        form.refuse(refused)
        return _page(page, form, patient=row), 422
    except Stale:
        row, page = preparation_pages.of_patient(patient_id, actor, now=utcnow())
        return _stale(page, form, patient=row), 409
    _say(done)
    return redirect(url_for("patients.show", patient_id=patient_id))


def _form(page: LayerPage) -> PrepForm:
    return PrepForm.of(page.values, page.version)


def _edit(form: PrepForm) -> Edit:
    return Edit(layer=form.to_layer(), version=version_of(form))


def _setting() -> Setting:
    return Setting(current_actor(), utcnow(), current_policy().undo_seconds)


def _page(page: LayerPage, form: PrepForm, **more: object) -> str:
    return render_template("preparation/edit.html", page=page, form=form, **more)


def _stale(page: LayerPage, form: PrepForm, **more: object) -> str:
    changed = differences(form, _form(page))
    form.version.data = page.version
    return _page(page, form, changed=changed, **more)


def _say(done: Changed) -> None:
    site: Site | None = sites.first(current_actor())
    words = _told(done.visits)
    if done.visits and site is not None and done.leaving.mails:
        words += f" {leaving_words(done.leaving.leaves_at, utcnow(), site.zone)}"
    note("ok", "Saved.", words)


def _told(visits: int) -> str:
    """What became of the coming visits."""
    if not visits:
        return "No coming visit is prepared otherwise because of it."
    reached = plural(visits, "coming visit has", "coming visits have")
    return f"{reached} another preparation now; each patient is told once."
