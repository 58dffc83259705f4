"""Makes and ends the addresses of private calendars: a patient's, and one for each chair."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.services import chairs, patients, sites
from scheduler.services.own import feeds
from scheduler.web.auth import current_actor, permits
from scheduler.web.leaving import leaving_words
from scheduler.web.notes import note
from scheduler.web.policy import current_policy

bp = Blueprint("feed_links", __name__)


@bp.post("/patients/<int:patient_id>/feed")
@permits("edit_patient")
def make(patient_id: int) -> ResponseReturnValue:
    """Shown in this answer only: the address is kept as a hash."""
    actor, undo = current_actor(), current_policy().undo_seconds
    patient = patients.find(patient_id, actor)
    token = feeds.rotate(patient_id, actor, now=utcnow(), undo_seconds=undo)
    back = (patient.name, url_for("patients.show", patient_id=patient_id))
    parents = [("Patients", url_for("patients.index")), back]
    return render_template("feeds/show.html", address=address(token), parents=parents, chair=None)


@bp.post("/patients/<int:patient_id>/feed/end")
@permits("edit_patient")
def end(patient_id: int) -> ResponseReturnValue:
    actor, undo = current_actor(), current_policy().undo_seconds
    leaving = feeds.revoke(patient_id, actor, now=utcnow(), undo_seconds=undo)
    site = sites.first(actor)
    told = leaving_words(leaving.leaves_at, utcnow(), site.zone, "first mail") if site else ""
    note("ok", "The feed has ended; visits go to the calendar by mail again.", told)
    return redirect(url_for("patients.show", patient_id=patient_id))


@bp.post("/setup/chairs/<int:chair_id>/feed")
@permits("edit_capacity")
def make_of_chair(chair_id: int) -> ResponseReturnValue:
    """Shown in this answer only."""
    actor = current_actor()
    chair = chairs.find(chair_id, actor)
    token = feeds.rotate_chair(chair_id, actor, now=utcnow())
    back = ("Chairs", url_for("chairs.index", site_id=chair.site_id))
    parents = [("Setup", url_for("setup.index")), back]
    return render_template("feeds/show.html", address=address(token), parents=parents, chair=chair)


@bp.post("/setup/chairs/<int:chair_id>/feed/end")
@permits("edit_capacity")
def end_of_chair(chair_id: int) -> ResponseReturnValue:
    actor = current_actor()
    chair = chairs.find(chair_id, actor)
    feeds.revoke_chair(chair_id, actor, now=utcnow())
    note("ok", f"The feed of {chair.name} has ended.")
    return redirect(url_for("chairs.index", site_id=chair.site_id))


def address(token: str) -> str:
    """Made from PUBLIC_URL, never from what a browser says the host is (trust I25)."""
    return f"{current_app.config['CHAIRTIME'].public_url}/cal/{token}.ics"
