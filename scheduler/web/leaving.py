"""What a page says about the message that a change has queued, and the undo before it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.services.cancelling import CancelRequest
from scheduler.web.filters import clock
from scheduler.web.forms.series import as_id


def leaving_words(leaves_at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """When the patient learns of it; empty where nothing leaves by mail."""
    if leaves_at is None:
        return "No mail leaves for it."
    if leaves_at <= now:
        return "The message is leaving now."
    return f"The message leaves at {clock(leaves_at, zone)}."


def undo_request(what: str, sent: Mapping[str, str]) -> CancelRequest:
    """Takes a booking back while nothing has left. `what` makes the token: it works once."""
    return CancelRequest(
        reason_code="duplicate",
        reason="Undone before any message left",
        version=as_id(sent.get("version")) or 0,
        token=f"undo-of-booking-{what}",
        only_unsent=True,
    )
