"""A site's own limits: patients of a provider, patients of a nurse, the last start of the day."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import Invalid, NeedsConfirmation, Stale
from scheduler.models import Site
from scheduler.services import site_limits, sites
from scheduler.web import consent
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.site_limits import LimitsForm
from scheduler.web.notes import note
from scheduler.web.stale import differences, version_of

bp = Blueprint("site_limits", __name__, url_prefix="/setup/sites")


@bp.get("/<int:site_id>/limits")
@permits("edit_capacity")
def edit(site_id: int) -> ResponseReturnValue:
    site = sites.find(site_id, current_actor())
    return _page(site, LimitsForm.of(site))


@bp.post("/<int:site_id>/limits")
@permits("edit_capacity")
def update(site_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), LimitsForm()
    site = sites.find(site_id, actor)
    if not form.validate():
        return _page(site, form), 422
    given = consent.given("Fewer patients at a time are allowed.", utcnow())
    version = version_of(form)
    try:
        hit = site_limits.change(site_id, form.to_limits(), actor, version=version, consent=given)
    except Invalid as refused:
        form.refuse(refused)
        return _page(site, form), 422
    except NeedsConfirmation as needs:
        return _page(site, form, asks=consent.question(needs, actor)), 409
    except Stale:
        site = sites.find(site_id, actor)
        changed = differences(form, LimitsForm.of(site))
        form.version.data = site.version
        return _page(site, form, changed=changed), 409
    note("ok", "Saved.", consent.told(hit))
    return redirect(url_for("setup.index"))


def _page(site: Site, form: LimitsForm, **more: object) -> str:
    return render_template("setup/limits.html", site=site, form=form, **more)
