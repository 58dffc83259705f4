"""Records on the visit page and the board whether a patient came, and takes it back."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, Invalid, Stale
from scheduler.services import attendance
from scheduler.services.attendance import Attendance
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.series import as_id
from scheduler.web.forms.text import clean_line
from scheduler.web.notes import Way, note

bp = Blueprint("attendance", __name__)

DONE = {
    "discharged": ("Recorded: the visit is done.", "The next date and the rules until tomorrow"
                   " leave now; the question how they are leaves this evening."),
    "no_show": ("Recorded: did not come.", "An urgent call waits under Tasks; ask first whether"
                " they are well."),
    "not_treated": ("Recorded: not treated.", "A task asks for the next possible date."),
    "undone": ("Taken back.", "What had not left does not leave."),
}  # fmt: skip


@bp.post("/visits/<int:visit_id>/attendance")
@permits("record_attendance")
def record(visit_id: int) -> ResponseReturnValue:
    """The pressed button says the outcome."""
    wanted = Attendance(
        outcome=request.form.get("outcome", ""),
        version=as_id(request.form.get("version")) or 0,
        reason=clean_line(request.form.get("reason", ""))[:500],
    )
    try:
        attendance.record(visit_id, wanted, current_actor(), now=utcnow())
    except Stale:
        note("warn", "Somebody changed this visit in the meantime.", "Nothing was recorded.")
    except (Invalid, IllegalChange) as refused:
        note("warn", refused.message)
    else:
        _say(visit_id, wanted.outcome)
    return redirect(url_for("visits.show", visit_id=visit_id))


def _say(visit_id: int, outcome: str) -> None:
    lead, rest = DONE[outcome]
    way = None
    if outcome == "discharged":
        way = Way(text="Print it for the patient", url=url_for("paper.after", visit_id=visit_id))
    note("ok", lead, rest, way=way)
