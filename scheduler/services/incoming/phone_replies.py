"""What a text message from a patient or a driver does: little, at once, and never in silence.

A word that was asked for is applied; anything else is for a person (domain G). Each ends as one row
of `inbound` with its verdict and reason, and the same message twice has one effect (calendar I1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from scheduler.errors import IllegalChange
from scheduler.extensions import db
from scheduler.invites.clean_text import one_line
from scheduler.models import Organisation, Outbox, Patient, Site, Visit
from scheduler.models.task import TODAY, URGENT
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning import reply_words
from scheduler.services import after_visit, tasks
from scheduler.services.incoming import phone_answers, phone_inbound, phone_senders
from scheduler.services.incoming.inbound_outcome import Outcome
from scheduler.services.incoming.phone_answers import Reply
from scheduler.services.incoming.phone_senders import Sender
from scheduler.services.incoming.reply_rules import APPLIED, IGNORED, PERSON
from scheduler.services.outgoing import outbox
from scheduler.services.own import answer_rows, answer_tasks, consents
from scheduler.services.own.answer_rows import COMING, NOT_COMING, Said
from scheduler.services.own.consents import Word
from scheduler.services.patient_lock import lock_patient
from scheduler.services.tasks import NewTask
from scheduler.transaction import retried, transaction

ASKS_COMING = ("r1", "r2", "r3", "r4", "own")
"""Messages that "OK" answers for their visit."""
ASKS_WELL = "r8"


@dataclass(frozen=True, kw_only=True)
class TextIn:
    """One text message as the provider handed it over; `id` is the provider's."""

    id: str
    number: str
    text: str


@dataclass(frozen=True)
class _Reading:
    """A message being read inside the transaction."""

    message: TextIn
    sender: Sender
    now: datetime

    @property
    def words(self) -> str:
        return one_line(self.message.text, 400)

    def outcome(self, verdict: str, reason: str, visit: Visit | None = None) -> Outcome:
        asked, somebody = self.sender.asked, self.sender.somebody
        return Outcome(
            kind="text",
            verdict=verdict,
            reason=reason,
            patient=somebody,
            visit=visit,
            outbox_id=asked.id if asked else None,
            comment=self.words,
        )

    def said(self, *, driver: bool = False) -> Said:
        asked = self.sender.asked
        organisation_id = asked.organisation_id if asked else 0
        make = answer_rows.driver_actor if driver else answer_rows.patient_actor
        outbox_id = asked.id if asked else None
        return Said(actor=make(organisation_id), via="sms", now=self.now, outbox_id=outbox_id)

    def answer(self, which: str, visit: Visit | None = None) -> None:
        """Nobody whom we do not know is answered."""
        patient = self.sender.somebody
        site_id = _site_of(self.sender)
        if patient is not None and site_id is not None:
            reply = Reply(
                patient=patient,
                site_id=site_id,
                number=self.message.number,
                which=which,
                visit=visit,
            )
            phone_answers.queue(reply, now=self.now)


@retried
def take(message: TextIn, digest: str, *, now: datetime) -> str:
    """The verdict; "" if this very message had come before."""
    known = phone_senders.of(message.number, now=now)
    with transaction():
        for patient in sorted(known.patients, key=lambda one: one.id):
            lock_patient(patient.id, answer_rows.patient_actor(patient.organisation_id))
        if phone_inbound.came_before(digest):
            return ""
        sender = phone_senders.of(message.number, now=now)
        outcome = _read(_Reading(message, sender, now))
        phone_inbound.keep(outcome, digest, now=now)
        return outcome.verdict


def _read(reading: _Reading) -> Outcome:
    meant = reply_words.meaning(reading.message.text)
    if meant in _ANYBODY:
        return _ANYBODY[meant](reading)
    if reading.sender.somebody is None:
        return reading.outcome(*_from_nobody(reading))
    if reading.sender.drives:
        return _driver(reading, meant)
    if len(reading.sender.patients) > 1:
        return _for_a_person(reading, "Several patients have this number.")
    asked = reading.sender.asked
    if asked is None or asked.visit is None or meant is None:
        reason = "Nothing was asked." if asked is None else "It is no answer that we know."
        return _for_a_person(reading, reason)
    if asked.kind == ASKS_WELL:
        return _well(reading, asked.visit, meant)
    if asked.kind not in ASKS_COMING:
        return _for_a_person(reading, "Its question takes no answer by text message.")
    return _about_coming(reading, asked, asked.visit, meant)


def _about_coming(reading: _Reading, asked: Outbox, visit: Visit, meant: str) -> Outcome:
    if visit.state not in PLANNED_STATES or visit.starts_at <= reading.now:
        return _for_a_person(reading, "The visit that was asked about does not lie ahead.")
    if visit.version != asked.version:
        return _for_a_person(reading, "The visit was changed after the question had left.")
    if meant == reply_words.YES:
        return _coming(reading, visit)
    if meant == reply_words.NO:
        answer_rows.coming(visit, NOT_COMING, reading.said())
        answer_tasks.settled(visit, reading.said())
        outbox.refresh(visit.patient_id, now=reading.now)
    return _problem(reading, visit)


def _coming(reading: _Reading, visit: Visit) -> Outcome:
    said = reading.said()
    answer_rows.coming(visit, COMING, said)
    answer_tasks.settled(visit, said)
    outbox.refresh(visit.patient_id, now=reading.now)
    if visit.patient.suspended_at is not None:
        which, reason = phone_answers.NOTED, "Coming; a person looks at an answer first."
    elif answer_rows.waits_for_driver(visit):
        which, reason = phone_answers.THANKS_DRIVER, "Coming; a driver is still to be named."
    else:
        which, reason = phone_answers.THANKS, "Confirmed."
    reading.answer(which, visit)
    return reading.outcome(APPLIED, reason, visit)


