"""Letters and bounces: what a person has to read, and whom mail does not reach any more."""

from __future__ import annotations

from datetime import datetime

from scheduler.models import Patient
from scheduler.services import tasks
from scheduler.services.incoming import bounces
from scheduler.services.incoming.inbound_facts import FAILED, UNKNOWN, Bounce, MailIn
from scheduler.services.incoming.inbound_outcome import Outcome
from scheduler.services.incoming.inbound_tasks import Wanted, ask
from scheduler.services.incoming.reply_rules import APPLIED, IGNORED, PERSON

WROTE = "Wrote by e-mail"
UNCHECKED = {
    FAILED: " (the sender could not be confirmed)",
    UNKNOWN: " (the sender could not be checked)",
}


def letter(mail: MailIn, patient: Patient | None, now: datetime) -> Outcome:
    """Words for a person, if it is known whose they are and a person wrote them."""
    kind = "auto" if mail.auto else "letter"
    if patient is None:
        reason = "It cannot be told which patient it is from."
        return Outcome(kind=kind, verdict=IGNORED, reason=reason)
    if mail.auto:
        return Outcome(kind=kind, verdict=IGNORED, reason="A machine wrote it.", patient=patient)
    if mail.calendar is not None and not mail.text:
        reason = f"A calendar message {mail.calendar.method or 'without a method'} has no effect."
        return Outcome(kind="reply", verdict=IGNORED, reason=reason, patient=patient)
    own = mail.sender == patient.email.casefold()
    what = WROTE + (UNCHECKED.get(mail.proof, "") if own else " (from another address)")
    said = mail.text or mail.subject
    text = f"{mail.wrong} {said}".strip() or "(no words)"
    wanted = Wanted(kind=tasks.WROTE, what=what, text=" ".join(text.split()))
    return Outcome(
        kind=kind,
        verdict=PERSON,
        reason=mail.wrong or "Somebody should read it.",
        patient=patient,
        task=ask(patient, wanted, now=now),
        comment=said,
    )


def bounced(bounce: Bounce, patient: Patient | None, now: datetime) -> Outcome:
    row = bounces.message_of(bounce)
    if row is not None and (patient is None or patient.id == row.patient_id):
        patient = row.patient
    elif row is not None:
        row = None  # it is addressed to one patient's code and names another's message
    if patient is None:
        reason = "It is about no message of ours."
        return Outcome(kind="bounce", verdict=IGNORED, reason=reason)
    outbox_id = row.id if row is not None else None
    if row is not None and bounces.moved_since(row):
        reason = "It went to an address that the patient does not have any more."
        return Outcome(
            kind="bounce", verdict=IGNORED, reason=reason, patient=patient, outbox_id=outbox_id
        )
    if bounce.action and not bounce.lost:
        reason = "The message is late; the mail server goes on trying, or it arrived."
        return Outcome(
            kind="bounce", verdict=IGNORED, reason=reason, patient=patient, outbox_id=outbox_id
        )
    if row is not None and bounce.lost:
        bounces.came_back(row, bounce.said, now=now)
    if bounce.nobody_there and bounces.concerns(bounce, patient, row):
        task = bounces.nobody_there(patient, outbox_id, now=now)
        verdict, reason = APPLIED, f"The address takes no mail: {bounce.said or bounce.status}"
    else:
        wanted = Wanted(kind=tasks.BOUNCE, what=bounces.CALL_ONCE, outbox_id=outbox_id)
        task = ask(patient, wanted, now=now)
        verdict, reason = PERSON, f"A message did not arrive: {bounce.said or 'no reason given'}"
    return Outcome(
        kind="bounce",
        verdict=verdict,
        reason=reason,
        patient=patient,
        outbox_id=outbox_id,
        task=task,
    )
