"""Opens a link: first what anybody may see, and the rest for the right birth date (trust I23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from scheduler.errors import NotFound
from scheduler.extensions import db
from scheduler.models import Link, Patient
from scheduler.services.audit import note
from scheduler.services.own import links
from scheduler.services.own.answer_rows import patient_actor
from scheduler.transaction import retried, transaction

TRIES = 5
"""Wrong birth dates that a link takes before it is locked."""
LOCKED_FOR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a token opens, as plain values: a request hands these on, never the row."""

    link_id: int
    organisation_id: int
    site_id: int
    patient_id: int | None
    visit_id: int | None
    outbox_id: int | None
    expires_at: datetime | None
    locked_until: datetime | None

    @property
    def whose(self) -> int:
        """The patient. Raises NotFound for a link that is nobody's."""
        if self.patient_id is None:
            raise NotFound
        return self.patient_id

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until is not None and self.locked_until > now


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What came of a birth date: `right`, or how many tries are left; none: locked until then."""

    right: bool
    left: int = 0
    locked_until: datetime | None = None


def opened(token: str, purpose: str, *, now: datetime) -> Opened:
    """Raises NotFound, alike for whatever is wrong with the token."""
    link = links.find(token, purpose, now=now)
    return Opened(
        link_id=link.id,
        organisation_id=link.organisation_id,
        site_id=link.site_id,
        patient_id=link.patient_id,
        visit_id=link.visit_id,
        outbox_id=link.outbox_id,
        expires_at=link.expires_at,
        locked_until=link.locked_until,
    )


@retried
def try_birth_date(link: Opened, born_on: date, *, now: datetime) -> Tried:
    """Compare the second fact. After five wrong ones the link is locked for an hour, and a right
    one does not open it either until then. Raises NotFound."""
    with transaction():
        row = _row(link)
        if row.locked_until is not None and row.locked_until > now:
            return Tried(right=False, locked_until=row.locked_until)
        patient = db.session.get_one(Patient, link.whose)
        actor = patient_actor(link.organisation_id)
        if patient.birth_on == born_on:
            row.tries, row.locked_until = 0, None
            note(actor, "open_link", f"link:{row.id}", now=now)
            return Tried(right=True)
        note(actor, "wrong_birth_date", f"link:{row.id}", now=now)
        return _counted(row, now)


def _counted(row: Link, now: datetime) -> Tried:
    row.tries += 1
    if row.tries < TRIES:
        return Tried(right=False, left=TRIES - row.tries)
    row.tries, row.locked_until = 0, now + LOCKED_FOR
    return Tried(right=False, locked_until=row.locked_until)


def _row(link: Opened) -> Link:
    """Locked, so that tries at the same moment are all counted."""
    one = select(Link).where(Link.id == link.link_id, Link.revoked_at.is_(None))
    row = db.session.scalar(one.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row
