"""Tasks: what a person has to do because a message cannot; a plain list, later the worklist."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, Invalid
from scheduler.services import sites, tasks
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.text import clean_line
from scheduler.web.notes import note

bp = Blueprint("tasks", __name__, url_prefix="/tasks")


@bp.get("")
@permits("see_tasks")
def index() -> ResponseReturnValue:
    return _page()


@bp.post("/<int:task_id>/done")
@permits("work_task")
def done(task_id: int) -> ResponseReturnValue:
    """The outcome is one of the buttons, or what was typed beside them."""
    outcome = clean_line(request.form.get("outcome", ""))
    try:
        tasks.finish(task_id, outcome, current_actor(), now=utcnow())
    except Invalid as refused:
        return _page(wrong=task_id, typed=outcome, why=refused.message), 422
    except IllegalChange as refused:
        note("warn", refused.message)
    else:
        note("ok", "Done.")
    return redirect(url_for("tasks.index"))


def _page(*, wrong: int | None = None, typed: str = "", why: str = "") -> str:
    actor = current_actor()
    zones = {site.id: site.zone for site in sites.all_sites(actor)}
    return render_template(
        "tasks/index.html",
        rows=tasks.open_tasks(actor),
        count=tasks.count_open(actor),
        zones=zones,
        words=tasks.WORDS,
        wrong=wrong,
        typed=typed,
        why=why,
    )
