"""The outbox as lists show it: one tab, narrowed by patient, way, kind and words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from scheduler.extensions import db
from scheduler.models import Outbox, Site
from scheduler.planning.words.clock import day
from scheduler.services.actor import Actor
from scheduler.services.outgoing import outbox_rows
from scheduler.services.outgoing.message_words import CHANNELS, GROUPS, kind
from scheduler.services.scope import scoped

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
class MessageFilter:
    """`tab` is a key of TABS; `channel` and `group` keys of CHANNELS and GROUPS (of
    INBOUND for what came), or ""; `among`:
    ids of patients, those that a search by words found; `page` counts from 1."""

    tab: str = "waiting"
    patient_id: int | None = None
    channel: str = ""
    group: str = ""
    among: tuple[int, ...] = ()
    page: int = 1

    def conditions(self) -> list[ColumnElement[bool]]:
        """All but the tab."""
        found: list[ColumnElement[bool]] = []
        if self.patient_id is not None:
            found.append(Outbox.patient_id == self.patient_id)
        if self.channel in CHANNELS:
            found.append(Outbox.channel == self.channel)
        if self.group in GROUPS:
            found.append(Outbox.kind.in_(GROUPS[self.group]))
        if self.among:
            found.append(Outbox.patient_id.in_(self.among))
        return found


@dataclass(frozen=True, kw_only=True)
class MessageRow:
    """One message. Instants are aware UTC, `zone` is the site's. `channel` and `kind` are as in
    the outbox, `way` and `what` in words; `delivery` is what the provider told later."""

    id: int
    kind: str
    what: str
    channel: str
    way: str
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
    server_said: str
    delivery: str
    body_sha256: str
    may_send_now: bool
    may_send_again: bool

    @property
    def at(self) -> datetime:
        return self.sent_at or self.due_at

    @property
    def came_back(self) -> bool:
        return self.delivery == "undelivered"


def counts(actor: Actor, wanted: MessageFilter) -> dict[str, int]:
    """How many messages each tab holds under this filter."""
    numbers = select(Outbox.state, func.count()).where(
        Outbox.organisation_id == actor.organisation_id, *wanted.conditions()
    )
    by_state: dict[str, int] = {}
    for state, number in db.session.execute(numbers.group_by(Outbox.state)):
        by_state[state] = number
    return {tab: sum(by_state.get(one, 0) for one in states) for tab, states in TABS.items()}


def of_tab(actor: Actor, wanted: MessageFilter) -> Select[Outbox]:
    """What waits by its due time, the rest newest first."""
    rows = scoped(Outbox, actor).where(Outbox.state.in_(TABS[wanted.tab]), *wanted.conditions())
    if wanted.tab == "waiting":
        return rows.order_by(Outbox.due_at, Outbox.id)
    return rows.order_by(func.coalesce(Outbox.sent_at, Outbox.due_at).desc(), Outbox.id.desc())


def shown(rows: Select[Outbox], actor: Actor) -> list[MessageRow]:
    loaded = rows.options(joinedload(Outbox.patient), joinedload(Outbox.visit))
    found = db.session.scalars(loaded).unique().all()
    zones = {site.id: site.zone for site in db.session.scalars(scoped(Site, actor))}
    may = actor.may("send_now")
    return [_row(row, zones[row.site_id], may) for row in found]


def waits(row: Outbox) -> bool:
    """In the undo window, which a person may end."""
    return row.state == "waiting" and row.kind in SOON_KINDS


def _row(row: Outbox, zone: ZoneInfo, may: bool) -> MessageRow:
    about = f" for {day(row.visit.starts_on)}" if row.visit is not None else ""
    return MessageRow(
        id=row.id,
        kind=row.kind,
        what=f"{kind(row.kind)}{about}",
        channel=row.channel,
        way=CHANNELS.get(row.channel, row.channel),
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
        server_said=row.server_said,
        delivery=row.delivery,
        body_sha256=row.body_sha256 or "",
        may_send_now=may and waits(row),
        may_send_again=may and row.state in ("failed", "sent", "skipped"),
    )
