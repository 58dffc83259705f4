"""Keeps the reminders of a patient's coming visits as the rules say, by comparing (calendar R5).

Runs inside the caller's transaction. What is due is computed from the visits as they are now; rows
that do not fit any more are superseded, what is missing is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Outbox, Patient
from scheduler.services.outgoing import (
    driver_messages,
    escalations,
    outbox_rows,
    reach,
    reminder_calls,
)
from scheduler.services.outgoing.reminder_plan import Due, Key, Message, Part, merged, plan

NOT_ANY_MORE = "The visit was changed or cancelled."
LOOK_FIRST = "A person looks at an answer first."
SETTLED = ("sent", "failed", "skipped")


def refresh(patient_id: int, *, now: datetime, told_at: Mapping[int, datetime]) -> int:
    """Bring rows, calls and planned work of one patient in line; how many calls were
    planned anew.

    `told_at`: when the confirmation of a visit leaves; reminders due up to then are dropped, since
    it says the same.
    """
    patient = db.session.get_one(Patient, patient_id)
    due = plan(patient, now=now)
    _match_rows(patient, due, now, told_at)
    driver_messages.match(patient, now=now)
    return escalations.match(patient, reminder_calls.wanted(due), due.coming, now)


def _match_rows(patient: Patient, due: Due, now: datetime, told_at: Mapping[int, datetime]) -> None:
    rows = _rows(patient)
    settled = {key for row in rows if row.state in SETTLED for key in keys_of(row)}
    waiting = {key for row in rows if row.state == "waiting" for key in keys_of(row)}
    sendable = [
        part
        for part in due.parts
        if part.channel and part.key not in settled and _in_time(part, waiting, now, told_at)
    ]
    wanted = {message.lead.key: message for message in merged(sendable)}
    stale: list[int] = []
    for row in rows:
        if row.state == "waiting":
            lead = keys_of(row)[0]
            if lead in wanted and _same(row, wanted[lead], patient):
                del wanted[lead]
            else:
                stale.append(row.id)
    outbox_rows.supersede_ids(stale, LOOK_FIRST if patient.suspended_at else NOT_ANY_MORE)
    outbox_rows.add_all([_row(one, patient, now) for one in wanted.values()])


def _rows(patient: Patient) -> list[Outbox]:
    rows = select(Outbox).where(
        Outbox.organisation_id == patient.organisation_id,
        Outbox.patient_id == patient.id,
        Outbox.kind.in_(outbox_rows.REMINDER_KINDS),
        Outbox.visit_id.is_not(None),
    )
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def _in_time(part: Part, waiting: set[Key], now: datetime, told_at: Mapping[int, datetime]) -> bool:
    """Still to come; or due by now, and on its way already."""
    after = max(now, told_at.get(part.visit.id, now))
    return part.reminder.due_at > after or part.key in waiting


def keys_of(row: Outbox) -> list[Key]:
    """What a row tells: its own part first, then those that it takes along."""
    second = bool(row.facts.get("second"))
    own = (row.visit_id or 0, row.version, row.rule_id, second)
    return [own, *(_key(one) for one in row.facts.get("also", ()))]


def _key(one: Mapping[str, Any]) -> Key:
    return one["visit_id"], one["version"], one["rule"], one["second"]


def _same(row: Outbox, message: Message, patient: Patient) -> bool:
    lead = message.lead
    where = (row.channel, row.recipient) == (lead.channel, reach.address(patient, lead.channel))
    return where and row.due_at == lead.reminder.due_at and row.facts == message.facts


def _row(message: Message, patient: Patient, now: datetime) -> Outbox:
    visit, one = message.lead.visit, message.lead.reminder
    return Outbox(
        organisation_id=visit.organisation_id,
        site_id=visit.site_id,
        patient_id=visit.patient_id,
        visit_id=visit.id,
        series_id=visit.series_id,
        kind=one.kind,
        rule_id=one.rule.id,
        channel=message.lead.channel,
        recipient=reach.address(patient, message.lead.channel),
        sequence=visit.sequence,
        version=visit.version,
        facts=message.facts,
        due_at=one.due_at,
        useless_at=one.useless_at,
        state="waiting",
        created_at=now,
    )


def recompute(patient_ids: Iterable[int], *, now: datetime) -> None:
    """After a change of rules: nothing about the visits is news. Inside the caller's
    transaction."""
    for patient_id in sorted(set(patient_ids)):
        refresh(patient_id, now=now, told_at={})
