"""What waits, what left and what did not: the Messages page, and the two things a person can do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from scheduler.errors import IllegalChange
from scheduler.extensions import db
from scheduler.models import Outbox, Site
from scheduler.planning.words.clock import day
from scheduler.services import outbox_rows
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.mail_facts import MessageFacts
from scheduler.services.outbox_facts import coming_visits, facts_of
from scheduler.services.outbox_truth import untrue
from scheduler.services.scope import find, scoped
from scheduler.transaction import retried, transaction

WORDS = {
    "digest": "All dates",
    "invite": "Invitation",
    "update": "Changed invitation",
    "cancel": "Cancellation",
    "hold": "Held dates",
    "hold_over": "End of a hold",
    "r1": "Before the first talk",
    "r2": "Week-before reminder",
    "r3": "Three-day reminder",
    "r4": "Evening reminder",
    "r5": "Same-day reminder",
    "own": "Own reminder",
    "r6": "To the driver",
    "r7": "After the visit",
    "r8": "How are you?",
    "r9": "Short score",
    "r10": "Next step",
    "r11": "Next visit is due",
    "r12": "A form ends soon",
    "r13": "Must be moved",
    "prep": "Changed preparation",
    "call_us": "Please call us",
}
"""By kind; a test compares them with what the mail room can write."""
TABS = {
    "waiting": ("waiting",),
    "sent": ("sent",),
    "failed": ("failed",),
    "ended": ("superseded", "skipped"),
}
ON_A_PAGE = 50
SOON_KINDS = ("digest", *outbox_rows.ITIP_KINDS)
"""What the undo window holds back; reminders leave at their hour and not before."""


@dataclass(frozen=True, kw_only=True)
class MessageRow:
    """One message as a list shows it. Instants are aware UTC, `zone` is the site's."""

    id: int
    kind: str
    what: str
    state: str
    patient_id: int
    patient_name: str
    visit_id: int | None
    series_id: int | None
    recipient: str
    zone: ZoneInfo
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    next_try_at: datetime | None
    why: str
    last_error: str
    may_send_now: bool
    may_send_again: bool

    @property
    def at(self) -> datetime:
        return self.sent_at or self.due_at


@dataclass(frozen=True, kw_only=True)
class MessageView:
    """`body` are the bytes that left, or were tried; else `facts` are what would leave now."""

    row: MessageRow
    body: bytes | None
    facts: MessageFacts | None
    message_id: str | None
    body_sha256: str | None


@dataclass(frozen=True, kw_only=True)
class MessageFilter:
    """`tab` is a key of TABS; `page` counts from 1."""

    tab: str = "waiting"
    patient_id: int | None = None
    page: int = 1


@dataclass(frozen=True, kw_only=True)
class MessagePage:
    rows: list[MessageRow]
    counts: dict[str, int]
    pages: int


