"""Signs of life of workers, and the pause of mail or phone for all of them (trust fact 5, I13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from scheduler.extensions import db
from scheduler.models import Heartbeat
from scheduler.transaction import retried, transaction

MAIL, PHONE = "mail", "phone"
CHANNELS = {MAIL: ("email",), PHONE: ("sms", "voice")}
"""What each way out carries; trouble of one does not stop the other."""
LONGEST_PAUSE = timedelta(minutes=10)
ALIVE = timedelta(seconds=40)
"""A worker signs every ten seconds; one that is silent for so long leaves its part to others."""
FORGET = timedelta(days=1)


@retried
def pause(worker: str, why: str, *, now: datetime, until: datetime, way: str = MAIL) -> None:
    """Stop a way out for every worker until then; /healthz and managers see it."""
    with transaction():
        row = _row(worker, now)
        if way == MAIL:
            row.paused_until, row.paused_why = until, why[:300]
        else:
            row.phone_paused_until, row.phone_paused_why = until, why[:300]


@retried
def beat(worker: str, *, now: datetime, sent_at: datetime | None = None) -> int:
    """A sign of life; how many workers are alive. Forgets those that were silent for a day."""
    with transaction():
        row = _row(worker, now)
        row.sent_at = sent_at or row.sent_at
        db.session.flush()
        rows = db.session.scalars(select(Heartbeat)).all()
        for other in rows:
            if now - other.at > FORGET:
                db.session.delete(other)
        return sum(abs(now - other.at) <= ALIVE for other in rows)


@retried
def resume(*, now: datetime, way: str = MAIL) -> None:
    """A message left: whatever was wrong is over."""
    with transaction():
        over = {"paused_until": None, "paused_why": ""}
        if way == PHONE:
            over = {f"phone_{name}": value for name, value in over.items()}
        db.session.execute(update(Heartbeat).values(over))


def paused_channels(now: datetime) -> Sequence[str]:
    """Channels whose way out some worker found in trouble and whose pause is not over."""
    latest = select(func.max(Heartbeat.paused_until), func.max(Heartbeat.phone_paused_until))
    mail, phone = db.session.execute(latest).one()
    paused = [way for way, until in ((MAIL, mail), (PHONE, phone)) if is_pause(until, now)]
    return [channel for way in paused for channel in CHANNELS[way]]


def is_pause(until: datetime | None, now: datetime) -> bool:
    """A pause that would last too long was written by a clock that has been set back."""
    return until is not None and now < until <= now + LONGEST_PAUSE


def _row(worker: str, now: datetime) -> Heartbeat:
    row = db.session.get(Heartbeat, worker)
    if row is None:
        row = Heartbeat(worker=worker, at=now, paused_why="", phone_paused_why="")
        db.session.add(row)
    row.at = now
    return row
