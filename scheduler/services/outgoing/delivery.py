"""Keeps what became of a leased message: begun, taken, refused, put off (trust I10 to I14)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Table, Update, bindparam, insert, update

from scheduler.extensions import db
from scheduler.models import AuditEntry, Outbox
from scheduler.planning import backoff
from scheduler.services import tasks
from scheduler.services.incoming import bounces
from scheduler.services.outgoing import outbox_stamp
from scheduler.services.outgoing.leases import Lease
from scheduler.services.outgoing.outbox_settling import ask_for_a_call, fail, settled
from scheduler.services.outgoing.outbox_stamp import FRESH
from scheduler.services.own import links
from scheduler.services.own.links import NewLinks
from scheduler.transaction import retried, transaction

TRIES_BEFORE_A_CALL = 6
"""After about a quarter of an hour of trying, somebody is told; the tries go on."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """The bytes of a message and the tokens of its links by purpose (trust I23)."""

    body: bytes = field(repr=False)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A message that the server or provider took, what it said, and its own number for it."""

    lease: Lease
    at: datetime
    said: str = ""
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why a try failed, for the desk; `uncertain`: the server may have taken it all the same;
    `nobody_there`: the address itself is wrong."""

    why: str
    uncertain: bool = False
    nobody_there: bool = False


Draft = tuple[Lease, Written]
"""A message that is written and not begun."""


@retried
def begin(drafts: Sequence[Draft], *, now: datetime, taken: Sequence[Taken] = ()) -> list[Draft]:
    """Right before the network: which rows are still ours and still true? Then keep their bytes.

    Counts the try, and makes the lease last for it. Messages that were taken meanwhile are marked
    in the same transaction.
    """
    with transaction():
        _mark(taken)
        begun = [one for one in drafts if _begun_at_once(*one, now) or _begun(*one, now)]
        _remember([(lease, written) for lease, written in begun if lease.body is None], now)
        return begun


def _begun_at_once(lease: Lease, written: Written, now: datetime) -> bool:
    """One conditional statement: a row that was superseded meanwhile is not waiting any more."""
    if lease.stamp is None or not lease.at <= now < lease.at + FRESH:
        return False
    seen = {
        "the_row": lease.row_id,
        "worker": lease.worker,
        "now": now,
        "until": now + lease.length,
        **outbox_stamp.values(lease.stamp),
    }
    if lease.body is not None:
        return _execute(_AGAIN, seen) == 1
    return _execute(_ANEW, {**seen, **_new_bytes(lease, written)}) == 1


def _begun(lease: Lease, written: Written, now: datetime) -> bool:
    """The whole question again, on the locked row."""
    row = _locked(lease.row_id)
    until = row.claimed_until
    ours = row.claimed_by == lease.worker and until is not None and until > now
    if not ours or row.state != "waiting" or settled(row, now):
        return False
    if (row.body is None) != (lease.body is None):
        return False  # somebody else wrote it since
    row.attempts += 1
    row.may_have_left, row.claimed_until = True, now + lease.length
    if lease.body is None:
        for name, value in _new_bytes(lease, written).items():
            setattr(row, name, value)
    return True


def _new_bytes(lease: Lease, written: Written) -> dict[str, Any]:
    return {
        "body": written.body,
        "body_sha256": hashlib.sha256(written.body).hexdigest(),
        "stamped_at": lease.facts.stamped_at,
        "message_id": lease.facts.message_id,
        "wording": f"{lease.facts.language} {lease.facts.wording.stamp}",
    }


def _remember(drafts: Sequence[Draft], now: datetime) -> None:
    """Proof of what the patients were told, and the hashes of their links."""
    if not drafts:
        return
    proofs = [
        {
            "organisation_id": lease.target.organisation_id,
            "at": now,
            "by_name": "the worker",
            "action": "begin_message",
            "subject": f"message:{lease.row_id}",
            "reason": hashlib.sha256(written.body).hexdigest(),
        }
        for lease, written in drafts
    ]
    db.session.execute(_PROOF, proofs)
    links.keep_all([_links(*one) for one in drafts], now=now)


def _links(lease: Lease, written: Written) -> NewLinks:
    return NewLinks(tokens=written.tokens, target=lease.target, last_leaves_at=lease.last_leaves_at)


@retried
def sent(taken: Sequence[Taken]) -> None:
    """The server said 250. True even of a row that was superseded while it was on its way."""
    if not taken:
        return
    with transaction():
        _mark(taken)


def _mark(taken: Sequence[Taken]) -> None:
    if not taken:
        return
    said = [
        {
            "the_row": one.lease.row_id,
            "now": one.at,
            "said": one.said[:300],
            "reference": one.reference[:120] or None,
        }
        for one in taken
    ]
    db.session.execute(_SENT, said)
    for one in taken:
        if one.lease.tries:  # only then somebody was asked to call
            tasks.drop_of_message(one.lease.row_id, now=one.at)


@retried
def refused(lease: Lease, trouble: Trouble, *, now: datetime) -> None:
    """A final no to this message or address: it fails at once and the patient is called (I13)."""
    with transaction():
        row = _locked(lease.row_id)
        _free(row, lease, trouble)
        fail(row, trouble.why, now)
        if trouble.nobody_there:
            bounces.hard_no(row, now=now)


@retried
def not_yet(lease: Lease, trouble: Trouble, *, now: datetime, jitter: float) -> None:
    """Try again later; after a while somebody is asked to call."""
    with transaction():
        row = _locked(lease.row_id)
        _free(row, lease, trouble)
        if row.state == "waiting":
            row.claimed_until = now + backoff.wait(row.attempts, jitter)
            if row.attempts == TRIES_BEFORE_A_CALL:
                ask_for_a_call(row, now)


@retried
def hand_back(leases: Sequence[Lease]) -> None:
    """Not handed over after all, as when the server is in trouble: a row that had begun was not
    tried (trust I13)."""
    with transaction():
        for lease in leases:
            row = _locked(lease.row_id)
            if row.claimed_by == lease.worker:
                row.attempts = lease.tries
                row.may_have_left = lease.uncertain
                row.claimed_by = row.claimed_until = None


def _locked(row_id: int) -> Outbox:
    return db.session.get_one(Outbox, row_id, with_for_update=True, populate_existing=True)


def _free(row: Outbox, lease: Lease, trouble: Trouble) -> None:
    row.claimed_by = row.claimed_until = None
    row.last_error = row.server_said = trouble.why[:300]
    row.may_have_left = lease.uncertain or trouble.uncertain


def _execute(statement: Update, values: dict[str, Any]) -> int:
    """How many rows it changed."""
    return cast("CursorResult[Any]", db.session.execute(statement, values)).rowcount


# Made once: to build and to name such a statement costs more than to run it.
_ROWS = cast("Table", Outbox.__table__)
_PROOF = insert(cast("Table", AuditEntry.__table__))
_TRY = (
    update(_ROWS)
    .where(
        _ROWS.c.id == bindparam("the_row"),
        _ROWS.c.state == "waiting",
        _ROWS.c.claimed_by == bindparam("worker"),
        _ROWS.c.claimed_until > bindparam("now"),
        outbox_stamp.stands(),
    )
    .values(attempts=_ROWS.c.attempts + 1, may_have_left=True, claimed_until=bindparam("until"))
)
_AGAIN = _TRY.where(_ROWS.c.body.is_not(None))
_ANEW = _TRY.where(_ROWS.c.body.is_(None)).values(
    {
        name: bindparam(name)
        for name in ("body", "body_sha256", "stamped_at", "message_id", "wording")
    }
)
_SENT = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("the_row"))
    .values(
        state="sent",
        sent_at=bindparam("now"),
        last_error=None,
        why="",
        claimed_by=None,
        claimed_until=None,
        may_have_left=True,
        server_said=bindparam("said"),
        provider_ref=bindparam("reference"),
    )
)
