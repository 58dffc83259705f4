"""What need not be kept: old messages' bytes, what somebody wrote, links that are over (trust I23).

Of a message its row, its SHA-256 and the audit line stay.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update

from scheduler.extensions import db
from scheduler.models import Inbound, Link, Outbox, Visit
from scheduler.transaction import retried, transaction

BYTES_KEPT = timedelta(days=30)
"""After the visit; for a message about many, after the last of its series."""
AT_ONCE = 500


@retried
def drop_bytes(*, now: datetime) -> int:
    """Forget the bytes of messages whose visit is long over; how many."""
    old = _old(now - BYTES_KEPT)
    if db.session.scalar(select(old.exists())) is not True:
        return 0
    with transaction():
        ids = db.session.scalars(old.order_by(Outbox.id).limit(AT_ONCE)).all()
        rows = update(Outbox).where(Outbox.id.in_(ids)).values(body=None)
        db.session.execute(rows.execution_options(synchronize_session=False))
        return len(ids)


@retried
def drop_comments(*, now: datetime) -> int:
    """Forget what people wrote to us, as long after it came; verdict and reason stay. How many."""
    old = select(Inbound.id).where(Inbound.received_at < now - BYTES_KEPT, Inbound.comment != "")
    if db.session.scalar(old.limit(1)) is None:
        return 0
    with transaction():
        ids = db.session.scalars(old.order_by(Inbound.id).limit(AT_ONCE)).all()
        rows = update(Inbound).where(Inbound.id.in_(ids)).values(comment="")
        db.session.execute(rows.execution_options(synchronize_session=False))
        return len(ids)


@retried
def drop_links(*, now: datetime) -> int:
    """Forget links that ended a day ago or longer; how many."""
    over = select(Link.id).where(Link.expires_at < now - timedelta(days=1))
    if db.session.scalar(over.limit(1)) is None:
        return 0
    with transaction():
        ids = db.session.scalars(over.order_by(Link.id).limit(AT_ONCE)).all()
        rows = delete(Link).where(Link.id.in_(ids))
        db.session.execute(rows.execution_options(synchronize_session=False))
        return len(ids)


def _old(before: datetime) -> Select[int]:
    return select(Outbox.id).where(
        Outbox.created_at < before,
        Outbox.body.is_not(None),
        Outbox.state != "waiting",
        _over(before),
    )


def _over(before: datetime) -> ColumnElement[bool]:
    """No visit that the message is about ends later; without one, it left before."""
    about = or_(
        Visit.id == Outbox.visit_id,
        Outbox.visit_id.is_(None) & (Visit.series_id == Outbox.series_id),
    )
    last = select(func.max(Visit.leaves_at)).where(about).correlate(Outbox).scalar_subquery()
    return func.coalesce(last, Outbox.sent_at, Outbox.created_at) < before
