"""What a person does about a message: send it now, send it again, or say it was told by phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from scheduler.errors import IllegalChange, Invalid
from scheduler.extensions import db
from scheduler.models import Outbox, Task
from scheduler.services import tasks
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.outgoing import outbox, outbox_rows, reach
from scheduler.services.outgoing.message_rows import SOON_KINDS, waits
from scheduler.services.outgoing.message_view import can_be_called
from scheduler.services.outgoing.outbox_facts import coming_visits
from scheduler.services.outgoing.outbox_truth import untrue
from scheduler.services.own import answer_rows
from scheduler.services.own.answer_rows import Said
from scheduler.services.scope import find, scoped
from scheduler.transaction import retried, transaction

TOLD = "Told by phone instead."
LONGEST_OUTCOME = 500
TO_SOMEBODY_ELSE = ("r6",)
"""Kinds whose recipient is not the patient."""


@retried
def send_now(message_id: int, actor: Actor, *, now: datetime) -> None:
    """End the undo window of one message. Raises IllegalChange if it does not wait in one."""
    actor.require("send_now")
    with transaction():
        row = _locked(message_id, actor)
        if not waits(row):
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

    To the address that the patient has now; a calendar entry stays with the address that has it
    (A3). Trying again is to say that the address is right after all: it counts as good until mail
    comes back once more. Raises IllegalChange if it does not hold any more, or is still on its way.
    """
    actor.require("send_now")
    with transaction():
        old = _locked(message_id, actor)
        if old.state not in ("failed", "sent", "skipped"):
            raise IllegalChange("This message is still on its way.")
        _trust_again(old, actor, now)
        row = outbox_rows.add(_copy(old, now))
        why = untrue(row, now)
        if why is None and row.useless_at is not None and row.useless_at <= now:
            why = "It would come too late."
        if why is not None:
            raise IllegalChange(f"{why} Nothing was sent.")
        note(actor, "send_again", f"message:{old.id}", now=now)
        return row.id


def _trust_again(row: Outbox, actor: Actor, now: datetime) -> None:
    patient = row.patient
    if row.channel == "email" and patient.email_bad_at is not None:
        patient.email_bad_at = None
    elif row.channel != "email" and patient.phone_bad_at is not None:
        patient.phone_bad_at = None
    else:
        return
    note(actor, "address_good", f"patient:{patient.id}", now=now)
    db.session.flush()
    outbox.refresh(patient.id, now=now)


@dataclass(frozen=True, kw_only=True)
class Called:
    """`outcome`: what came of the call, in a few words."""

    message_id: int
    outcome: str


@retried
def called_instead(called: Called, actor: Actor, *, now: datetime) -> None:
    """The patient was told by phone: the answer is kept, the call's task and the message end.

    A calendar message that still tries goes on: the calendar needs it all the same. Raises Invalid
    without an outcome, IllegalChange if the message reached the patient or is on its way.
    """
    actor.require("work_task")
    outcome = called.outcome.strip()
    if not outcome or len(outcome) > LONGEST_OUTCOME:
        raise Invalid("Say in a few words what came of the call.", field="outcome")
    with transaction():
        row = _locked(called.message_id, actor)
        if not can_be_called(row):
            raise IllegalChange("This message needs no call any more.")
        if row.state in ("failed", "skipped") or (row.state == "waiting" and row.method is None):
            row.state, row.why = "superseded", TOLD
            row.claimed_by = row.claimed_until = None
        said = Said(actor=actor, via="desk", now=now, outbox_id=row.id)
        answer_rows.keep(row.patient, "told", {"outcome": outcome}, said, visit=row.visit)
        _close_tasks(row, outcome, actor, now)
        note(actor, "called_instead", f"message:{row.id}", now=now)


def _close_tasks(row: Outbox, outcome: str, actor: Actor, now: datetime) -> None:
    """The task of this message; and the patient's, where it asks for the very same call."""
    same_call = Task.kind.in_((tasks.FAILED_MESSAGE, tasks.BOUNCE))
    open_ones = select(Task).where(
        Task.organisation_id == row.organisation_id,
        Task.patient_id == row.patient_id,
        Task.state == "open",
        or_(Task.outbox_id == row.id, same_call),
    )
    for task in db.session.scalars(open_ones.with_for_update()):
        task.state, task.outcome = "done", outcome
        task.done_by_name, task.done_at = actor.name, now


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
        channel=old.channel,
        rule_id=old.rule_id,
        about=old.about,
        method=old.method,
        uid=old.uid,
        recipient=_recipient(old),
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


def _recipient(old: Outbox) -> str:
    if old.method is not None or old.kind in TO_SOMEBODY_ELSE:
        return old.recipient
    return reach.address(old.patient, old.channel) or old.recipient


def _useless_at(old: Outbox, now: datetime) -> datetime | None:
    if old.kind in outbox_rows.REMINDER_KINDS:
        return old.useless_at
    visits = [old.visit] if old.visit is not None else list(coming_visits(old, now))
    return outbox_rows.give_up_at(now, visits[0].arrives_at) if visits else old.useless_at
