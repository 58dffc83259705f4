"""Ends every link in the messages of one patient: one went to somebody else (trust I23)."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.services.own import links
from scheduler.web.auth import current_actor, permits
from scheduler.web.notes import note

bp = Blueprint("link_ends", __name__)


@bp.post("/patients/<int:patient_id>/links/end")
@permits("edit_patient")
def end(patient_id: int) -> ResponseReturnValue:
    """Messages that leave from now on bring new ones."""
    links.revoke_all(patient_id, current_actor(), now=utcnow())
    note("ok", "No link that was sent opens any more.", "The next message brings a new one.")
    return redirect(url_for("patients.show", patient_id=patient_id))
