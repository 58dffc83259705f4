"""Links in messages and feeds: minted, kept as a hash, found, ended (trust I23)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Table, insert, select, update

from scheduler.errors import NotFound
from scheduler.extensions import db
from scheduler.models import Link, Outbox, Patient, Site
from scheduler.models.link import PURPOSES
from scheduler.services import audit, scope
from scheduler.services.actor import Actor
from scheduler.transaction import transaction

PAGE, OFF, DRIVER, FEED, CHAIR = PURPOSES
BITS, FEED_BITS = 128, 256
LONGEST_TOKEN = 64
AFTER_MESSAGE = {PAGE: timedelta(days=30), OFF: timedelta(days=180), DRIVER: timedelta(days=1)}
"""How long a link of a message opens at least."""
AFTER_VISIT = timedelta(days=1)
"""A link about a visit outlives the visit by a day."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a link opens: something of a patient, of a visit, or of a chair."""

    organisation_id: int
    site_id: int
    patient_id: int | None = None
    visit_id: int | None = None
    chair_id: int | None = None
    outbox_id: int | None = None


def new_token(bits: int = BITS) -> str:
    """Letters, digits, "-" and "_": 22 for 128 bits."""
    return secrets.token_urlsafe(bits // 8)


def hash_of(token: str) -> str:
    """What is stored instead of the token."""
    return hashlib.sha256(token.encode()).hexdigest()


def of_message(row: Outbox) -> Target:
    """What a link in this message opens."""
    return Target(
        organisation_id=row.organisation_id,
        site_id=row.site_id,
        patient_id=row.patient_id,
        visit_id=row.visit_id,
        outbox_id=row.id,
    )


def ends_at(purpose: str, *, now: datetime, last_leaves_at: datetime | None = None) -> datetime:
    """When a link of a message ends: a day after the last visit that the patient has, or some days
    after the message, whichever is later."""
    at_least = now + AFTER_MESSAGE[purpose]
    return max(at_least, last_leaves_at + AFTER_VISIT) if last_leaves_at else at_least


def keep(
    token: str, purpose: str, target: Target, *, now: datetime, expires_at: datetime | None
) -> Link:
    """Remember a link, inside the caller's transaction. `expires_at` None: until it is revoked."""
    link = Link(
        organisation_id=target.organisation_id,
        site_id=target.site_id,
        patient_id=target.patient_id,
        visit_id=target.visit_id,
        chair_id=target.chair_id,
        outbox_id=target.outbox_id,
        token_hash=hash_of(token),
        purpose=purpose,
        created_at=now,
        expires_at=expires_at,
    )
    db.session.add(link)
    return link


@dataclass(frozen=True, kw_only=True)
class NewLinks:
    """The links of one message: tokens by purpose, what they open, and when the patient's last
    visit is over."""

    tokens: Mapping[str, str] = field(repr=False)
    target: Target
    last_leaves_at: datetime | None


def keep_all(messages: Iterable[NewLinks], *, now: datetime) -> None:
    """Remember the links of some messages; in one statement, for there are many."""
    rows = [
        {
            **vars(one.target),
            "token_hash": hash_of(token),
            "purpose": purpose,
            "created_at": now,
            "expires_at": ends_at(purpose, now=now, last_leaves_at=one.last_leaves_at),
        }
        for one in messages
        for purpose, token in one.tokens.items()
    ]
    if rows:
        db.session.execute(insert(cast("Table", Link.__table__)), rows)


def find(token: str, purpose: str, *, now: datetime) -> Link:
    """Raises NotFound, alike for a token that is unknown, of another purpose, over or revoked."""
    if not token or len(token) > LONGEST_TOKEN or not token.isascii():
        raise NotFound
    known = select(Link).where(
        Link.token_hash == hash_of(token),
        Link.purpose == purpose,
        Link.revoked_at.is_(None),
        (Link.expires_at.is_(None)) | (Link.expires_at > now),
    )
    link = db.session.scalar(known)
    if link is None:
        raise NotFound
    return link


def end(*which: ColumnElement[bool], now: datetime) -> None:
    """Revoke every link described, inside the caller's transaction."""
    live = update(Link).where(Link.revoked_at.is_(None), *which)
    ended = live.values(revoked_at=now).execution_options(synchronize_session="fetch")
    db.session.execute(ended)


def end_of_patient(patient: Patient, purposes: Collection[str], *, now: datetime) -> None:
    """Inside the caller's transaction."""
    mine = (Link.organisation_id == patient.organisation_id, Link.patient_id == patient.id)
    end(*mine, Link.purpose.in_(purposes), now=now)


def revoke_all(patient_id: int, actor: Actor, *, now: datetime) -> None:
    """A message went to the wrong person: no link of this patient opens any more. The feed is
    ended apart. Raises NotAllowed, NotFound."""
    actor.require("edit_patient")
    with transaction():
        patient = scope.find(Patient, patient_id, actor)
        end_of_patient(patient, (PAGE, OFF, DRIVER), now=now)
        audit.note(actor, "end_links", f"patient:{patient.id}", now=now)


def phone_for_all() -> str:
    """The number that a page without a link may name: the one that every site has, else none."""
    phones = db.session.scalars(select(Site.phone).distinct().limit(2)).all()
    return phones[0] if len(phones) == 1 else ""