def _problem(reading: _Reading, visit: Visit) -> Outcome:
    """Somebody calls now; the chair stays the patient's (domain F)."""
    _task(reading, tasks.PROBLEM, f'By text message: "{reading.words}"', visit, URGENT)
    reading.answer(phone_answers.NOTED, visit)
    return reading.outcome(PERSON, "A problem: an urgent task is there.", visit)


def _well(reading: _Reading, visit: Visit, meant: str) -> Outcome:
    """ "How are you? 1 well, 2 call me" (R8)."""
    if meant not in (reply_words.YES, reply_words.TWO):
        return _for_a_person(reading, "It is no answer that we know.", URGENT)
    say = "1" if meant == reply_words.YES else "2"
    after_visit.answered(visit, say, reading.said())
    reading.answer(phone_answers.NOTED if say == "2" else phone_answers.DRIVER_THANKS, visit)
    return reading.outcome(APPLIED, "Well." if say == "1" else "Asks for a call.", visit)


def _driver(reading: _Reading, meant: str | None) -> Outcome:
    """ "I will be there" (R6)."""
    asked = reading.sender.asked
    visit = asked.visit if asked is not None else None
    if visit is None or meant not in (reply_words.YES, reply_words.NO, reply_words.PROBLEM):
        return _for_a_person(reading, "The driver wrote.")
    said = reading.said(driver=True)
    try:
        says = COMING if meant == reply_words.YES else NOT_COMING
        answer_rows.driver_says(visit, says, said)
    except IllegalChange:
        return reading.outcome(IGNORED, "The visit does not lie ahead any more.", visit)
    answer_tasks.settled(visit, said)
    if says == NOT_COMING:
        answer_tasks.driver_away(visit, said)
    reading.answer(phone_answers.DRIVER_THANKS, visit)
    reason = "The driver will be there." if says == COMING else "The driver cannot come."
    return reading.outcome(APPLIED, reason, visit)


def _stop(reading: _Reading) -> Outcome:
    """At once and for everybody who has this number; answered once."""
    changed = [_put(reading, patient, False) for patient in reading.sender.patients]
    if reading.sender.drives:
        changed.append(_stop_driver(reading))
    if not any(changed):
        return reading.outcome(IGNORED, "Text messages were off already.")
    reading.answer(phone_answers.STOPPED)
    return reading.outcome(APPLIED, "No more text messages.")


def _start(reading: _Reading) -> Outcome:
    changed = [_put(reading, patient, True) for patient in reading.sender.patients]
    if not any(changed):
        return reading.outcome(IGNORED, "Text messages were on already.")
    reading.answer(phone_answers.STARTED)
    return reading.outcome(APPLIED, "Text messages are on again.")


def _help(reading: _Reading) -> Outcome:
    reading.answer(phone_answers.HELP)
    return reading.outcome(APPLIED, "Asked for help.")


_ANYBODY: dict[str | None, Callable[[_Reading], Outcome]] = {
    reply_words.STOP: _stop,
    reply_words.START: _start,
    reply_words.HELP: _help,
}
"""Words that need no question before them."""


def _put(reading: _Reading, patient: Patient, given: bool) -> bool:
    actor = answer_rows.patient_actor(patient.organisation_id)
    word = Word(actor=actor, how="sms", now=reading.now)
    changed = consents.put(patient, "sms", given, word)
    if changed:
        consents.follow(patient, now=reading.now)
    return changed


def _stop_driver(reading: _Reading) -> bool:
    """The driver of one visit wants no text messages about it."""
    asked = reading.sender.asked
    if asked is None or asked.visit is None or not asked.visit.driver_ok:
        return False
    asked.visit.driver_ok = False
    consents.end_waiting(asked.patient, "driver", consents.WITHDRAWN)
    return True


def _for_a_person(reading: _Reading, reason: str, priority: int = TODAY) -> Outcome:
    asked = reading.sender.asked
    _task(reading, tasks.TEXT, f'"{reading.words}"', asked.visit if asked else None, priority)
    reading.answer(phone_answers.PERSON)
    return reading.outcome(PERSON, reason, asked.visit if asked else None)


def _from_nobody(reading: _Reading) -> tuple[str, str]:
    """An unknown number: with one clinic in the house somebody can look, else nobody may."""
    clinics = db.session.scalars(select(Organisation.id).limit(2)).all()
    site = db.session.scalar(select(Site).order_by(Site.id).limit(1))
    if len(clinics) != 1 or site is None:
        return IGNORED, "Nobody has this number."
    new = NewTask(
        organisation_id=site.organisation_id,
        site_id=site.id,
        kind=tasks.TEXT,
        due_at=reading.now,
        what=f'From {reading.message.number}, which nobody has: "{reading.words}"',
    )
    tasks.add(new, now=reading.now)
    return PERSON, "Nobody has this number."


def _task(reading: _Reading, kind: str, what: str, visit: Visit | None, priority: int) -> None:
    somebody, site_id = reading.sender.somebody, _site_of(reading.sender)
    if somebody is None or site_id is None:
        return
    new = NewTask(
        organisation_id=somebody.organisation_id,
        site_id=site_id,
        kind=kind,
        due_at=reading.now,
        what=what,
        patient_id=somebody.id,
        visit_id=visit.id if visit else None,
        priority=priority,
    )
    tasks.add(new, now=reading.now)


def _site_of(sender: Sender) -> int | None:
    if sender.asked is not None:
        return sender.asked.site_id
    if sender.somebody is None:
        return None
    theirs = select(Site.id).where(Site.organisation_id == sender.somebody.organisation_id)
    return db.session.scalar(theirs.order_by(Site.id).limit(1))
