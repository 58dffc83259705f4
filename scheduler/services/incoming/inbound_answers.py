"""A calendar's answer and what it may do: set `partstat`, ask a person (calendar I4 to I8, I24)."""

from __future__ import annotations

from datetime import datetime

from scheduler.extensions import db
from scheduler.invites.replies import CalendarFile
from scheduler.models import Patient, Site, Task, Visit
from scheduler.planning.words.clock import clock, day
from scheduler.services import tasks
from scheduler.services.audit import note
from scheduler.services.incoming import inbound_patient
from scheduler.services.incoming.inbound_facts import MailIn
from scheduler.services.incoming.inbound_outcome import Outcome
from scheduler.services.incoming.inbound_tasks import Wanted, ask
from scheduler.services.incoming.reply_rules import IGNORED, PERSON, Judged, judge
from scheduler.services.outgoing import outbox
from scheduler.services.own import answer_tasks
from scheduler.services.own.answer_rows import Said, patient_actor

DECLINED = "Declined in the calendar. The chair stays booked: call and ask"
ODD = "A calendar answer was taken, but looks odd: ask whether it is right"
COUNTER = "Asks for another time in the calendar. Nothing was moved: call"
UNCLEAR = "A calendar answer could not be taken: call and ask"


def answered(mail: MailIn, file: CalendarFile, patient: Patient | None, now: datetime) -> Outcome:
    """A REPLY or COUNTER; only `partstat` can change (I7). Inside the caller's transaction."""
    kind = "counter" if file.method == "COUNTER" else "reply"
    visit = inbound_patient.visit_of(file.uid) if file.uid else None
    if visit is None:
        reason = "It names no appointment of ours."
        return Outcome(kind=kind, verdict=IGNORED, reason=reason, patient=patient)
    if patient is not None and patient.id != visit.patient_id:
        reason = "It names an appointment of somebody else."
        return Outcome(kind=kind, verdict=IGNORED, reason=reason, patient=patient)
    judged = judge(mail, file, inbound_patient.asked(visit, mail.sender, now))
    return Outcome(
        kind=kind,
        verdict=judged.verdict,
        reason=judged.reason or f"Answered {file.partstat.lower()}.",
        patient=visit.patient,
        visit=visit,
        task=_effect(judged, file, visit, now),
        comment=file.comment or mail.text,
    )


def _effect(judged: Judged, file: CalendarFile, visit: Visit, now: datetime) -> Task | None:
    if judged.verdict == IGNORED:
        return None
    if judged.verdict == PERSON:
        return ask(visit.patient, _for_person(judged, file, visit), now=now)
    visit.partstat = judged.partstat
    visit.partstat_at = min(file.stamped_at, now) if file.stamped_at else now
    note(patient_actor(visit.organisation_id), "calendar_answer", f"visit:{visit.id}", now=now)
    return _after_answer(judged, file.comment, visit, now)


def _for_person(judged: Judged, file: CalendarFile, visit: Visit) -> Wanted:
    if file.method == "COUNTER":
        what = COUNTER + _proposed(file, visit)
        return Wanted(kind=tasks.ASKS_TIME, what=what, text=file.comment, visit=visit)
    what = f"{UNCLEAR}. {judged.reason.rstrip('.')}"
    return Wanted(kind=tasks.LOOK, what=what, text=file.comment, visit=visit)


def _proposed(file: CalendarFile, visit: Visit) -> str:
    """ ". Proposed: Wed 13 Jan, 10:00 am", by the site's clock."""
    if file.proposed_at is None:
        return ""
    site = db.session.get_one(Site, visit.site_id)
    local = file.proposed_at.astimezone(site.zone)
    return f". Proposed: {day(local.date())}, {clock(file.proposed_at, site.zone)}"


def _after_answer(judged: Judged, comment: str, visit: Visit, now: datetime) -> Task | None:
    """A no is for a person to ask about; a yes ends that, and what waited for a yes; words are
    read by somebody."""
    if judged.partstat == "ACCEPTED":
        tasks.drop_of_visits([visit.id], (tasks.DECLINED,), now=now)
        by = patient_actor(visit.organisation_id)
        answer_tasks.settled(visit, Said(actor=by, via="mail", now=now))
    outbox.refresh(visit.patient_id, now=now)
    wanted = None
    if judged.partstat == "DECLINED":
        wanted = Wanted(kind=tasks.DECLINED, what=DECLINED, text=comment, visit=visit)
    elif judged.odd:
        wanted = Wanted(kind=tasks.LOOK, what=ODD, text=comment, visit=visit, later=True)
    elif comment:
        wanted = Wanted(kind=tasks.WROTE, what="Wrote with a calendar answer", text=comment)
    return ask(visit.patient, wanted, now=now) if wanted is not None else None
