"""Asks before a change that touches booked visits; the answer names those that were shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import request

from scheduler.errors import NeedsConfirmation
from scheduler.models import Visit
from scheduler.services import closed_over
from scheduler.services.actor import Actor
from scheduler.services.closed_over import Consent
from scheduler.web.filters import plural

MOST_IDS = 5000


@dataclass(frozen=True)
class Question:
    """What the page shows: the visits, what they would lack, and the value of the button that
    accepts them."""

    visits: list[Visit]
    value: str
    why: tuple[str, ...] = ()


def given(why: str, now: datetime) -> Consent:
    """What was accepted: nothing, unless the button that names the visits was pressed."""
    return Consent(accepted=accepted_ids(), why=why, now=now)


def accepted_ids() -> frozenset[int]:
    """Ids in the value of the pressed button; anything else in it is left out."""
    parts = request.form.get("accepted", "").split(",")[:MOST_IDS]
    return frozenset(int(one) for one in parts if one.isascii() and one.isdigit() and len(one) < 11)


def question(error: NeedsConfirmation, actor: Actor) -> Question:
    visits = closed_over.visits(error.visit_ids, actor)
    value = ",".join(str(one) for one in sorted(error.visit_ids))
    return Question(visits=visits, value=value, why=error.why)


def told(visit_ids: tuple[int, ...]) -> str:
    """What the note says after a change that left visits without a place."""
    if not visit_ids:
        return ""
    some = plural(len(visit_ids), "visit")
    stays, waits = ("stays", "A call waits") if len(visit_ids) == 1 else ("stay", "Calls wait")
    return f"{some} {stays} booked. {waits} under Tasks."
