"""Hands due messages to one worker at a time and keeps what became of them (trust I10 to I14).

A row goes claim -> begin -> sent, and no transaction is open while the network is used. Delivery is
at least once: a repeat is the same stored bytes (house decision 5).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select
from sqlalchemy.orm import aliased

from scheduler.extensions import db
from scheduler.models import Outbox
from scheduler.planning import backoff
from scheduler.services import outbox_rows, tasks
from scheduler.services.heartbeats import paused
from scheduler.services.mail_facts import MessageFacts
from scheduler.services.outbox_facts import facts_of
from scheduler.services.outbox_truth import shut_until, untrue
from scheduler.services.tasks import NewTask
from scheduler.transaction import retried, transaction

TRIES_BEFORE_A_CALL = 6
"""After about a quarter of an hour of trying, somebody is told; the tries go on."""
EARLIER = aliased(Outbox)


@dataclass(frozen=True, kw_only=True)
class Lease:
    """A row that is ours until `until`.

    `body` are the bytes of an earlier try, if there was one; `uncertain`: one may have arrived.
    """

    row_id: int
    worker: str
    until: datetime
    recipient: str
    body: bytes | None
    uncertain: bool
    facts: MessageFacts


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why a try failed, for the desk; `uncertain`: the server may have taken it all the same."""

    why: str
    uncertain: bool = False


def anything_due(now: datetime) -> bool:
    """A cheap look without a transaction, so that an idle worker never writes."""
    return db.session.scalar(select(_claimable(now).exists())) is True


@retried
def claim(worker: str, *, now: datetime, lease: timedelta) -> Lease | None:
    """Take the next due row that still holds; None if there is none, or the drain is paused.

    Rows that do not hold any more end here as superseded or skipped (trust I10).
    """
    with transaction():
        if paused(now):
            return None
        while (row := _next(now)) is not None:
            try:
                if not _settled(row, now):
                    return _leased(row, worker, now, now + lease)
            except (LookupError, TypeError, ValueError):  # one bad row delays nobody (trust I14)
                _fail(row, "It could not be written.", now)
            db.session.flush()
    return None


@retried
def begin(lease: Lease, body: bytes, *, now: datetime) -> bool:
    """Right before SMTP: is the row still ours and still true? Then keep the bytes that leave."""
    with transaction():
        row = _mine(lease, now)
        if row is None or _settled(row, now):
            return False
        if row.body is None:
            row.body, row.body_sha256 = body, hashlib.sha256(body).hexdigest()
            row.stamped_at, row.message_id = lease.facts.stamped_at, lease.facts.message_id
        row.may_have_left = True
        return True


@retried
def sent(lease: Lease, *, now: datetime) -> None:
    """The server said 250. True even if the row was superseded while it was on its way."""
    with transaction():
        row = _locked(lease.row_id)
        row.state, row.sent_at, row.last_error, row.why = "sent", now, None, ""
        row.claimed_by = row.claimed_until = None
        row.may_have_left = True
        tasks.drop_of_message(row.id, now=now)


@retried
def refused(lease: Lease, trouble: Trouble, *, now: datetime) -> None:
    """A final no to this message or address: it fails at once and the patient is called (I13)."""
    with transaction():
        row = _locked(lease.row_id)
        _free(row, lease, trouble)
        _fail(row, trouble.why, now)


@retried
def not_yet(lease: Lease, trouble: Trouble, *, now: datetime, jitter: float) -> None:
    """Try again later; after a while somebody is asked to call."""
    with transaction():
        row = _locked(lease.row_id)
        _free(row, lease, trouble)
        if row.state == "waiting":
            row.claimed_until = now + backoff.wait(row.attempts, jitter)
            if row.attempts == TRIES_BEFORE_A_CALL:
                _ask_for_a_call(row, now)


