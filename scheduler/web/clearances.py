"""Clearances of a patient: add, change, remove; they are listed on the patient's page."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import Invalid, NotFound, Stale
from scheduler.models import Clearance, Patient
from scheduler.services import clearances, patients
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.clearance import ClearanceForm
from scheduler.web.notes import note
from scheduler.web.stale import differences

bp = Blueprint("clearances", __name__, url_prefix="/patients/<int:patient_id>/clearances")


@bp.get("/new")
@permits("edit_patient")
def new(patient_id: int) -> ResponseReturnValue:
    return _page(patients.find(patient_id, current_actor()), ClearanceForm())


@bp.post("/new")
@permits("edit_patient")
def create(patient_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), ClearanceForm()
    patient = patients.find(patient_id, actor)
    if not form.validate():
        return _page(patient, form), 422
    token = form.form_token.data or ""
    try:
        clearances.add(patient_id, form.to_request(), actor, token=token, now=utcnow())
    except Invalid as refused:
        form.refuse(refused)
        return _page(patients.find(patient_id, actor), form), 422
    note("ok", "The clearance is on file.")
    return redirect(url_for("patients.show", patient_id=patient_id))


@bp.get("/<int:clearance_id>/edit")
@permits("edit_patient")
def edit(patient_id: int, clearance_id: int) -> ResponseReturnValue:
    row = _find(patient_id, clearance_id)
    return _page(row.patient, ClearanceForm.of(row), clearance=row)


@bp.post("/<int:clearance_id>/edit")
@permits("edit_patient")
def update(patient_id: int, clearance_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), ClearanceForm()
    row = _find(patient_id, clearance_id)
    if not form.validate():
        return _page(row.patient, form, clearance=row), 422
    was = form.was.data or ""
    try:
        clearances.change(clearance_id, form.to_request(), actor, was=was, now=utcnow())
    except Stale:
        return _stale(form, patient_id, clearance_id), 409
    note("ok", "Saved.")
    return redirect(url_for("patients.show", patient_id=patient_id))


@bp.post("/<int:clearance_id>/remove")
@permits("edit_patient")
def remove(patient_id: int, clearance_id: int) -> ResponseReturnValue:
    clearances.remove(_find(patient_id, clearance_id).id, current_actor(), now=utcnow())
    note("ok", "Removed.", "It stops no visit any more.")
    return redirect(url_for("patients.show", patient_id=patient_id))


def _find(patient_id: int, clearance_id: int) -> Clearance:
    """The address names both; they belong together or there is nothing here."""
    row = clearances.find(clearance_id, current_actor())
    if row.patient_id != patient_id:
        raise NotFound
    return row


def _stale(form: ClearanceForm, patient_id: int, clearance_id: int) -> str:
    row = _find(patient_id, clearance_id)
    saved = ClearanceForm.of(row)
    changed = differences(form, saved)
    form.was.data = saved.was.data
    return _page(row.patient, form, clearance=row, changed=changed)


def _page(patient: Patient, form: ClearanceForm, **more: object) -> str:
    return render_template("clearances/edit.html", patient=patient, form=form, **more)
