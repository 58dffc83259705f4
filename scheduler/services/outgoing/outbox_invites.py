"""What the calendars of patients are told: REQUEST, update, CANCEL (calendar U1 to U7, A3, F6).

Inside the caller's transaction. A patient who subscribes to the feed gets the same words as plain
mails, without a calendar file: with both, every visit would show twice (F6). So does, by text, who
has a phone for texts and no e-mail (domain R0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Site, Visit, VisitHistory
from scheduler.models.visit import PLANNED_STATES
from scheduler.services.outgoing import outbox_rows, reach
from scheduler.services.outgoing.leaving import NOTHING, Leaving
from scheduler.services.outgoing.mail_facts import ToldVisit
from scheduler.services.outgoing.outbox_rows import AS_TOLD, NOTHING_LEFT, by_mail, itip_row


@dataclass(frozen=True)
class Times:
    """When it happened, and when the undo window is over; aware UTC."""

    now: datetime
    due_at: datetime


def invited(patient: Patient) -> bool:
    """Whether the patient's calendar is filled by mail."""
    return by_mail(patient) and patient.calendar == "invites"


def told_by(patient: Patient, site: Site) -> tuple[str, str] | None:
    """By which way words about dates go, and where to; None: a person writes and calls."""
    if by_mail(patient):
        return "email", patient.email
    return ("sms", reach.address(patient, "sms")) if "sms" in reach.ways(patient, site) else None


def _way(visit: Visit) -> tuple[str, str]:
    """`told_by`, where there is a way."""
    way = told_by(visit.patient, db.session.get_one(Site, visit.site_id))
    return way if way is not None else ("email", visit.patient.email)


def invite_all(visits: Sequence[Visit], times: Times) -> Leaving:
    """A REQUEST for each visit of one patient; none for a subscriber, whose digest says it all."""
    patient = visits[0].patient
    if not invited(patient):
        return NOTHING
    rows = [_row(visit, "invite", patient.email, times) for visit in visits]
    outbox_rows.add_all(rows)
    return Leaving(leaves_at=times.due_at, mails=len(rows))


def invite(visit: Visit, times: Times) -> Leaving:
    """One REQUEST; for a subscriber the same words without the file."""
    row = _row(visit, "invite", visit.patient.email, times)
    outbox_rows.add(row if invited(visit.patient) else _plain(row, visit))
    return Leaving(leaves_at=times.due_at, mails=1)


def told_anew(visit: Visit, times: Times) -> Leaving:
    """An update, or an invitation if nothing had left; nothing leaves if it is as told."""
    if not invited(visit.patient):
        return _written_anew(visit, times)
    before = outbox_rows.last_left(visit, visit.patient.email)
    kind = "update" if before is not None and before.method == "REQUEST" else "invite"
    row = _row(visit, kind, visit.patient.email, times)
    if outbox_rows.says_the_same(row, before):
        row.state, row.why = "superseded", AS_TOLD
    outbox_rows.add(row)
    return NOTHING if row.state == "superseded" else Leaving(leaves_at=times.due_at, mails=1)


def take_back(visit: Visit, times: Times, *, keep: str = "") -> Leaving:
    """CANCEL for every calendar that shows the visit, except the one at `keep`."""
    queued = NOTHING
    holders = [row for row in outbox_rows.who_has_it(visit) if row.recipient != keep]
    for before in holders:
        row = _row(visit, "cancel", before.recipient, times)
        row.facts = _taken_from(before, visit)
        outbox_rows.add(row)
        queued += Leaving(leaves_at=times.due_at, mails=1)
    told = told_by(visit.patient, db.session.get_one(Site, visit.site_id)) is not None
    hears = any(row.recipient == visit.patient.email for row in holders)
    if not hears and visit.state not in PLANNED_STATES and told:
        queued += _nothing_to_take_back(visit, times)
    return queued


def _taken_from(before: Outbox, visit: Visit) -> dict[str, Any]:
    """What the calendar showed, so that a person recognises it; `stays`: the visit takes place."""
    stays = {"stays": True} if visit.state in PLANNED_STATES else {}
    return {**before.facts, **stays}


def _nothing_to_take_back(visit: Visit, times: Times) -> Leaving:
    """No calendar at the patient's own address shows it: only who was told in words hears of it."""
    row = _row(visit, "cancel", visit.patient.email, times)
    if not invited(visit.patient) and last_word(visit) is not None:
        outbox_rows.add(_plain(row, visit))
        return Leaving(leaves_at=times.due_at, mails=1)
    row.state, row.why = "superseded", NOTHING_LEFT
    outbox_rows.add(row)
    return NOTHING


def _row(visit: Visit, kind: str, recipient: str, times: Times) -> Outbox:
    return itip_row(visit, kind, recipient, now=times.now, due_at=times.due_at)


def _plain(row: Outbox, visit: Visit) -> Outbox:
    """The same words without a calendar file, by mail or text."""
    row.method = row.uid = None
    row.channel, row.recipient = _way(visit)
    return row


def _written_anew(visit: Visit, times: Times) -> Leaving:
    """A subscriber's plain mail; nothing where a digest that waits says it, or it is as told."""
    if visit.series is not None and outbox_rows.pending_digests(visit.series):
        return NOTHING
    said, before = last_word(visit), None
    if said is not None:
        before = told_at(visit, said.stamped_at or said.due_at)
    kind = "update" if before else "invite"
    row = _plain(_row(visit, kind, visit.patient.email, times), visit)
    if before is not None:
        row.facts = {**row.facts, "before": before.to_plain()}
    if is_old_news(row, said):
        row.state, row.why = "superseded", AS_TOLD
    outbox_rows.add(row)
    return NOTHING if row.state == "superseded" else Leaving(leaves_at=times.due_at, mails=1)


def is_old_news(row: Outbox, said: Outbox | None) -> bool:
    """A plain mail that tells the time which the patient was surely told last (calendar U6)."""
    before = row.facts.get("before")
    surely = said is not None and said.state == "sent"
    return surely and before is not None and before == row.facts["visit"]


def last_word(visit: Visit) -> Outbox | None:
    """The last message that left, or may have, and told this patient when the visit is."""
    about = Outbox.visit_id == visit.id
    if visit.series_id is not None:
        about = or_(about, and_(Outbox.series_id == visit.series_id, Outbox.visit_id.is_(None)))
    rows = select(Outbox).where(
        Outbox.organisation_id == visit.organisation_id,
        about,
        Outbox.recipient == _way(visit)[1],
        Outbox.kind.in_(("digest", "invite", "update", "hold")),
        or_(Outbox.state == "sent", Outbox.may_have_left),
    )
    newest = rows.order_by(Outbox.stamped_at.desc(), Outbox.id.desc()).limit(1)
    return db.session.scalar(newest.execution_options(populate_existing=True))


def told_at(visit: Visit, at: datetime) -> ToldVisit | None:
    """The visit as it stood at that moment, before the change that is just being made; None if it
    was not there yet."""
    newest = select(func.max(VisitHistory.id)).where(VisitHistory.visit_id == visit.id)
    rows = select(VisitHistory).where(
        VisitHistory.visit_id == visit.id,
        VisitHistory.at <= at,
        VisitHistory.id < newest.scalar_subquery(),
    )
    line = db.session.scalar(rows.order_by(VisitHistory.id.desc()).limit(1))
    if line is None:
        return None
    now = outbox_rows.told(visit, db.session.get_one(Site, visit.site_id))
    return ToldVisit(starts_at=line.starts_at, shape=now.shape, prep=now.prep, zone=now.zone)