@retried
def hand_back(lease: Lease) -> None:
    """The server as a whole is in trouble: this row was not tried (trust I13)."""
    with transaction():
        row = _locked(lease.row_id)
        row.attempts -= 1
        row.may_have_left = lease.uncertain
        row.claimed_by = row.claimed_until = None


def _claimable(now: datetime) -> Select[Outbox]:
    """Due, not leased, and no earlier message to the same calendar still to leave (trust I11)."""
    return select(Outbox).where(
        Outbox.state == "waiting",
        Outbox.due_at <= now,
        or_(Outbox.claimed_until.is_(None), Outbox.claimed_until <= now),
        ~exists().where(_goes_first(now)),
    )


def _goes_first(now: datetime) -> ColumnElement[bool]:
    on_its_way = and_(EARLIER.may_have_left, EARLIER.claimed_until > now)
    return and_(
        EARLIER.uid == Outbox.uid,
        EARLIER.recipient == Outbox.recipient,
        EARLIER.id < Outbox.id,
        or_(EARLIER.state == "waiting", on_its_way),
    )


def _next(now: datetime) -> Outbox | None:
    digest_first = case((Outbox.kind == "digest", 0), else_=1)  # it says who the others come from
    rows = _claimable(now).order_by(Outbox.due_at, digest_first, Outbox.id).limit(1)
    # not rendered on SQLite, where the write gate does the same
    locked = rows.with_for_update(skip_locked=True, of=Outbox)
    return db.session.scalar(locked.execution_options(populate_existing=True))


def _mine(lease: Lease, now: datetime) -> Outbox | None:
    row = _locked(lease.row_id)
    until = row.claimed_until
    ours = row.claimed_by == lease.worker and until is not None and until > now
    return row if ours and row.state == "waiting" else None


def _leased(row: Outbox, worker: str, now: datetime, until: datetime) -> Lease:
    facts = facts_of(row, now=now)
    row.claimed_by, row.claimed_until = worker, until
    row.attempts += 1
    return Lease(
        row_id=row.id,
        worker=worker,
        until=until,
        recipient=row.recipient,
        body=row.body,
        uncertain=row.may_have_left,
        facts=facts,
    )


def _locked(row_id: int) -> Outbox:
    return db.session.get_one(Outbox, row_id, with_for_update=True, populate_existing=True)


def _settled(row: Outbox, now: datetime) -> bool:
    """True if the row must not leave now: it was ended, or put off to the morning."""
    if row.useless_at is not None and row.useless_at <= now:
        _too_late(row, now)
    elif (why := untrue(row, now)) is not None:
        row.state, row.why = "superseded", why
    elif (opens_at := shut_until(row, now)) is not None:
        row.claimed_until = opens_at
    else:
        return False
    row.claimed_by = None
    return True


def _too_late(row: Outbox, now: datetime) -> None:
    """Late but useful is sent, useless is not: nobody is woken for it (trust I16)."""
    why = "It could not leave in time to be of use."
    if row.kind in outbox_rows.REMINDER_KINDS and row.attempts == 0:
        row.state, row.why = "skipped", why
    else:
        _fail(row, why, now)


def _free(row: Outbox, lease: Lease, trouble: Trouble) -> None:
    row.claimed_by = row.claimed_until = None
    row.last_error = trouble.why[:500]
    row.may_have_left = lease.uncertain or trouble.uncertain


def _fail(row: Outbox, why: str, now: datetime) -> None:
    if row.state == "waiting":
        row.state, row.why = "failed", why[:200]
        _ask_for_a_call(row, now)


def _ask_for_a_call(row: Outbox, now: datetime) -> None:
    new = NewTask(
        organisation_id=row.organisation_id,
        site_id=row.site_id,
        kind=tasks.FAILED_MESSAGE,
        due_at=now,
        what="E-mail does not reach this patient: call, tell the dates, check the address.",
        patient_id=row.patient_id,
        visit_id=row.visit_id,
        outbox_id=row.id,
    )
    tasks.add_once(new, now=now)
