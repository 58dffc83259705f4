"""Sheets to print for a patient: all coming dates, and what holds after a visit."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.services.outgoing import paper
from scheduler.web.auth import current_actor, permits

bp = Blueprint("paper", __name__)


@bp.get("/patients/<int:patient_id>/letter")
@permits("find_patient")
def letter(patient_id: int) -> ResponseReturnValue:
    sheet = paper.letter(patient_id, current_actor(), now=utcnow())
    back = url_for("patients.show", patient_id=patient_id)
    return render_template("paper/sheet.html", paper=sheet, back=back)


@bp.get("/visits/<int:visit_id>/after")
@permits("find_patient")
def after(visit_id: int) -> ResponseReturnValue:
    sheet = paper.after(visit_id, current_actor(), now=utcnow())
    back = url_for("visits.show", visit_id=visit_id)
    return render_template("paper/sheet.html", paper=sheet, back=back)
