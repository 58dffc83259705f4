"""What waits, what left and what did not: the lists of the Messages page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from scheduler.extensions import db
from scheduler.models import Outbox
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.incoming import received
from scheduler.services.incoming.received import ReceivedRow
from scheduler.services.outgoing import message_rows
from scheduler.services.outgoing.message_rows import ON_A_PAGE, MessageFilter, MessageRow
from scheduler.services.scope import scoped
from scheduler.transaction import retried, transaction

MOST_EXPORTED = 5000


@dataclass(frozen=True, kw_only=True)
class MessagePage:
    """`rows` of the tabs of what leaves, or `received` of the one of what came."""

    counts: dict[str, int]
    pages: int
    rows: list[MessageRow]
    received: list[ReceivedRow]
    nobodys: int = 0


def index(actor: Actor, wanted: MessageFilter) -> MessagePage:
    """One page of one tab. Raises NotAllowed."""
    actor.require("see_messages")
    counts = {**message_rows.counts(actor, wanted), "received": received.count(actor, wanted)}
    pages = max(1, -(-counts[wanted.tab] // ON_A_PAGE))
    first = (wanted.page - 1) * ON_A_PAGE
    if wanted.tab == "received":
        came = received.rows(actor, wanted, first=first, most=ON_A_PAGE)
        nobodys = received.nobodys() if wanted == MessageFilter(tab="received") else 0
        return MessagePage(counts=counts, pages=pages, rows=[], received=came, nobodys=nobodys)
    rows = message_rows.of_tab(actor, wanted).offset(first).limit(ON_A_PAGE)
    shown = message_rows.shown(rows, actor)
    return MessagePage(counts=counts, pages=pages, rows=shown, received=[])


def export(actor: Actor, wanted: MessageFilter) -> Iterator[list[object]]:
    """The filtered list as a table with a head, newest 5,000 at most. Raises NotAllowed."""
    actor.require("see_messages")
    if wanted.tab == "received":
        yield ["Received (UTC)", "Patient", "What", "Verdict", "Reason", "Words"]
        for came in received.rows(actor, wanted, first=0, most=MOST_EXPORTED):
            who = came.patient_name
            yield [came.at.isoformat(), who, came.what, came.verdict, came.reason, came.comment]
        return
    yield ["Message", "Way", "Patient", "To", "State", "Due (UTC)", "Sent (UTC)", "Why",
           "Server said", "Delivery", "SHA-256"]  # fmt: skip
    for row in message_rows.shown(message_rows.of_tab(actor, wanted).limit(MOST_EXPORTED), actor):
        sent = row.sent_at.isoformat() if row.sent_at else ""
        yield [row.what, row.way, row.patient_name, row.recipient, row.state,
               row.due_at.isoformat(), sent, row.why, row.last_error or row.server_said,
               row.delivery, row.body_sha256]  # fmt: skip


@retried
def exported(actor: Actor, wanted: MessageFilter, rows: int, *, now: datetime) -> None:
    """Who took which list along is kept, and how long it was (trust I19)."""
    with transaction():
        note(actor, "export_messages", f"messages:{wanted.tab}", now=now, reason=f"{rows} rows")


def of_visit(actor: Actor, visit_id: int) -> list[MessageRow]:
    return _about(actor, scoped(Outbox, actor).where(Outbox.visit_id == visit_id))


def of_series(actor: Actor, series_id: int) -> list[MessageRow]:
    return _about(actor, scoped(Outbox, actor).where(Outbox.series_id == series_id))


def of_patient(actor: Actor, patient_id: int) -> list[MessageRow]:
    return _about(actor, scoped(Outbox, actor).where(Outbox.patient_id == patient_id))


def known_ids(message_ids: Collection[str], actor: Actor) -> set[str]:
    """Which of these Message-IDs are this organisation's, for the demo's mailbox."""
    actor.require("see_messages")
    mine = select(Outbox.message_id).where(
        Outbox.organisation_id == actor.organisation_id, Outbox.message_id.in_(message_ids)
    )
    return {found for found in db.session.scalars(mine) if found is not None}


def _about(actor: Actor, rows: Select[Outbox]) -> list[MessageRow]:
    """What waits first, then the newest."""
    actor.require("see_messages")
    newest = rows.order_by((Outbox.state == "waiting").desc(), Outbox.id.desc()).limit(ON_A_PAGE)
    return message_rows.shown(newest, actor)
