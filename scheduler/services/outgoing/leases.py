"""Hands due messages to one worker at a time, some at once (trust I10, I11, I14).

A row goes claim -> begin -> sent (delivery.py), and no transaction is open while the
network is used. Delivery is at least once: a repeat is the same stored bytes (house decision 5).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased, defer, joinedload

from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Visit
from scheduler.planning.pacing import Pace
from scheduler.services import heartbeats
from scheduler.services.outgoing.mail_facts import MessageFacts
from scheduler.services.outgoing.outbox_facts import facts_of
from scheduler.services.outgoing.outbox_settling import fail, settled
from scheduler.services.outgoing.outbox_stamp import Stamp, stamp_of
from scheduler.services.outgoing.outbox_together import Together, read_together
from scheduler.services.own import links
from scheduler.services.own.links import Target
from scheduler.transaction import retried, transaction

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Rows in one transaction: on SQLite the desk waits for so many."""
LONGEST_LEASE = timedelta(minutes=15)
"""A lease that ends later than this was written by a clock that has been set back."""
EARLIER = aliased(Outbox)
WITH_EACH = (
    joinedload(Outbox.visit).options(defer(Visit.overrides), defer(Visit.shape), defer(Visit.prep)),
    joinedload(Outbox.patient).options(
        defer(Patient.weekdays), defer(Patient.prep), defer(Patient.note), defer(Patient.find_text)
    ),
)
"""What no message tells stays in the database: reading JSON is half of the work."""
Place = tuple[datetime, int]
"""Where a row stands in the queue: when it was due, and its id."""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """A row that is ours for `length` from `at`.

    `body` are the bytes of an earlier try, if there was one; `uncertain`: one may have arrived;
    `tries`: how many there were; `target`: what its links open. `stamp` is what its truth was read
    from, `last_leaves_at` when the patient's last planned visit is over.
    """

    row_id: int
    worker: str
    at: datetime
    length: timedelta
    channel: str
    recipient: str
    body: bytes | None = field(repr=False)
    uncertain: bool
    tries: int
    facts: MessageFacts = field(repr=False)
    target: Target
    stamp: Stamp | None = None
    last_leaves_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a worker asks for. `without`: channels that it cannot serve now; `after`: the place in
    the queue up to which it has looked in this pass."""

    worker: str
    lease: timedelta
    most: int = AT_ONCE
    pace: Pace | None = None
    without: Collection[str] = ()
    after: Place | None = None


@dataclass(frozen=True, kw_only=True)
class Batch:
    """`found` rows were due, up to `last`; those that do not hold any more ended, the rest is
    leased to us."""

    found: int = 0
    leases: Sequence[Lease] = ()
    last: Place | None = None


NOTHING = Batch()


def anything_due(now: datetime) -> bool:
    """A cheap look without a transaction, so that an idle worker never writes."""
    return db.session.scalar(select(_claimable(now).exists())) is True


@retried
def claim(wanted: Claim, *, now: datetime) -> Batch:
    """Lease the next due rows that still hold, in one transaction.

    Rows that do not hold any more end here as superseded or skipped (trust I10). Nothing is found
    on a channel that is paused, and for a domain that has had its part for now.
    """
    with transaction():
        without = {*wanted.without, *heartbeats.paused_channels(now)}
        crowded = wanted.pace.crowded(now) if wanted.pace else ()
        rows = _due(_wanted(wanted, without, crowded, now), wanted.most)
        if not rows:
            return NOTHING
        with read_together(rows, now) as together:
            leases = [
                lease for row in rows if (lease := _judged(row, wanted, together, now)) is not None
            ]
        db.session.flush()
        _take(leases)
        last = (rows[-1].due_at, rows[-1].id)
        return Batch(found=len(rows), leases=leases, last=last)


def _judged(row: Outbox, wanted: Claim, together: Together, now: datetime) -> Lease | None:
    """One bad row delays nobody (trust I14): whatever is wrong with it ends it alone."""
    try:
        if settled(row, now):
            return None
        lease = _lease(row, wanted, together, now)
    except SQLAlchemyError:
        raise  # not the row's fault
    except Exception as error:
        log.error("message %s cannot be read: %s", row.id, type(error).__name__)
        fail(row, "It could not be written.", now)
        return None
    if wanted.pace is None or row.channel != "email" or wanted.pace.take(row.recipient, now):
        return lease
    return None


def _lease(row: Outbox, wanted: Claim, together: Together, now: datetime) -> Lease:
    return Lease(
        row_id=row.id,
        worker=wanted.worker,
        at=now,
        length=wanted.lease,
        channel=row.channel,
        recipient=row.recipient,
        body=row.body,
        uncertain=row.may_have_left,
        tries=row.attempts,
        facts=facts_of(row, now=now),
        target=links.of_message(row),
        stamp=stamp_of(row),
        last_leaves_at=together.last_leaves_at.get(row.patient_id),
    )


def _take(leases: Sequence[Lease]) -> None:
    """One statement, however many there are."""
    if not leases:
        return
    ids = [lease.row_id for lease in leases]
    mine = {"claimed_by": leases[0].worker, "claimed_until": leases[0].at + leases[0].length}
    rows = update(Outbox).where(Outbox.id.in_(ids)).values(mine)
    db.session.execute(rows.execution_options(synchronize_session=False))


@retried
def release(leases: Sequence[Lease]) -> None:
    """Rows of ours that were not begun: another worker, or a later moment, may have them."""
    if not leases:
        return
    with transaction():
        ours = update(Outbox).where(
            Outbox.id.in_([lease.row_id for lease in leases]),
            Outbox.claimed_by == leases[0].worker,
        )
        free = ours.values(claimed_by=None, claimed_until=None)
        db.session.execute(free.execution_options(synchronize_session=False))


def _claimable(now: datetime) -> Select[Outbox]:
    """Due, not leased, and no earlier message to the same calendar still to leave (trust I11)."""
    jumped_back = and_(Outbox.claimed_by.is_not(None), Outbox.claimed_until > now + LONGEST_LEASE)
    return select(Outbox).where(
        Outbox.state == "waiting",
        Outbox.due_at <= now,
        or_(Outbox.claimed_until.is_(None), Outbox.claimed_until <= now, jumped_back),
        or_(Outbox.uid.is_(None), ~exists().where(_goes_first(now))),
    )


def _goes_first(now: datetime) -> ColumnElement[bool]:
    on_its_way = and_(EARLIER.may_have_left, EARLIER.claimed_until > now)
    return and_(
        EARLIER.uid == Outbox.uid,
        EARLIER.recipient == Outbox.recipient,
        EARLIER.id < Outbox.id,
        or_(EARLIER.state == "waiting", on_its_way),
    )


def _wanted(
    wanted: Claim, without: Collection[str], crowded: Collection[str], now: datetime
) -> Select[Outbox]:
    rows = _claimable(now)
    if wanted.after is not None:
        due_at, row_id = wanted.after
        behind = or_(Outbox.due_at > due_at, Outbox.id > row_id)
        rows = rows.where(Outbox.due_at >= due_at, behind)
    if without:
        rows = rows.where(Outbox.channel.not_in(sorted(without)))
    address = func.lower(Outbox.recipient)
    return rows.where(*(~address.endswith(f"@{domain}", autoescape=True) for domain in crowded))


def _due(rows: Select[Outbox], most: int) -> Sequence[Outbox]:
    """The oldest first; of one moment, as they were queued: a digest before its invitations."""
    first = rows.order_by(Outbox.due_at, Outbox.id).limit(most)
    # not rendered on SQLite, where the write gate does the same
    locked = first.with_for_update(skip_locked=True, of=Outbox)
    loaded = locked.options(*WITH_EACH)
    found = db.session.scalars(loaded.execution_options(populate_existing=True)).all()
    _read_shapes({row.visit_id for row in found if "visit" not in row.facts})
    return found


def _read_shapes(visit_ids: Collection[int | None]) -> None:
    """For rows that tell the visit as it is now; the others carry what they tell (calendar U6)."""
    if visit_ids:
        rows = select(Visit).where(Visit.id.in_(visit_ids)).options(defer(Visit.overrides))
        db.session.scalars(rows.execution_options(populate_existing=True)).all()
