"""How far each mailbox was read, and what is wrong with it (calendar I1, RFC 9051 2.3.1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Mailbox
from scheduler.transaction import retried, transaction

SIGNED_EVERY = timedelta(minutes=5)
"""So often at most an idle mailbox is written down as read."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a message lay: the mailbox, its UIDVALIDITY, and the message's UID there."""

    mailbox: str
    uid_validity: int = 0
    uid: int = 0


@dataclass(frozen=True, kw_only=True)
class LastRead:
    """How far a mailbox was read, and from when on to look where its numbers say nothing."""

    place: Place
    since: datetime


def last_read(name: str, *, now: datetime) -> LastRead:
    """A mailbox that was never read begins yesterday: old letters are no news.

    Ends the read transaction: what follows waits for a network.
    """
    row = db.session.get(Mailbox, name)
    place, read_at = Place(mailbox=name), now
    if row is not None:
        place = Place(mailbox=name, uid_validity=row.uid_validity, uid=row.last_uid)
        read_at = row.read_at
    db.session.rollback()
    return LastRead(place=place, since=read_at - timedelta(days=1))


def advance(place: Place, *, now: datetime) -> None:
    """Read up to here. Inside the caller's transaction; two readers take turns from here on."""
    row = _locked(place.mailbox, now)
    if row.uid_validity != place.uid_validity:
        row.uid_validity, row.last_uid = place.uid_validity, 0
    row.last_uid = max(row.last_uid, place.uid)
    row.read_at, row.trouble = now, ""


@retried
def signed(name: str, *, now: datetime) -> None:
    """It was read to its end and nothing is wrong; written only where that is news."""
    known = db.session.get(Mailbox, name)
    if known is not None and not known.trouble and now - known.read_at < SIGNED_EVERY:
        return
    with transaction():
        row = _locked(name, now)
        row.read_at, row.trouble = now, ""


@retried
def troubled(name: str, why: str, *, now: datetime) -> bool:
    """It cannot be read; `read_at` stays when it last could. Whether that is news: else nothing is
    written."""
    known = db.session.get(Mailbox, name)
    if known is not None and known.trouble == why[:300]:
        return False
    with transaction():
        _locked(name, now).trouble = why[:300]
    return True


def in_trouble() -> Sequence[Mailbox]:
    """For /healthz and the Messages page."""
    return db.session.scalars(select(Mailbox).where(Mailbox.trouble != "")).all()


def _locked(name: str, now: datetime) -> Mailbox:
    row = db.session.get(Mailbox, name, with_for_update=True, populate_existing=True)
    if row is None:
        row = Mailbox(name=name, uid_validity=0, last_uid=0, read_at=now, trouble="")
        db.session.add(row)
        db.session.flush()
    return row
