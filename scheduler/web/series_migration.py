"""Running series of an older version: what the newer one says otherwise, and moving some."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange
from scheduler.services import series_migration
from scheduler.services.preparation import Setting
from scheduler.web.auth import current_actor, permits
from scheduler.web.filters import plural
from scheduler.web.forms.series import as_id
from scheduler.web.notes import note
from scheduler.web.policy import current_policy

bp = Blueprint(
    "series_migration", __name__, url_prefix="/protocols/<int:protocol_id>/versions/<int:number>"
)
MOST = 1000


@bp.get("/running")
@permits("see_protocols")
def index(protocol_id: int, number: int) -> ResponseReturnValue:
    page = series_migration.page(protocol_id, number, _setting())
    return render_template("protocols/running.html", page=page)


@bp.post("/running")
@permits("approve_protocol")
def migrate(protocol_id: int, number: int) -> ResponseReturnValue:
    """Only those that were ticked; what differs was shown above them."""
    ids = [as_id(one) or 0 for one in request.form.getlist("series")[:MOST]]
    here = url_for("series_migration.index", protocol_id=protocol_id, number=number)
    if not ids:
        note("warn", "No series was chosen.", "Tick those that are to follow the new version.")
        return redirect(here)
    try:
        done = series_migration.migrate(protocol_id, number, ids, _setting())
    except IllegalChange as refused:
        note("warn", refused.message)
        return redirect(here)
    reached = plural(done.visits, "coming visit has", "coming visits have")
    told = f"{reached} another preparation; each patient is told once." if done.visits else ""
    note("ok", f"{plural(done.series, 'series follows', 'series follow')} the new version.", told)
    return redirect(here)


def _setting() -> Setting:
    return Setting(current_actor(), utcnow(), current_policy().undo_seconds)
