"""Tasks: what a person does because a message cannot; each with its script and its outcomes."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, Invalid
from scheduler.services import call_scripts, sites, task_outcomes, tasks
from scheduler.services.task_outcomes import Came
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.text import clean_line
from scheduler.web.notes import note

bp = Blueprint("tasks", __name__, url_prefix="/tasks")

TYPED = {"note": 500, "driver_name": 200, "driver_phone": 40}


@bp.get("")
@permits("see_tasks")
def index() -> ResponseReturnValue:
    return _page()


@bp.get("/<int:task_id>")
@permits("see_tasks")
def show(task_id: int) -> ResponseReturnValue:
    """The list with one task ready to do: its number, its sentences, its outcomes."""
    return _page(task_id)


@bp.post("/<int:task_id>")
@permits("work_task")
def record(task_id: int) -> ResponseReturnValue:
    """One of the outcome buttons was pressed."""
    came = _came()
    try:
        told = task_outcomes.record(task_id, came, current_actor(), now=utcnow())
    except Invalid as refused:
        return _page(task_id, came=came, wrong=refused), 422
    except IllegalChange as refused:
        note("warn", refused.message)
    else:
        note("ok", told)
    return redirect(url_for("tasks.index"))


def _came() -> Came:
    typed = {
        name: clean_line(request.form.get(name, ""))[: 2 * most] for name, most in TYPED.items()
    }
    outcome = request.form.get("outcome", "")[:40]
    return Came(outcome=outcome, may_text=request.form.get("may_text") == "y", **typed)


def _page(
    task_id: int | None = None, *, came: Came | None = None, wrong: Invalid | None = None
) -> str:
    actor, now = current_actor(), utcnow()
    task = tasks.read(task_id, actor) if task_id is not None else None
    zones = {site.id: site.zone for site in sites.all_sites(actor)}
    return render_template(
        "tasks/index.html",
        rows=tasks.open_tasks(actor),
        counts=tasks.counts(actor),
        zones=zones,
        words=tasks.WORDS,
        task=task,
        script=call_scripts.of(task, actor, now=now) if task else None,
        labels=call_scripts.LABELS,
        effects=call_scripts.NEXT,
        came=came or Came(outcome=""),
        wrong=wrong,
    )
