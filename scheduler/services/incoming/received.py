"""What came in, for the desk: each with its verdict and the reason (calendar 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from scheduler.extensions import db
from scheduler.models import Inbound, Patient, Site, Task, Visit
from scheduler.planning.words.clock import day
from scheduler.services.actor import Actor
from scheduler.services.outgoing.message_rows import MessageFilter
from scheduler.services.outgoing.message_words import INBOUND, VERDICTS
from scheduler.services.scope import scoped


@dataclass(frozen=True, kw_only=True)
class ReceivedRow:
    """One message that came. `at` is aware UTC, `zone` the visit's site's, or None; `tone` is the
    verdict's key; `task_open`: a person still has to act."""

    id: int
    at: datetime
    zone: ZoneInfo | None
    what: str
    tone: str
    verdict: str
    reason: str
    comment: str
    patient_id: int | None
    patient_name: str
    visit_id: int | None
    outbox_id: int | None
    task_id: int | None
    task_open: bool


def count(actor: Actor, wanted: MessageFilter) -> int:
    numbers = select(func.count()).select_from(Inbound)
    return db.session.scalar(numbers.where(*_conditions(actor, wanted))) or 0


def rows(actor: Actor, wanted: MessageFilter, *, first: int, most: int) -> list[ReceivedRow]:
    """Newest first."""
    found = _joined().where(*_conditions(actor, wanted)).order_by(Inbound.id.desc())
    return _shown(found.offset(first).limit(most), actor)


def about_message(
    actor: Actor, outbox_id: int, visit_id: int | None, since: datetime | None
) -> list[ReceivedRow]:
    """What came about one message, or about its visit after it had left; newest first."""
    about = Inbound.outbox_id == outbox_id
    if visit_id is not None and since is not None:
        about = or_(about, (Inbound.visit_id == visit_id) & (Inbound.received_at >= since))
    mine = Inbound.organisation_id == actor.organisation_id
    return _shown(_joined().where(mine, about).order_by(Inbound.id.desc()).limit(20), actor)


def nobodys() -> int:
    """How many came of which no clinic can be told; more than that nobody sees."""
    lost = select(func.count()).select_from(Inbound).where(Inbound.organisation_id.is_(None))
    return db.session.scalar(lost) or 0


def _conditions(actor: Actor, wanted: MessageFilter) -> list[ColumnElement[bool]]:
    """`group` is a kind of what came; kinds of what leaves say nothing here."""
    found: list[ColumnElement[bool]] = [Inbound.organisation_id == actor.organisation_id]
    if wanted.patient_id is not None:
        found.append(Inbound.patient_id == wanted.patient_id)
    if wanted.channel:
        mail = wanted.channel == "email"
        found.append(Inbound.source == "mail" if mail else Inbound.source != "mail")
    if wanted.group in INBOUND:
        found.append(Inbound.kind == wanted.group)
    if wanted.among:
        found.append(Inbound.patient_id.in_(wanted.among))
    return found


def _joined() -> Select[Inbound, Patient, Visit, Task]:
    return (
        select(Inbound, Patient, Visit, Task)
        .outerjoin(Patient, Patient.id == Inbound.patient_id)
        .outerjoin(Visit, Visit.id == Inbound.visit_id)
        .outerjoin(Task, Task.id == Inbound.task_id)
    )


def _shown(found: Select[Inbound, Patient, Visit, Task], actor: Actor) -> list[ReceivedRow]:
    zones = {site.id: site.zone for site in db.session.scalars(scoped(Site, actor))}
    return [_row(found_row, zones) for found_row in db.session.execute(found)]


def _row(found: Row[Inbound, Patient, Visit, Task], zones: dict[int, ZoneInfo]) -> ReceivedRow:
    came: Inbound = found[0]
    patient: Patient | None = found[1]
    visit: Visit | None = found[2]
    task: Task | None = found[3]
    about = f" for {day(visit.starts_on)}" if visit is not None else ""
    return ReceivedRow(
        id=came.id,
        at=came.received_at,
        zone=zones.get(visit.site_id) if visit is not None else None,
        what=f"{INBOUND.get(came.kind, came.kind)}{about}",
        tone=came.verdict,
        verdict=VERDICTS.get(came.verdict, came.verdict),
        reason=came.reason,
        comment=came.comment,
        patient_id=came.patient_id,
        patient_name=patient.name if patient is not None else "",
        visit_id=came.visit_id,
        outbox_id=came.outbox_id,
        task_id=came.task_id,
        task_open=task is not None and task.state == "open",
    )
