"""Rows of the outbox: written, superseded, looked back on; always inside a transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select, update

from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Series, Site, Visit
from scheduler.planning.preparation import PrepSet
from scheduler.planning.visit import VisitShape
from scheduler.services.outgoing import outbox_together, reach
from scheduler.services.outgoing.mail_facts import Sender, ToldVisit

ITIP_KINDS = ("invite", "update", "cancel")
REMINDER_KINDS = ("r1", "r2", "r3", "r4", "r5", "own")
METHODS = {"invite": "REQUEST", "update": "REQUEST", "cancel": "CANCEL"}
LONGEST_WAIT = timedelta(days=2)
NOTHING_LEFT = "Nothing about it had been sent."
AS_TOLD = "This is what the patient was told last."


def by_mail(patient: Patient) -> bool:
    """Whether mails, and so calendar entries, go out to this patient."""
    return reach.by_mail(patient)


def told(visit: Visit, site: Site) -> ToldVisit:
    """The visit as it stands now."""
    return ToldVisit(
        starts_at=visit.starts_at,
        shape=VisitShape.from_plain(visit.shape),
        prep=PrepSet.from_plain(visit.prep),
        zone=site.zone,
    )


def sender(site: Site, organizer: str) -> Sender:
    return Sender(address=organizer, name=site.public_name, place=site.address, phone=site.phone)


def itip_row(visit: Visit, kind: str, recipient: str, *, now: datetime, due_at: datetime) -> Outbox:
    """A REQUEST or CANCEL with the facts of this moment (calendar U6); not yet added."""
    site = db.session.get_one(Site, visit.site_id)
    return Outbox(
        organisation_id=visit.organisation_id,
        site_id=visit.site_id,
        patient_id=visit.patient_id,
        visit_id=visit.id,
        series_id=visit.series_id,
        kind=kind,
        method=METHODS[kind],
        uid=visit.uid,
        recipient=recipient,
        sequence=visit.sequence,
        version=visit.version,
        facts={"visit": told(visit, site).to_plain(), "place": site.address},
        due_at=due_at,
        useless_at=give_up_at(due_at, visit.arrives_at),
        state="waiting",
        created_at=now,
    )


def give_up_at(due_at: datetime, arrives_at: datetime) -> datetime:
    """Half of the time that is left, at most two days: then a person still has time to call."""
    return due_at + min(LONGEST_WAIT, max((arrives_at - due_at) / 2, timedelta(0)))


def add(row: Outbox) -> Outbox:
    """Insert; a row that says the same again gets the next `resend_no`."""
    row.resend_no = _next_resend_no(row)
    db.session.add(row)
    db.session.flush()
    return row


def add_all(rows: Sequence[Outbox]) -> None:
    """Insert rows about visits, as `add` does, in two statements however many they are."""
    if not rows:
        return
    before = select(Outbox).where(
        Outbox.organisation_id == rows[0].organisation_id,
        Outbox.visit_id.in_({row.visit_id for row in rows}),
    )
    said = list(db.session.scalars(before))
    for row in rows:
        same = [other.resend_no for other in said if _repeats(row, other)]
        row.resend_no = max(same, default=-1) + 1
        said.append(row)
    db.session.flush()
    db.session.bulk_save_objects(rows)  # nobody asks for their ids


def _repeats(row: Outbox, other: Outbox) -> bool:
    """As `_next_resend_no` asks the database."""
    if (row.visit_id, row.recipient) != (other.visit_id, other.recipient):
        return False
    message = row.method is not None and row.method == other.method
    return (row.kind, row.version) == (other.kind, other.version) or (
        message and row.sequence == other.sequence
    )


def _next_resend_no(row: Outbox) -> int:
    same = [Outbox.organisation_id == row.organisation_id, Outbox.recipient == row.recipient]
    about = Outbox.visit_id == row.visit_id
    if row.visit_id is None:
        about = Outbox.visit_id.is_(None) & (Outbox.series_id == row.series_id)
        about &= Outbox.about == (row.about or "")
    this = (Outbox.kind == row.kind) & (Outbox.version == row.version)
    if row.method is not None:
        this = this | ((Outbox.method == row.method) & (Outbox.sequence == row.sequence))
    last = db.session.scalar(select(func.max(Outbox.resend_no)).where(*same, about, this))
    return 0 if last is None else last + 1


def supersede(why: str, *conditions: ColumnElement[bool]) -> None:
    """End every waiting row of the kind described, in the transaction of what made it untrue.

    A row that is on its way at this very moment is marked too: if it arrives, the worker says so.
    """
    rows = update(Outbox).where(Outbox.state == "waiting", *conditions)
    ended = rows.values(state="superseded", why=why[:200])
    db.session.execute(ended.execution_options(synchronize_session="fetch"))


def supersede_ids(row_ids: Collection[int], why: str) -> None:
    if row_ids:
        supersede(why, Outbox.id.in_(row_ids))


def last_left(visit: Visit, recipient: str) -> Outbox | None:
    """The latest iTIP message about the visit that left, or may have, to this address."""
    if (batch := outbox_together.known()) is not None and visit.id in batch.visits:
        return batch.last_left.get((visit.id, recipient))
    rows = _left(visit).where(Outbox.recipient == recipient)
    return db.session.scalar(rows.order_by(Outbox.sequence.desc(), Outbox.id.desc()).limit(1))


def who_has_it(visit: Visit) -> list[Outbox]:
    """For each address whose calendar may show the visit, what it was told last. A CANCEL that was
    ended before the server surely had it may never have arrived: then the entry may be there."""
    shown: dict[str, Outbox] = {}
    for row in db.session.scalars(_left(visit).order_by(Outbox.sequence, Outbox.id)):
        if row.method == "REQUEST":
            shown[row.recipient] = row
        elif row.state == "sent":
            shown.pop(row.recipient, None)
    return list(shown.values())


def _left(visit: Visit) -> Select[Outbox]:
    return (
        select(Outbox)
        .where(
            Outbox.organisation_id == visit.organisation_id,
            Outbox.visit_id == visit.id,
            Outbox.method.is_not(None),
            or_(Outbox.state == "sent", Outbox.may_have_left),
        )
        .execution_options(populate_existing=True)
    )


def says_the_same(row: Outbox, before: Outbox | None) -> bool:
    """No net change since a message that surely arrived at the server (calendar U6)."""
    if before is None or before.state != "sent" or row.resend_no:
        return False
    return before.method == row.method and before.facts == row.facts


def pending_digests(series: Series) -> Sequence[Outbox]:
    rows = select(Outbox).where(
        Outbox.series_id == series.id, Outbox.kind == "digest", Outbox.state == "waiting"
    )
    return db.session.scalars(rows.order_by(Outbox.id)).all()
