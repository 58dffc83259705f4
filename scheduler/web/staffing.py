"""Away and extra shifts: list, add, change, take out again."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import Invalid, NeedsConfirmation, Stale
from scheduler.models import CoverChange, Site
from scheduler.planning.opening import local
from scheduler.services import sites, staffing
from scheduler.services.closed_over import Consent
from scheduler.web import consent
from scheduler.web.auth import current_actor, permits
from scheduler.web.filters import closed_when, plural
from scheduler.web.forms.staffing import KINDS, ROLE_NAMES, StaffForm
from scheduler.web.notes import note
from scheduler.web.stale import differences

bp = Blueprint("staffing", __name__, url_prefix="/setup")

YEARS = (2000, 2150)


@bp.get("/sites/<int:site_id>/staff")
@permits("see_board")
def index(site_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site = sites.find(site_id, actor)
    rows = staffing.of_site(site_id, actor, since=utcnow())
    return render_template("staffing/index.html", site=site, rows=rows)


@bp.get("/sites/<int:site_id>/staff/new")
@permits("edit_capacity")
def new(site_id: int) -> ResponseReturnValue:
    site = sites.find(site_id, current_actor())
    form = StaffForm(formdata=None, number=1, **prefilled(request.args))
    return _page(site, form.in_zone(site.zone))


@bp.post("/sites/<int:site_id>/staff/new")
@permits("edit_capacity")
def create(site_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site = sites.find(site_id, actor)
    form = StaffForm().in_zone(site.zone)
    if not form.validate():
        return _page(site, form), 422
    try:
        _, hit = staffing.add(site_id, form.to_request(), actor, consent=_consent(site, form))
    except Invalid as refused:
        form.refuse(refused)
        return _page(site, form), 422
    except NeedsConfirmation as needs:
        return _page(site, form, asks=consent.question(needs, actor)), 409
    note("ok", "Saved.", consent.told(hit))
    return redirect(_week_of(site, form))


@bp.get("/staff/<int:change_id>/edit")
@permits("edit_capacity")
def edit(change_id: int) -> ResponseReturnValue:
    row = staffing.find(change_id, current_actor())
    site = sites.find(row.site_id, current_actor())
    form = StaffForm.of(row, site.zone)
    form.was.data = staffing.fingerprint(row)
    return _page(site, form, change_id=change_id)


@bp.post("/staff/<int:change_id>/edit")
@permits("edit_capacity")
def update(change_id: int) -> ResponseReturnValue:
    actor = current_actor()
    site = sites.find(staffing.find(change_id, actor).site_id, actor)
    form, shown = StaffForm().in_zone(site.zone), {"change_id": change_id}
    if not form.validate():
        return _page(site, form, **shown), 422
    given, was = _consent(site, form), form.was.data or ""
    try:
        hit = staffing.change(change_id, form.to_request(), actor, was=was, consent=given)
    except Invalid as refused:
        form.refuse(refused)
        return _page(site, form, **shown), 422
    except NeedsConfirmation as needs:
        return _page(site, form, asks=consent.question(needs, actor), **shown), 409
    except Stale:
        row = staffing.find(change_id, actor)
        changed = differences(form, StaffForm.of(row, site.zone))
        form.was.data = staffing.fingerprint(row)
        return _page(site, form, changed=changed, **shown), 409
    note("ok", "Saved.", consent.told(hit))
    return redirect(_week_of(site, form))


@bp.post("/staff/<int:change_id>/remove")
@permits("edit_capacity")
def remove(change_id: int) -> ResponseReturnValue:
    """Without an extra shift visits may lack somebody: then a page asks first."""
    actor = current_actor()
    row = staffing.find(change_id, actor)
    site, what = sites.find(row.site_id, actor), staff_words(row)
    when = closed_when(row.starts_at, row.ends_at, site.zone)
    given = consent.given(f"Taken out: {what}, {when}.", utcnow())
    try:
        hit = staffing.remove(change_id, actor, consent=given)
    except NeedsConfirmation as needs:
        asks = consent.question(needs, actor)
        facts = {"asks": asks, "what": what, "when": when, "change_id": change_id}
        return render_template("staffing/remove.html", site=site, **facts), 409
    note("ok", "Taken out.", consent.told(hit))
    return redirect(url_for("staffing.index", site_id=site.id))


def staff_words(row: CoverChange) -> str:
    """ "Dr. Lin away", "Extra shift: Ada Moss", "2 nurses away: training team"."""
    many = plural(abs(row.number), row.role)
    if row.number < 0:
        return f"{row.who} away" if row.number == -1 else f"{many} away: {row.who}"
    return f"Extra shift: {row.who}" if row.number == 1 else f"{many} extra: {row.who}"


def prefilled(args: Any) -> dict[str, Any]:
    """What a link says of the shift that is missing; anything that makes no sense is left out."""
    found: dict[str, Any] = {}
    if args.get("kind") in dict(KINDS):
        found["kind"] = args["kind"]
    if args.get("role") in dict(ROLE_NAMES):
        found["role"] = args["role"]
    for name, read, key in (
        ("first_on", _day, "on"),
        ("first_time", _minute, "from"),
        ("last_time", _minute, "until"),
    ):
        try:
            found[name] = read(args.get(key, ""))
        except ValueError:
            continue
    return found


def _day(iso: str) -> date:
    on = date.fromisoformat(iso)
    if not YEARS[0] <= on.year < YEARS[1]:
        raise ValueError("nobody plans for that year")
    return on


def _minute(iso: str) -> time:
    return time.fromisoformat(iso).replace(second=0, microsecond=0, tzinfo=None)


def _consent(site: Site, form: StaffForm) -> Consent:
    """Its `why` names role and time, in the site's wall time; the person's name stays here."""
    asked = form.to_request()
    when = closed_when(asked.starts_at, asked.ends_at, site.zone)
    many = plural(abs(asked.number), asked.role)
    word = "away" if asked.number < 0 else "extra"
    return consent.given(f"{many} {word} {when}.", utcnow())


def _week_of(site: Site, form: StaffForm) -> str:
    """Where the change shows: cover against need on its first day."""
    on = local(site.zone, form.to_request().starts_at).date()
    return url_for("duty.index", site_id=site.id, on=on.isoformat())


def _page(site: Site, form: StaffForm, **more: object) -> str:
    return render_template("staffing/edit.html", site=site, form=form, **more)
