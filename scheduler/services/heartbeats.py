"""Signs of life of workers, and the pause of the whole drain (trust fact 5, I13)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from scheduler.extensions import db
from scheduler.models import Heartbeat
from scheduler.transaction import retried, transaction


@retried
def pause(worker: str, why: str, *, now: datetime, until: datetime) -> None:
    """Stop the drain of every worker until then; /healthz and managers see it."""
    with transaction():
        beat = _beat(worker, now)
        beat.paused_until, beat.paused_why = until, why[:300]


@retried
def beat(worker: str, *, now: datetime) -> None:
    """A sign of life; forgets workers that have been silent for a day."""
    with transaction():
        _beat(worker, now)
        silent = select(Heartbeat).where(Heartbeat.at < now - timedelta(days=1))
        for row in db.session.scalars(silent):
            db.session.delete(row)


@retried
def resume(*, now: datetime) -> None:
    """A message left: whatever was wrong is over."""
    with transaction():
        for row in db.session.scalars(select(Heartbeat).where(Heartbeat.paused_until.is_not(None))):
            row.paused_until, row.paused_why = None, ""


def _beat(worker: str, now: datetime) -> Heartbeat:
    row = db.session.get(Heartbeat, worker)
    if row is None:
        row = Heartbeat(worker=worker, at=now, paused_why="")
        db.session.add(row)
    row.at = now
    return row


def paused(now: datetime) -> bool:
    """Whether any worker found the mail server in trouble and its pause is not over."""
    until = db.session.scalar(select(func.max(Heartbeat.paused_until)))
    return until is not None and until > now
