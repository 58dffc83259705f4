"""Patients: finding, adding and changing them. Everything stays inside one organisation."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time

from sqlalchemy import func, select

from scheduler.errors import Invalid, PossibleDuplicate, Stale
from scheduler.extensions import db
from scheduler.models import Patient, PatientBlackout
from scheduler.models.patient import CALENDARS, CHANNELS, LANGUAGES
from scheduler.planning import find_text
from scheduler.services import audit, form_tokens, lookalikes, scope
from scheduler.services.actor import Actor
from scheduler.services.outgoing import outbox
from scheduler.services.outgoing.outbox import Leaving
from scheduler.services.outgoing.outbox_rows import by_mail
from scheduler.services.own import consents
from scheduler.services.own.consents import Word
from scheduler.services.patient_lock import lock_patient
from scheduler.transaction import retried, transaction

NEEDS = {
    "email": "email", "sms": "phone", "voice": "phone", "phone": "phone", "letter": "address",
}  # fmt: skip
"""What must be known of a patient who is to be reached in this way."""
NOT_ALLOWED = "The patient is to be reached in this way, so their consent is needed."


@dataclass(frozen=True, kw_only=True, order=True)
class Away:
    """Dates on which the patient firmly cannot come, both ends included (domain H17)."""

    starts_on: date
    ends_on: date
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class PatientRequest:
    """What a person may set. Weekdays: Monday is 0, none means any; the band is wall time."""

    first_name: str
    last_name: str
    birth_on: date
    email: str = ""
    phone: str = ""
    address: str = ""
    channel: str = "email"
    language: str = "en"
    calendar: str = "invites"
    email_ok: bool = True
    sms_ok: bool = False
    voice_ok: bool = False
    no_voicemail: bool = False
    weekdays: tuple[int, ...] = ()
    band_from: time | None = None
    band_until: time | None = None
    driver_name: str = ""
    driver_phone: str = ""
    driver_ok: bool = False
    neutral_alarms: bool = False
    note: str = ""
    away: tuple[Away, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Saving:
    """One sending of the form: its one-time number, the look-alikes that were shown and accepted,
    and how long a message waits that the change may cause.
    """

    token: str
    now: datetime
    accepted: frozenset[int] = frozenset()
    undo_seconds: int = 180


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Which patient, and the version that the form was made from (trust I6)."""

    patient_id: int
    version: int


def find(patient_id: int, actor: Actor) -> Patient:
    """With the days away. Raises NotFound."""
    return scope.find(Patient, patient_id, actor)


def search(text: str, actor: Actor, *, limit: int = 8) -> list[Patient]:
    """By name, phone or birth date, whatever accents and capitals; nothing for an empty text."""
    parts = find_text.parts_of(text)
    if not parts:
        return []
    rows = scope.scoped(Patient, actor)
    for part in parts:
        rows = rows.where(Patient.find_text.contains(part, autoescape=True))
    rows = rows.order_by(Patient.last_name, Patient.first_name, Patient.id).limit(limit)
    return list(db.session.scalars(rows))


def count(actor: Actor) -> int:
    mine = select(func.count(Patient.id)).where(Patient.organisation_id == actor.organisation_id)
    return db.session.scalar(mine) or 0


def page(actor: Actor, *, offset: int, limit: int) -> list[Patient]:
    """By last name; for the list of everybody."""
    rows = scope.scoped(Patient, actor).order_by(func.lower(Patient.last_name), Patient.id)
    return list(db.session.scalars(rows.offset(offset).limit(limit)))


@retried
def add(request: PatientRequest, actor: Actor, saving: Saving) -> int:
    """Returns the patient's id; the same form sent twice makes one patient (trust I5).

    Raises PossibleDuplicate with look-alikes that were not accepted; Invalid, NotAllowed.
    """
    actor.require("edit_patient")
    _check(request)
    with transaction():
        if before := form_tokens.result_of(saving.token, actor):
            return int(before.removeprefix("patient:"))
        _refuse_lookalikes(request, actor, None, saving)
        patient = Patient(
            organisation_id=actor.organisation_id,
            reply_token=secrets.token_hex(16),
            created_at=saving.now,
        )
        _set(patient, request)
        db.session.add(patient)
        db.session.flush()
        for channel, flag in consents.FLAGS.items():
            if getattr(patient, flag):
                consents.remember(patient, channel, True, _word(actor, saving))
        form_tokens.use(saving.token, f"patient:{patient.id}", actor, now=saving.now)
        audit.note(actor, "add_patient", f"patient:{patient.id}", now=saving.now)
        return patient.id


