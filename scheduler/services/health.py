"""Is the database there, is a worker alive, does mail leave: what machines ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from scheduler.extensions import db
from scheduler.models import Heartbeat

SILENT = timedelta(minutes=2)
"""A worker signs every few seconds; after this long it is taken for dead."""


@dataclass(frozen=True, kw_only=True)
class Health:
    """`seen_at`: the youngest sign of life of any worker. `paused_why` is for staff only."""

    database: bool
    seen_at: datetime | None = None
    paused_until: datetime | None = None
    paused_why: str = ""

    def worker_alive(self, now: datetime) -> bool:
        return self.seen_at is not None and now - self.seen_at < SILENT

    def mail_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now

    def all_well(self, now: datetime) -> bool:
        return self.database and self.worker_alive(now) and not self.mail_paused(now)


SIGNS = select(Heartbeat).order_by(Heartbeat.at.desc())
"""What `judge` reads."""


def check() -> Health:
    """Never raises for a database that is gone or empty: saying so is its purpose."""
    try:
        return judge(db.session.scalars(SIGNS).all())
    except SQLAlchemyError:
        db.session.rollback()
        return Health(database=False)


def judge(rows: Sequence[Heartbeat]) -> Health:
    """The youngest row speaks for all workers; one that pauses the mail, pauses it."""
    if not rows:
        return Health(database=True)
    paused = max(rows, key=lambda row: row.paused_until.timestamp() if row.paused_until else 0)
    return Health(
        database=True,
        seen_at=rows[0].at,
        paused_until=paused.paused_until,
        paused_why=paused.paused_why,
    )
