"""An outbox row as facts for the mail room, read at the moment it leaves (calendar U6, R5)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.invites.identity import domain_of
from scheduler.models import Outbox, Patient, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.rung import OWN
from scheduler.services.outgoing import (
    after_facts,
    outbox_rows,
    outbox_together,
    reminder_also,
    texts,
)
from scheduler.services.outgoing.mail_facts import MessageFacts, Sender, ToldVisit

TO_THE_DRIVER = "r6"
"""Who drives is told where and when, never whom (domain G)."""


def facts_of(row: Outbox, *, now: datetime) -> MessageFacts:
    """What this message says if it leaves now. The row must still hold (`delivery.verdict`).

    iTIP rows tell the facts they were queued with; digests and reminders what is true now.
    """
    site = db.session.get_one(Site, row.site_id)
    patient = row.patient
    visits = _visits(row, now)
    organizer = visits[0].organizer if visits else _organizer(row, site)
    wording, own = texts.wording(site, patient.language), row.kind in after_facts.VALUES
    said = reminder_also.said_by(row.visit, row.rule_id) if row.kind == OWN else {}
    facts = MessageFacts(
        kind=row.kind,
        message_id=f"<{uuid.uuid4()}@{domain_of(organizer)}>",
        stamped_at=now.replace(microsecond=0),
        recipient=row.recipient,
        sender=_sender(row, site, organizer),
        first_name="" if row.kind == TO_THE_DRIVER else patient.first_name,
        visits=_told(row, visits, site),
        before=_before(row),
        moved=_told(row, _moved(row, visits), site) if row.kind == "digest" else (),
        uid=row.uid,
        sequence=row.sequence,
        driver=_driver(row.visit, patient),
        asks=row.kind == "r4" and not _asked(row),
        neutral_alarms=patient.neutral_alarms,
        tentative=bool(row.facts.get("tentative")),
        stays=bool(row.facts.get("stays")),
        subscribes=patient.calendar == "feed",
        until=_until(row),
        channel=row.channel or "email",
        rule_id=row.rule_id,
        wording=wording,
        values=after_facts.VALUES[row.kind](row, now, wording) if own else said,
        discreet=tuple(site.discreet_words),
    )
    return _with_also(facts, row, site, now) if row.facts.get("also") else facts


def _with_also(facts: MessageFacts, row: Outbox, site: Site, now: datetime) -> MessageFacts:
    """Reminders that leave as one (domain G): of the same visit, and of others."""
    parts = reminder_also.parts(row, now)
    return replace(
        facts,
        also=tuple(part.kind for part in parts if part.visit is row.visit and part.kind != OWN),
        others=tuple(
            replace(
                facts,
                kind=part.kind,
                rule_id=part.rule_id,
                visits=(outbox_rows.told(part.visit, site),),
                asks=False,
                driver=_driver(part.visit, row.patient),
                values=reminder_also.said_by(part.visit, part.rule_id),
            )
            for part in parts
            if part.visit is not row.visit or part.kind == OWN
        ),
    )


def _organizer(row: Outbox, site: Site) -> str:
    """Of a message about no visit: the address that this patient's calendar knows already."""
    if "organizer" in row.facts:
        return str(row.facts["organizer"])
    known = select(Visit.organizer).where(Visit.patient_id == row.patient_id)
    found = db.session.scalar(known.order_by(Visit.id.desc()).limit(1))
    return found or site.sender_address


def _until(row: Outbox) -> datetime | None:
    """The end of a hold, aware UTC; other kinds tell a day among their own values."""
    said = row.facts.get("until")
    return None if said is None or row.kind in after_facts.VALUES else datetime.fromisoformat(said)


def _driver(visit: Visit | None, patient: Patient) -> str:
    """Who was named for this visit, else whom the patient usually comes with."""
    if visit is not None and visit.driver_name:
        named = (visit.driver_name, visit.driver_phone)
    else:
        named = (patient.driver_name, patient.driver_phone)
    return ", ".join(text for text in named if text)


def _visits(row: Outbox, now: datetime) -> tuple[Visit, ...]:
    """What the row is about; none for one that carries all that it tells (a hold)."""
    if "visits" in row.facts:
        return ()
    if row.visit is not None:
        return (row.visit,)
    own = after_facts.VISITS.get(row.kind, coming_visits)
    return own(row, now)


def coming_visits(row: Outbox, now: datetime) -> tuple[Visit, ...]:
    """The visits of a digest's series that lie ahead, in order; none of a row without a series."""
    if row.series_id is None:
        return ()
    if (batch := outbox_together.known()) is not None and row.series_id in batch.series:
        return tuple(batch.coming.get(row.series_id, ()))
    rows = select(Visit).where(
        Visit.organisation_id == row.organisation_id,
        Visit.series_id == row.series_id,
        Visit.state.in_(PLANNED_STATES),
        Visit.starts_at > now,
    )
    return tuple(db.session.scalars(rows.order_by(Visit.starts_at, Visit.id)))


def _sender(row: Outbox, site: Site, organizer: str) -> Sender:
    place = row.facts.get("place", site.address)
    return Sender(address=organizer, name=site.public_name, place=place, phone=site.phone)


def _told(row: Outbox, visits: tuple[Visit, ...], site: Site) -> tuple[ToldVisit, ...]:
    if "visits" in row.facts:
        return tuple(ToldVisit.from_plain(one) for one in row.facts["visits"])
    if "visit" in row.facts:
        return (ToldVisit.from_plain(row.facts["visit"]),)
    return tuple(outbox_rows.told(visit, site) for visit in visits)


def _moved(row: Outbox, visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
    """Visits of a digest that had another time before; they are listed apart."""
    ids = row.facts.get("moved", ())
    return tuple(visit for visit in visits if visit.id in ids)


def _before(row: Outbox) -> ToldVisit | None:
    if row.kind != "update" or row.visit is None:
        return None
    if "before" in row.facts:
        return ToldVisit.from_plain(row.facts["before"])
    last = outbox_rows.last_left(row.visit, row.recipient)
    return None if last is None or last.id == row.id else ToldVisit.from_plain(last.facts["visit"])


def _asked(row: Outbox) -> bool:
    """Whether a three-day reminder about this visit asked its questions already."""
    if (batch := outbox_together.known()) is not None and row.visit_id in batch.visits:
        return row.visit_id in batch.asked
    asked = select(Outbox.id).where(
        Outbox.visit_id == row.visit_id, Outbox.kind == "r3", Outbox.state == "sent"
    )
    return db.session.scalar(asked.limit(1)) is not None
