"""Setup: how plans are chosen at a site."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import Invalid, Stale
from scheduler.models import Site
from scheduler.services import plan_prices, sites
from scheduler.web import price_words
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.plan_prices import PricesForm
from scheduler.web.notes import note
from scheduler.web.stale import differences, version_of

bp = Blueprint("plan_prices", __name__, url_prefix="/setup/sites")


@bp.get("/<int:site_id>/planning")
@permits("edit_capacity")
def edit(site_id: int) -> ResponseReturnValue:
    site = sites.find(site_id, current_actor())
    return _page(PricesForm.of(site), site)


@bp.post("/<int:site_id>/planning")
@permits("edit_capacity")
def update(site_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), PricesForm()
    site = sites.find(site_id, actor)
    if not form.validate():
        return _page(form, site), 422
    version = version_of(form)
    try:
        plan_prices.change(site_id, form.to_choice(), actor, version=version, now=utcnow())
    except Invalid as refused:
        form.refuse(refused)
        return _page(form, site), 422
    except Stale:
        site = sites.find(site_id, actor)
        changed = differences(form, PricesForm.of(site))
        form.version.data = site.version
        return _page(form, site, changed), 409
    note("ok", "Saved.", "New plans are compared by it from now on; what is booked stays.")
    return redirect(url_for("setup.index"))


def _page(form: PricesForm, site: Site, changed: object = None) -> str:
    return render_template(
        "setup/planning.html",
        form=form,
        site=site,
        changed=changed,
        choices=price_words.choices(form.weights()),
        groups=price_words.GROUPS,
        sums=price_words.sums(form.weights()),
    )
