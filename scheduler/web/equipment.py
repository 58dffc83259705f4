"""Pumps and monitors of a site: how many, and what is out of use."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import Invalid, NeedsConfirmation, Stale
from scheduler.models import Site
from scheduler.services import equipment, sites
from scheduler.web import consent
from scheduler.web.auth import current_actor, permits
from scheduler.web.filters import closed_when, plural
from scheduler.web.forms.equipment import CountsForm, OutageForm
from scheduler.web.notes import note

bp = Blueprint("equipment", __name__, url_prefix="/setup")


@bp.get("/sites/<int:site_id>/equipment")
@permits("see_board")
def index(site_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site = sites.find(site_id, actor)
    counted = equipment.counts(site_id, actor)
    rows = equipment.outages(site_id, actor, since=utcnow())
    words = [counted_words(kind, number) for kind, number in counted.items()]
    return render_template("equipment/index.html", site=site, words=words, rows=rows)


@bp.get("/sites/<int:site_id>/equipment/edit")
@permits("edit_capacity")
def edit(site_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site = sites.find(site_id, actor)
    counted = equipment.counts(site_id, actor)
    was = equipment.fingerprint(counted)
    form = CountsForm(formdata=None, pumps=counted["pump"], monitors=counted["monitor"], was=was)
    return _counts_page(site, form)


@bp.post("/sites/<int:site_id>/equipment/edit")
@permits("edit_capacity")
def update(site_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), CountsForm()
    site = sites.find(site_id, actor)
    if not form.validate():
        return _counts_page(site, form), 422
    given = consent.given("Fewer pumps or monitors are there.", utcnow())
    was = form.was.data or ""
    try:
        hit = equipment.set_counts(site_id, form.counted(), actor, was=was, consent=given)
    except Invalid as refused:
        form.refuse(refused)
        return _counts_page(site, form), 422
    except NeedsConfirmation as needs:
        return _counts_page(site, form, asks=consent.question(needs, actor)), 409
    except Stale:
        counted = equipment.counts(site_id, actor)
        form.was.data = equipment.fingerprint(counted)
        saved = [counted_words(kind, number) for kind, number in counted.items()]
        return _counts_page(site, form, saved=saved), 409
    note("ok", "Saved.", consent.told(hit))
    return redirect(url_for("equipment.index", site_id=site_id))


@bp.get("/sites/<int:site_id>/equipment/out")
@permits("edit_capacity")
def new_outage(site_id: int) -> ResponseReturnValue:
    site = sites.find(site_id, current_actor())
    return _outage_page(site, OutageForm(formdata=None, number=1))


@bp.post("/sites/<int:site_id>/equipment/out")
@permits("edit_capacity")
def create_outage(site_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site = sites.find(site_id, actor)
    form = OutageForm(request.form).in_zone(site.zone)
    if not form.validate():
        return _outage_page(site, form), 422
    asked = form.to_request()
    when = closed_when(asked.starts_at, asked.ends_at, site.zone)
    why = f"{plural(asked.number, asked.kind)} out of use {when}: {asked.reason}."
    try:
        _, hit = equipment.add_outage(site_id, asked, actor, consent=consent.given(why, utcnow()))
    except Invalid as refused:
        form.refuse(refused)
        return _outage_page(site, form), 422
    except NeedsConfirmation as needs:
        return _outage_page(site, form, asks=consent.question(needs, actor)), 409
    note("ok", "Saved.", consent.told(hit))
    return redirect(url_for("equipment.index", site_id=site_id))


@bp.post("/equipment/out/<int:outage_id>/remove")
@permits("edit_capacity")
def remove_outage(outage_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site_id = equipment.find_outage(outage_id, actor).site_id
    equipment.remove_outage(outage_id, actor, now=utcnow())
    note("ok", "In use again.", "Visits that waited for a call because of it stand as booked.")
    return redirect(url_for("equipment.index", site_id=site_id))


def counted_words(kind: str, number: int | None) -> str:
    """ "6 pumps", "Monitors: not counted"."""
    return f"{kind.capitalize()}s: not counted" if number is None else plural(number, kind)


def _counts_page(site: Site, form: CountsForm, **more: object) -> str:
    return render_template("equipment/edit.html", site=site, form=form, **more)


def _outage_page(site: Site, form: OutageForm, **more: object) -> str:
    return render_template("equipment/outage.html", site=site, form=form, **more)