def index(actor: Actor, wanted: MessageFilter) -> MessagePage:
    """One tab: what waits by its due time, the rest newest first. Raises NotAllowed."""
    actor.require("see_messages")
    counts = _counts(actor, wanted.patient_id)
    rows = _of(actor, wanted.patient_id).where(Outbox.state.in_(TABS[wanted.tab]))
    if wanted.tab == "waiting":
        rows = rows.order_by(Outbox.due_at, Outbox.id)
    else:
        rows = rows.order_by(func.coalesce(Outbox.sent_at, Outbox.due_at).desc(), Outbox.id.desc())
    shown = rows.offset((wanted.page - 1) * ON_A_PAGE).limit(ON_A_PAGE)
    pages = max(1, -(-counts[wanted.tab] // ON_A_PAGE))
    return MessagePage(rows=_shown(shown, actor), counts=counts, pages=pages)


def of_visit(actor: Actor, visit_id: int) -> list[MessageRow]:
    return _about(actor, _of(actor).where(Outbox.visit_id == visit_id))


def of_series(actor: Actor, series_id: int) -> list[MessageRow]:
    return _about(actor, _of(actor).where(Outbox.series_id == series_id))


def of_patient(actor: Actor, patient_id: int) -> list[MessageRow]:
    return _about(actor, _of(actor, patient_id))


def show(message_id: int, actor: Actor, *, now: datetime) -> MessageView:
    """What left; for what still waits, what would leave now. Raises NotFound, NotAllowed."""
    actor.require("see_messages")
    row = find(Outbox, message_id, actor)
    facts = None
    if row.body is None and row.state == "waiting" and untrue(row, now) is None:
        facts = facts_of(row, now=now)
    (shown,) = _shown(_of(actor).where(Outbox.id == row.id), actor)
    return MessageView(
        row=shown,
        body=row.body,
        facts=facts,
        message_id=row.message_id,
        body_sha256=row.body_sha256,
    )


def known_ids(message_ids: Collection[str], actor: Actor) -> set[str]:
    """Which of these Message-IDs are this organisation's, for the demo's mailbox."""
    actor.require("see_messages")
    mine = select(Outbox.message_id).where(
        Outbox.organisation_id == actor.organisation_id, Outbox.message_id.in_(message_ids)
    )
    return {found for found in db.session.scalars(mine) if found is not None}


@retried
def send_now(message_id: int, actor: Actor, *, now: datetime) -> None:
    """End the undo window of one message. Raises IllegalChange if it does not wait in one."""
    actor.require("send_now")
    with transaction():
        row = _locked(message_id, actor)
        if not _waits(row):
            raise IllegalChange("This message does not wait any more.")
        _leave_now(row, now)
        note(actor, "send_now", f"message:{row.id}", now=now)


@retried
def send_all_now(patient_id: int, actor: Actor, *, now: datetime) -> int:
    """End the undo window of everything that waits for one patient; how many messages that were."""
    actor.require("send_now")
    with transaction():
        waiting = scoped(Outbox, actor).where(
            Outbox.patient_id == patient_id, Outbox.kind.in_(SOON_KINDS), Outbox.state == "waiting"
        )
        rows = db.session.scalars(waiting.order_by(Outbox.id).with_for_update()).all()
        for row in rows:
            _leave_now(row, now)
            note(actor, "send_now", f"message:{row.id}", now=now)
        return len(rows)


@retried
def send_again(message_id: int, actor: Actor, *, now: datetime) -> int:
    """Queue the same message once more: same SEQUENCE, a new DTSTAMP (calendar U3); its new id.

    Raises IllegalChange if it does not hold any more, or is still on its way.
    """
    actor.require("send_now")
    with transaction():
        old = _locked(message_id, actor)
        if old.state not in ("failed", "sent", "skipped"):
            raise IllegalChange("This message is still on its way.")
        row = outbox_rows.add(_copy(old, now))
        why = untrue(row, now)
        if why is None and row.useless_at is not None and row.useless_at <= now:
            why = "It would come too late."
        if why is not None:
            raise IllegalChange(f"{why} Nothing was sent.")
        note(actor, "send_again", f"message:{old.id}", now=now)
        return row.id


def _locked(message_id: int, actor: Actor) -> Outbox:
    row = find(Outbox, message_id, actor)
    db.session.refresh(row, with_for_update=True)
    return row


def _leave_now(row: Outbox, now: datetime) -> None:
    """Also ends the wait between two tries; a lease that runs is left alone."""
    row.due_at = min(row.due_at, now)
    if row.claimed_by is None:
        row.claimed_until = None


def _copy(old: Outbox, now: datetime) -> Outbox:
    row = Outbox(
        organisation_id=old.organisation_id,
        site_id=old.site_id,
        patient_id=old.patient_id,
        visit_id=old.visit_id,
        series_id=old.series_id,
        kind=old.kind,
        method=old.method,
        uid=old.uid,
        recipient=old.recipient,
        sequence=old.sequence,
        version=old.version,
        facts=old.facts,
        due_at=now,
        useless_at=_useless_at(old, now),
        state="waiting",
        created_at=now,
    )
    row.visit, row.patient = old.visit, old.patient
    return row


def _useless_at(old: Outbox, now: datetime) -> datetime | None:
    if old.kind in outbox_rows.REMINDER_KINDS:
        return old.useless_at
    visits = [old.visit] if old.visit is not None else list(coming_visits(old, now))
    return outbox_rows.give_up_at(now, visits[0].arrives_at) if visits else old.useless_at


def _of(actor: Actor, patient_id: int | None = None) -> Select[Outbox]:
    rows = scoped(Outbox, actor)
    return rows if patient_id is None else rows.where(Outbox.patient_id == patient_id)


def _about(actor: Actor, rows: Select[Outbox]) -> list[MessageRow]:
    """What waits first, then the newest."""
    actor.require("see_messages")
    newest = rows.order_by((Outbox.state == "waiting").desc(), Outbox.id.desc()).limit(ON_A_PAGE)
    return _shown(newest, actor)


def _counts(actor: Actor, patient_id: int | None) -> dict[str, int]:
    numbers = select(Outbox.state, func.count()).where(
        Outbox.organisation_id == actor.organisation_id
    )
    if patient_id is not None:
        numbers = numbers.where(Outbox.patient_id == patient_id)
    rows = db.session.execute(numbers.group_by(Outbox.state))
    by_state: dict[str, int] = {state: number for state, number in rows}  # noqa: C416  typed
    return {tab: sum(by_state.get(one, 0) for one in states) for tab, states in TABS.items()}


def _shown(rows: Select[Outbox], actor: Actor) -> list[MessageRow]:
    loaded = rows.options(joinedload(Outbox.patient), joinedload(Outbox.visit))
    found: Sequence[Outbox] = db.session.scalars(loaded).unique().all()
    zones = {site.id: site.zone for site in db.session.scalars(scoped(Site, actor))}
    may = actor.may("send_now")
    return [_row(row, zones[row.site_id], may) for row in found]


def _waits(row: Outbox) -> bool:
    return row.state == "waiting" and row.kind in SOON_KINDS


def _row(row: Outbox, zone: ZoneInfo, may: bool) -> MessageRow:
    about = f" for {day(row.visit.starts_on)}" if row.visit is not None else ""
    return MessageRow(
        id=row.id,
        kind=row.kind,
        what=f"{WORDS[row.kind]}{about}",
        state=row.state,
        patient_id=row.patient_id,
        patient_name=row.patient.name,
        visit_id=row.visit_id,
        series_id=row.series_id,
        recipient=row.recipient,
        zone=zone,
        due_at=row.due_at,
        sent_at=row.sent_at,
        attempts=row.attempts,
        next_try_at=row.claimed_until if row.claimed_by is None else None,
        why=row.why,
        last_error=row.last_error or "",
        may_send_now=may and _waits(row),
        may_send_again=may and row.state in ("failed", "sent", "skipped"),
    )
