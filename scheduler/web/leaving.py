"""What a page says about the message that a change has queued, and the undo before it leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.errors import IllegalChange
from scheduler.models import Visit, VisitHistory
from scheduler.planning.opening import local
from scheduler.services.cancelling import CancelRequest
from scheduler.services.moving import MoveRequest
from scheduler.web.filters import clock
from scheduler.web.forms.series import as_id


def leaving_words(
    leaves_at: datetime | None, now: datetime, zone: ZoneInfo, what: str = "message"
) -> str:
    """When the patient learns of it: "The confirmation leaves at 10:45 am." """
    if leaves_at is None:
        return "No mail leaves for it."
    if leaves_at <= now:
        return f"The {what} is leaving now."
    return f"The {what} leaves at {clock(leaves_at, zone)}."


def undo_request(what: str, sent: Mapping[str, str]) -> CancelRequest:
    """Takes a booking back while nothing has left. `what` makes the token: it works once."""
    return CancelRequest(
        reason_code="duplicate",
        reason="Undone before any message left",
        version=as_id(sent.get("version")) or 0,
        token=f"undo-of-booking-{what}",
        only_unsent=True,
    )


def moved_back(
    visit: Visit, history: Sequence[VisitHistory], zone: ZoneInfo, sent: Mapping[str, str]
) -> MoveRequest:
    """The place that the visit had before its last change. Raises IllegalChange without one."""
    if len(history) < 2:
        raise IllegalChange("This visit has not been moved.")
    before = local(zone, history[-2].starts_at)
    return MoveRequest(
        visit_id=visit.id,
        starts_on=before.date(),
        starts=before.time(),
        chair_id=history[-2].chair_id,
        reason="Undone",
        version=as_id(sent.get("version")) or 0,
    )
