"""Who is booked under a closure, and telling those that the desk chooses."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.services import closures, sites
from scheduler.services.outgoing import displaced
from scheduler.web.auth import current_actor, permits
from scheduler.web.filters import plural
from scheduler.web.forms.series import as_id
from scheduler.web.notes import note

bp = Blueprint("displaced", __name__, url_prefix="/setup/closures")
MOST = 500


@bp.get("/<int:closure_id>/visits")
@permits("edit_capacity")
def index(closure_id: int) -> ResponseReturnValue:
    actor = current_actor()
    closure = closures.find(closure_id, actor)
    visits = displaced.affected(closure_id, actor, now=utcnow())
    return render_template(
        "closures/visits.html",
        closure=closure,
        site=sites.find(closure.site_id, actor),
        visits=visits,
        told=displaced.told(visits),
    )


@bp.post("/<int:closure_id>/visits")
@permits("edit_capacity")
def tell(closure_id: int) -> ResponseReturnValue:
    """Only those that were ticked; nothing leaves by itself."""
    ids = [as_id(one) or 0 for one in request.form.getlist("visit")[:MOST]]
    if not ids:
        note("warn", "Nobody was chosen.", "Tick the visits whose patients are to be told.")
        return redirect(url_for("displaced.index", closure_id=closure_id))
    told = displaced.tell(closure_id, ids, current_actor(), now=utcnow())
    lead = f"{plural(told, 'patient is', 'patients are')} told."
    note("ok", lead, "Who has not chosen another time in two hours comes up under Tasks, urgent.")
    return redirect(url_for("displaced.index", closure_id=closure_id))