@retried
def change(edit: Edit, request: PatientRequest, actor: Actor, saving: Saving) -> Leaving:
    """Returns what was queued: a new address hears of the coming visits (calendar A3).

    Raises Stale if somebody changed the patient meanwhile; PossibleDuplicate, Invalid, NotFound,
    NotAllowed.
    """
    actor.require("edit_patient")
    _check(request)
    with transaction():
        lock_patient(edit.patient_id, actor)
        patient = scope.find(Patient, edit.patient_id, actor)
        if patient.version != edit.version:
            raise Stale
        _refuse_lookalikes(request, actor, patient, saving)
        before = _Before.of(patient)
        _set(patient, request)
        _follow_consents(patient, before, _word(actor, saving))
        patient.version += 1
        audit.note(actor, "change_patient", f"patient:{patient.id}", now=saving.now)
        db.session.flush()
        return outbox.queue_address_changed(
            patient,
            old_email=before.mail,
            old_calendar=before.calendar,
            now=saving.now,
            undo_seconds=saving.undo_seconds,
        )


@dataclass(frozen=True, kw_only=True)
class _Before:
    """How the patient was reached until now."""

    mail: str
    email: str
    phone: str
    calendar: str
    allowed: dict[str, bool]

    @classmethod
    def of(cls, patient: Patient) -> _Before:
        return cls(
            mail=patient.email if by_mail(patient) else "",
            email=patient.email,
            phone=patient.phone,
            calendar=patient.calendar,
            allowed={one: getattr(patient, flag) for one, flag in consents.FLAGS.items()},
        )


def _follow_consents(patient: Patient, before: _Before, word: Word) -> None:
    """History, and what waited by a way that is closed now; another address is a new beginning."""
    for channel, flag in consents.FLAGS.items():
        given = getattr(patient, flag)
        if given != before.allowed[channel]:
            consents.remember(patient, channel, given, word)
            if not given:
                consents.end_waiting(patient, channel, consents.WITHDRAWN)
    if patient.email != before.email:
        patient.email_bad_at = None
    if patient.phone != before.phone:
        patient.phone_bad_at = None


def _word(actor: Actor, saving: Saving) -> Word:
    return Word(actor=actor, how="desk", now=saving.now)


def request_of(patient: Patient) -> PatientRequest:
    """The patient as a request that would change nothing: what an edit form starts from."""
    plain = {
        one.name: getattr(patient, one.name)
        for one in fields(PatientRequest)
        if one.name not in _LISTS
    }
    away = sorted(
        Away(starts_on=row.starts_on, ends_on=row.ends_on, reason=row.reason)
        for row in patient.blackouts
    )
    return PatientRequest(weekdays=tuple(patient.weekdays), away=tuple(away), **plain)


_LISTS = ("weekdays", "away")


def _set(patient: Patient, request: PatientRequest) -> None:
    for name, value in asdict(request).items():
        if name not in _LISTS:
            setattr(patient, name, value)
    patient.weekdays = sorted(request.weekdays)
    if not patient.id or tuple(sorted(request.away)) != request_of(patient).away:
        patient.blackouts = [
            PatientBlackout(organisation_id=patient.organisation_id, **asdict(away))
            for away in sorted(request.away)
        ]


def _check(request: PatientRequest) -> None:
    """What no form can say about one field alone. Raises Invalid."""
    if request.channel not in CHANNELS:
        raise Invalid("Choose how to reach the patient.", field="channel")
    _check_reach(request)
    if request.band_from and request.band_until and request.band_until <= request.band_from:
        raise Invalid("The band must end after it begins.", field="band_until")
    for away in request.away:
        if away.ends_on < away.starts_on:
            raise Invalid("Days away must end after they begin.", field="away")


def _check_reach(request: PatientRequest) -> None:
    if request.language not in LANGUAGES:
        raise Invalid("Choose a language.", field="language")
    if request.calendar not in CALENDARS:
        raise Invalid("Choose how the calendar is filled.", field="calendar")
    field = NEEDS[request.channel]
    if not getattr(request, field):
        raise Invalid("This is how the patient is to be reached, so it is needed.", field=field)
    consent = consents.FLAGS.get(request.channel)
    if consent and not getattr(request, consent):
        raise Invalid(NOT_ALLOWED, field=consent)


def _refuse_lookalikes(
    request: PatientRequest, actor: Actor, patient: Patient | None, saving: Saving
) -> None:
    """A change asks only where it makes the patient look like somebody: not on every later edit."""
    who = lookalikes.Who(
        names=(request.first_name, request.last_name),
        birth_on=request.birth_on,
        phone=request.phone,
        email=request.email,
    )
    if patient is not None and who == lookalikes.who(patient):
        return
    found = [one.patient.id for one in lookalikes.of(who, actor) if one.patient is not patient]
    if unseen := tuple(one for one in found if one not in saving.accepted):
        raise PossibleDuplicate(patient_ids=unseen)
