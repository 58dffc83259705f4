"""A form sent twice has one effect and one answer (trust I5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from scheduler.errors import Invalid
from scheduler.extensions import db
from scheduler.models import FormToken
from scheduler.services.actor import Actor

SHORTEST, LONGEST = 16, 64


def result_of(token: str, actor: Actor) -> str | None:
    """What the first use of this token made, such as "series:17"; None if it is new.

    Raises Invalid for something that is no token.
    """
    if not SHORTEST <= len(token) <= LONGEST:
        raise Invalid("This form has lost its number. Load the page again.", field=None)
    mine = select(FormToken.result).where(
        FormToken.token == token, FormToken.organisation_id == actor.organisation_id
    )
    return db.session.scalar(mine)


def use(token: str, result: str, actor: Actor, *, now: datetime) -> None:
    """Remember it, in the transaction of its effect; a second INSERT of the same token fails."""
    db.session.add(
        FormToken(token=token, organisation_id=actor.organisation_id, result=result, created_at=now)
    )
