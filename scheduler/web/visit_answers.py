"""Answers that staff note for a patient, and the end of a suspension."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, Invalid, Stale
from scheduler.services.own import answers, suspension
from scheduler.services.own.answers import Asked, Person
from scheduler.web import visits
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.driver import DriverForm
from scheduler.web.forms.series import as_id
from scheduler.web.forms.text import clean_line
from scheduler.web.notes import note

bp = Blueprint("visit_answers", __name__)


@bp.post("/visits/<int:visit_id>/driver")
@permits("work_task")
def driver(visit_id: int) -> ResponseReturnValue:
    """Named on the phone; it may be all that a confirmation waited for (domain I, story 7)."""
    form = DriverForm()
    if not form.validate():
        return visits.page_of(visit_id, form), 422
    asked, named = form.asked(visit_id), form.driver()
    return _note(
        visit_id,
        lambda person: answers.driver(asked, named, person, now=utcnow()),
        f"{named.name} takes the patient home.",
    )


@bp.post("/visits/<int:visit_id>/coming")
@permits("work_task")
def coming(visit_id: int) -> ResponseReturnValue:
    """The pressed button says yes or no; a no makes a task and leaves the visit where it is."""
    asked = _asked(visit_id)
    if request.form.get("say") == "yes":
        return _note(
            visit_id,
            lambda person: answers.coming(asked, None, person, now=utcnow()),
            "Noted: the patient is coming.",
        )
    return _note(
        visit_id,
        lambda person: answers.not_coming(asked, person, now=utcnow()),
        "Noted: the patient cannot come. The time stays booked until you move or cancel it.",
    )


@bp.post("/visits/<int:visit_id>/changed")
@permits("work_task")
def changed(visit_id: int) -> ResponseReturnValue:
    """R3's questions, asked on the phone; a yes suspends as it does on the patient's page."""
    yes = [] if "none" in request.form else request.form.getlist("changed")
    if not yes and "none" not in request.form:
        note("warn", "Tick what has changed, or press that nothing has.")
        return redirect(url_for("visits.show", visit_id=visit_id))
    return _note(
        visit_id,
        lambda person: answers.changed(_asked(visit_id), yes, person, now=utcnow()),
        "Noted. A provider must look first." if yes else "Noted: nothing has changed.",
    )


@bp.post("/patients/<int:patient_id>/lift")
@permits("lift_suspension")
def lift(patient_id: int) -> ResponseReturnValue:
    """A provider has looked at what the patient answered."""
    why = clean_line(request.form.get("why", ""))[:300]
    try:
        suspension.lift(patient_id, why, current_actor(), now=utcnow())
    except (Invalid, IllegalChange) as refused:
        note("warn", refused.message)
    else:
        note("ok", "Lifted.", "Answers count again, and reminders leave as planned.")
    visit_id = as_id(request.form.get("visit_id"))
    if visit_id is None:
        return redirect(url_for("patients.show", patient_id=patient_id))
    return redirect(url_for("visits.show", visit_id=visit_id))


def _asked(visit_id: int) -> Asked:
    return Asked(
        visit_id=visit_id,
        version=as_id(request.form.get("version")) or 0,
        token=request.form.get("form_token", ""),
    )


def _note(visit_id: int, act: Callable[[Person], bool], done: str) -> ResponseReturnValue:
    try:
        fresh = act(answers.by_staff(current_actor()))
    except Stale:
        note("warn", "Somebody changed this visit in the meantime.", "Nothing was noted.")
    except (Invalid, IllegalChange) as refused:
        note("warn", refused.message)
    else:
        note("ok", done if fresh else "This was noted already.")
    return redirect(url_for("visits.show", visit_id=visit_id))
