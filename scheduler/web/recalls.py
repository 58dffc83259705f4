"""Recalls: patients whose next visit on demand is due, with tries and what came of them."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, Invalid
from scheduler.models import Recall
from scheduler.planning.opening import local
from scheduler.planning.recall import MOST_TRIES
from scheduler.services import recalls, sites
from scheduler.services.recalls import Call
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.series import as_id
from scheduler.web.forms.text import clean_line
from scheduler.web.notes import note

bp = Blueprint("recalls", __name__, url_prefix="/tasks/recalls")


@bp.get("")
@permits("see_tasks")
def index() -> ResponseReturnValue:
    return _page()


@bp.post("/<int:recall_id>")
@permits("work_task")
def called(recall_id: int) -> ResponseReturnValue:
    """The pressed button says what came of the call."""
    say = request.form.get("say", "")
    call = Call(
        say="" if say == "no_answer" else say,
        why=clean_line(request.form.get("why", ""))[:200],
        version=as_id(request.form.get("version")) or 0,
    )
    try:
        recalls.called(recall_id, call, current_actor(), now=utcnow())
    except Invalid as refused:
        return _page(wrong=recall_id, message=refused.message), 422
    except IllegalChange as refused:
        note("warn", refused.message, "Look at the list again.")
    else:
        note("ok", "Recorded.")
    return redirect(url_for("recalls.index"))


def _page(wrong: int | None = None, message: str = "") -> str:
    actor = current_actor()
    rows = recalls.listed(actor)
    today = {one.id: local(one.zone, utcnow()).date() for one in sites.all_sites(actor)}
    return render_template(
        "recalls/index.html",
        rows=rows,
        tries=recalls.tries_of(rows),
        most=MOST_TRIES,
        overdue={one.id: _days_over(one, today[one.site_id]) for one in rows},
        wrong=wrong,
        message=message,
    )


def _days_over(recall: Recall, today: date) -> int:
    """Days past the last date that is still good; 0 or less where it is not over."""
    return (today - (recall.overdue_on or recall.due_on)).days
