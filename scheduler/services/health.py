"""Is the database there, is a worker alive, do messages leave and replies arrive: for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from scheduler.extensions import db
from scheduler.models import Heartbeat, Mailbox, Outbox
from scheduler.services.heartbeats import is_pause

SILENT = timedelta(minutes=2)
"""A worker signs every few seconds; after this long it is taken for dead."""
OVERDUE = timedelta(minutes=10)
"""A message that is due for so long, and nobody touched it, is a worker that does not work."""


@dataclass(frozen=True, kw_only=True)
class Health:
    """`seen_at`: the signs of life of the workers, youngest first. `sent_at`: the last message
    that left. `due_since`: the oldest message that is or will be due and that nobody has touched.
    `paused_why`, `phone_paused_why`, `replies_trouble` are for staff only."""

    database: bool
    signs: Sequence[datetime] = ()
    sent_at: datetime | None = None
    due_since: datetime | None = None
    paused_until: datetime | None = None
    paused_why: str = ""
    phone_paused_until: datetime | None = None
    phone_paused_why: str = ""
    replies_trouble: str = ""

    @property
    def seen_at(self) -> datetime | None:
        return self.signs[0] if self.signs else None

    def workers(self, now: datetime) -> int:
        return sum(now - at < SILENT for at in self.signs)

    def worker_alive(self, now: datetime) -> bool:
        return self.workers(now) > 0

    def mail_paused(self, now: datetime) -> bool:
        return is_pause(self.paused_until, now)

    def phone_paused(self, now: datetime) -> bool:
        return is_pause(self.phone_paused_until, now)

    def oldest_due(self, now: datetime) -> timedelta:
        """How long the oldest message waits for a worker; nothing if none does."""
        return max(now - self.due_since, timedelta(0)) if self.due_since else timedelta(0)

    def all_well(self, now: datetime) -> bool:
        trouble = self.mail_paused(now) or self.phone_paused(now) or bool(self.replies_trouble)
        on_time = self.oldest_due(now) < OVERDUE
        return self.database and self.worker_alive(now) and on_time and not trouble


SIGNS = select(Heartbeat).order_by(Heartbeat.at.desc())
"""What `judge` reads."""
WAITING = select(func.min(Outbox.due_at)).where(
    Outbox.state == "waiting", Outbox.claimed_until.is_(None)
)


def check() -> Health:
    """Never raises for a database that is gone or empty: saying so is its purpose."""
    try:
        found = judge(db.session.scalars(SIGNS).all())
        troubles = db.session.scalars(select(Mailbox.trouble).where(Mailbox.trouble != "")).all()
        due_since = db.session.scalar(WAITING)
    except SQLAlchemyError:
        db.session.rollback()
        return Health(database=False)
    return replace(found, due_since=due_since, replies_trouble=" ".join(troubles))


def judge(rows: Sequence[Heartbeat]) -> Health:
    """What the workers say; one that pauses a way out, pauses it for all."""
    if not rows:
        return Health(database=True)
    mail = max(rows, key=lambda row: _seconds(row.paused_until))
    phone = max(rows, key=lambda row: _seconds(row.phone_paused_until))
    return Health(
        database=True,
        signs=[row.at for row in rows],
        sent_at=max((row.sent_at for row in rows if row.sent_at), default=None),
        paused_until=mail.paused_until,
        paused_why=mail.paused_why,
        phone_paused_until=phone.phone_paused_until,
        phone_paused_why=phone.phone_paused_why,
    )


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at else 0
