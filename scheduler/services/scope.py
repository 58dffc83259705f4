"""Reads that stay in the actor's organisation; other ids answer like missing ones (trust I21)."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select, select

from scheduler.errors import NotFound
from scheduler.extensions import Model, db
from scheduler.services.actor import Actor

T = TypeVar("T", bound=Model)


def scoped(model: type[T], actor: Actor) -> Select[T]:
    """Every row of the actor's organisation."""
    return select(model).where(model.organisation_id == actor.organisation_id)  # type: ignore[attr-defined]


def find(model: type[T], row_id: Any, actor: Actor) -> T:
    """The row with that id. Raises NotFound."""
    if not isinstance(row_id, int) or not 0 < row_id < 2**31:
        raise NotFound
    mine = scoped(model, actor).where(model.id == row_id)  # type: ignore[attr-defined]
    row: T | None = db.session.scalars(mine).one_or_none()
    if row is None:
        raise NotFound
    return row
