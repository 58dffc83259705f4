"""Ends messages by one way, for whoever has the link in one of them (RFC 8058, domain G)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.errors import NotFound
from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Site
from scheduler.services.own import answer_rows, consents
from scheduler.services.own.consents import Word
from scheduler.services.own.link_gate import Opened


@dataclass(frozen=True, kw_only=True)
class Way:
    """`channel` is the one by which the link's own message came."""

    site: Site
    language: str
    channel: str


def about(link: Opened) -> Way:
    """Raises NotFound."""
    patient = db.session.get(Patient, link.whose)
    if patient is None:
        raise NotFound
    row = db.session.get(Outbox, link.outbox_id) if link.outbox_id else None
    return Way(
        site=db.session.get_one(Site, link.site_id),
        language=patient.language,
        channel=row.channel if row else "email",
    )


def stop(link: Opened, *, now: datetime) -> None:
    """Nothing leaves that way any more; what waits there is ended. Raises NotFound."""
    channel = about(link).channel
    word = Word(actor=answer_rows.patient_actor(link.organisation_id), how="mail", now=now)
    consents.set_one(link.whose, channel, False, word)
