"""Which ways of reaching a patient are allowed: given and withdrawn, by whose word, with history.

Withdrawing ends what still waits on that way, and the reminders look for another one (domain G).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from scheduler.errors import Invalid
from scheduler.extensions import db
from scheduler.models import Consent, Outbox, Patient, Site, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.services import audit, scope, tasks
from scheduler.services.actor import Actor
from scheduler.services.outgoing import outbox, outbox_rows, reach
from scheduler.services.patient_lock import lock_patient
from scheduler.services.tasks import NewTask
from scheduler.transaction import retried, transaction

FLAGS = {"email": "email_ok", "sms": "sms_ok", "voice": "voice_ok", "driver": "driver_ok"}
"""The column that says how a consent stands; "driver": the usual driver may get text messages."""
HOW = ("desk", "page", "sms", "mail")
WITHDRAWN = "The patient wants no messages by this way any more."
NO_WAY = "No message may leave for this patient: print and send the letter with all dates."


@dataclass(frozen=True, kw_only=True)
class Word:
    """By whose word, and how it came: desk, page, sms, mail."""

    actor: Actor
    how: str
    now: datetime


def put(patient: Patient, channel: str, given: bool, word: Word) -> bool:
    """Inside the caller's transaction; False if it stands so already. `follow` it once all are put.

    Raises Invalid for a channel that needs no consent.
    """
    if channel not in FLAGS:
        raise Invalid("There is no consent for this.", field=None)
    if bool(getattr(patient, FLAGS[channel])) == given:
        return False
    setattr(patient, FLAGS[channel], given)
    remember(patient, channel, given, word)
    patient.version += 1
    if not given:
        end_waiting(patient, channel, WITHDRAWN)
    return True


def remember(patient: Patient, channel: str, given: bool, word: Word) -> None:
    """A line of history, inside the caller's transaction."""
    db.session.add(
        Consent(
            organisation_id=patient.organisation_id,
            patient_id=patient.id,
            channel=channel,
            given=given,
            how=word.how,
            by_name=word.actor.name,
            at=word.now,
        )
    )
    action = "give_consent" if given else "withdraw_consent"
    audit.note(word.actor, action, f"patient:{patient.id}", now=word.now, reason=channel)


def end_waiting(patient: Patient, channel: str, why: str) -> None:
    """What waits to leave by this way, but for the end of a calendar entry (calendar U4); messages
    to a driver belong to the driver's consent."""
    about = (Outbox.organisation_id == patient.organisation_id, Outbox.patient_id == patient.id)
    if channel == "driver":
        outbox_rows.supersede(why, *about, Outbox.kind == "r6")
    else:
        others = Outbox.kind.not_in(("r6", "cancel"))
        outbox_rows.supersede(why, *about, Outbox.channel == channel, others)


def follow(patient: Patient, *, now: datetime) -> None:
    """After ways changed: reminders take another one, and a letter is due where none is left.

    Inside the caller's transaction.
    """
    db.session.flush()
    outbox.refresh(patient.id, now=now)
    visit = _next_visit(patient, now)
    if visit is None or reach.ways(patient, db.session.get_one(Site, visit.site_id)):
        return
    letter = NewTask(
        organisation_id=patient.organisation_id,
        site_id=visit.site_id,
        kind=tasks.LETTER,
        due_at=now,
        what=NO_WAY,
        patient_id=patient.id,
    )
    tasks.add_once(letter, now=now)


@retried
def set_one(patient_id: int, channel: str, given: bool, word: Word) -> bool:
    """One consent, as a desk button or the patient's page sets it. Raises Invalid, NotFound,
    NotAllowed."""
    if not {"edit_patient", "answer_own"} & word.actor.rights:
        word.actor.require("edit_patient")
    with transaction():
        lock_patient(patient_id, word.actor)
        patient = scope.find(Patient, patient_id, word.actor)
        changed = put(patient, channel, given, word)
        if changed:
            follow(patient, now=word.now)
        return changed


def history(patient: Patient) -> Sequence[Consent]:
    """Newest first."""
    rows = select(Consent).where(
        Consent.organisation_id == patient.organisation_id, Consent.patient_id == patient.id
    )
    return db.session.scalars(rows.order_by(Consent.id.desc()).limit(100)).all()


def mark_bad_number(patient: Patient, *, now: datetime) -> None:
    """Nobody is reached on this number; inside the caller's transaction."""
    patient.phone_bad_at = now
    patient.version += 1
    for channel in ("sms", "voice"):
        end_waiting(patient, channel, "This number does not reach the patient.")
    follow(patient, now=now)


def _next_visit(patient: Patient, now: datetime) -> Visit | None:
    ahead = select(Visit).where(
        Visit.organisation_id == patient.organisation_id,
        Visit.patient_id == patient.id,
        Visit.state.in_(PLANNED_STATES),
        Visit.starts_at > now,
    )
    return db.session.scalar(ahead.order_by(Visit.starts_at, Visit.id).limit(1))
