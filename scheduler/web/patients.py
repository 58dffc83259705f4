"""Patients: everybody, find as you type, one patient's page, add and change."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import Invalid, PossibleDuplicate, Stale
from scheduler.planning.opening import local
from scheduler.services import lookalikes, patient_page, patients, sites
from scheduler.services.lookalikes import Lookalike, Who
from scheduler.services.outgoing import messages
from scheduler.services.outgoing.outbox import Leaving
from scheduler.services.patients import Edit, Saving
from scheduler.web.auth import current_actor, permits
from scheduler.web.consent import accepted_ids
from scheduler.web.forms.patient import PatientForm
from scheduler.web.forms.text import clean_line
from scheduler.web.leaving import leaving_words
from scheduler.web.notes import note
from scheduler.web.policy import current_policy
from scheduler.web.stale import differences, version_of

bp = Blueprint("patients", __name__, url_prefix="/patients")

ON_A_PAGE, FOUND, MOST_TYPED = 50, 100, 200


@bp.get("")
@permits("find_patient")
def index() -> ResponseReturnValue:
    """Everybody by last name; `page` counts from 1."""
    actor, number = current_actor(), _page_number(request.args.get("page", "1"))
    rows = patients.page(actor, offset=(number - 1) * ON_A_PAGE, limit=ON_A_PAGE)
    count = patients.count(actor)
    last = max(1, -(-count // ON_A_PAGE))
    return render_template(
        "patients/index.html", rows=rows, count=count, page=number, last=last, typed=""
    )


@bp.post("/find")
@permits("find_patient")
def find() -> ResponseReturnValue:
    """A POST that changes nothing: what is typed is a name, and names stand in no address (I17)."""
    typed = _typed()
    if not typed:
        return redirect(url_for("patients.index"))
    rows = patients.search(typed, current_actor(), limit=FOUND)
    if request.headers.get("HX-Request"):
        return render_template("patients/_rows.html", rows=rows, typed=typed)
    return render_template("patients/index.html", rows=rows, typed=typed, page=1, last=1)


@bp.post("/suggest")
@permits("find_patient")
def suggest() -> ResponseReturnValue:
    """The list under the find box of every page."""
    typed = _typed()
    rows = patients.search(typed, current_actor()) if typed else []
    return render_template("patients/_found.html", rows=rows, typed=typed)


@bp.get("/<int:patient_id>")
@permits("find_patient")
def show(patient_id: int) -> ResponseReturnValue:
    actor = current_actor()
    page = patient_page.read(patient_id, actor, now=utcnow())
    sent = messages.of_patient(actor, patient_id) if actor.may("see_messages") else []
    return render_template("patients/show.html", page=page, patient=page.patient, sent=sent)


@bp.get("/new")
@permits("edit_patient")
def new() -> ResponseReturnValue:
    return _page(PatientForm(), None)


@bp.post("/new")
@permits("edit_patient")
def create() -> ResponseReturnValue:
    form = PatientForm()
    if not _is_good(form):
        return _page(form, None), 422
    try:
        patient_id = patients.add(form.to_request(), current_actor(), _saving(form))
    except Invalid as refused:
        form.refuse(refused)
        return _page(form, None), 422
    except PossibleDuplicate as found:
        return _page(form, None, alike=_alike(form, found)), 409
    note("ok", f"{form.first_name.data} {form.last_name.data} is there.")
    return redirect(url_for("patients.show", patient_id=patient_id))


@bp.get("/<int:patient_id>/edit")
@permits("edit_patient")
def edit(patient_id: int) -> ResponseReturnValue:
    return _page(PatientForm.of(patients.find(patient_id, current_actor())), patient_id)


@bp.post("/<int:patient_id>/edit")
@permits("edit_patient")
def update(patient_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), PatientForm()
    patients.find(patient_id, actor)
    if not _is_good(form):
        return _page(form, patient_id), 422
    which = Edit(patient_id=patient_id, version=version_of(form))
    try:
        leaving = patients.change(which, form.to_request(), actor, _saving(form))
    except Invalid as refused:
        form.refuse(refused)
        return _page(form, patient_id), 422
    except PossibleDuplicate as found:
        return _page(form, patient_id, alike=_alike(form, found)), 409
    except Stale:
        return _stale(form, patient_id), 409
    note("ok", "Saved.", _told(leaving))
    return redirect(_after_edit(patient_id))


def _after_edit(patient_id: int) -> str:
    """Back to the message whose address was mended; else to the patient."""
    message_id = request.args.get("message", type=int)
    if message_id is None:
        return url_for("patients.show", patient_id=patient_id)
    return url_for("messages.show", message_id=message_id)


def _told(leaving: Leaving) -> str:
    """A new address: when the coming visits are told to it."""
    site = sites.first(current_actor())
    if site is None or not leaving.mails:
        return ""
    return f"The address changed. {leaving_words(leaving.leaves_at, utcnow(), site.zone)}"


def _stale(form: PatientForm, patient_id: int) -> str:
    patient = patients.find(patient_id, current_actor())
    changed = differences(form, PatientForm.of(patient))
    form.version.data = patient.version
    return _page(form, patient_id, changed=changed)


def _is_good(form: PatientForm) -> bool:
    site = sites.first(current_actor())
    today = local(site.zone, utcnow()).date() if site else utcnow().date()
    valid = form.validate()
    return not form.refuse_future_birth(today) and valid


def _saving(form: PatientForm) -> Saving:
    return Saving(
        token=form.form_token.data or "",
        now=utcnow(),
        accepted=accepted_ids(),
        undo_seconds=current_policy().undo_seconds,
    )


def _alike(form: PatientForm, found: PossibleDuplicate) -> list[Lookalike]:
    asked = form.to_request()
    new_one = Who(
        names=(asked.first_name, asked.last_name),
        birth_on=asked.birth_on,
        phone=asked.phone,
        email=asked.email,
    )
    return lookalikes.by_ids(found.patient_ids, new_one, current_actor())


def _page(form: PatientForm, patient_id: int | None, **more: object) -> str:
    patient = patients.find(patient_id, current_actor()) if patient_id else None
    return render_template("patients/edit.html", form=form, patient=patient, **more)


def _typed() -> str:
    return clean_line(request.form.get("q", "")[: 4 * MOST_TYPED])[:MOST_TYPED]


def _page_number(typed: str) -> int:
    return (
        int(typed)
        if typed.isascii() and typed.isdigit() and 0 < len(typed) < 7 and int(typed)
        else 1
    )
