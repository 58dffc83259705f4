"""What a discharge sets off: R7 to R10, the recall, and a nurse's call (domain G).

Runs inside the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import Answer, Outbox, ProtocolVersion, Recall, Site, Task, Visit
from scheduler.models.task import LATER, TODAY, URGENT
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning import due_times
from scheduler.planning.opening import instant
from scheduler.planning.recall import goes_on
from scheduler.planning.rung import ReminderRule
from scheduler.services import recalls, tasks
from scheduler.services.outgoing import ladders, outbox_rows, patient_messages
from scheduler.services.outgoing.patient_messages import NewMessage
from scheduler.services.own import answer_rows
from scheduler.services.own.answer_rows import Said
from scheduler.services.protocol_files import parsed
from scheduler.services.tasks import NewTask

NURSE_CALL, REVIEW, NO_SHOW_CALL, NOT_TREATED = (
    "nurse_call", "review", "attendance_call", "not_treated",
)  # fmt: skip
KINDS = ("r7", "r8", "r9", "r10")
NOT_LEFT = "The visit is not recorded as done any more."
DAY = timedelta(days=1)
EVENING_ENDS, MORNING = time(21), time(9)
WELL, CALL_ME = "1", "2"
LIVE = (*PLANNED_STATES, "held")


@dataclass(frozen=True, kw_only=True)
class _Done:
    """A visit that is done, at its site."""

    visit: Visit
    site: Site
    now: datetime

    def queue(
        self, rule: ReminderRule, due_at: datetime, useless_at: datetime, channels: tuple[str, ...]
    ) -> Outbox | None:
        """By the first way that leads to the patient, None if none does."""
        new = NewMessage(
            kind=rule.id.lower(),
            rule_id=rule.id,
            visit=self.visit,
            version=self.visit.version,
            due_at=due_at,
            useless_at=useless_at,
            channels=channels,
        )
        return patient_messages.queue(self.visit.patient, self.site, new, now=self.now)

    @property
    def morning(self) -> datetime:
        """Of the day after."""
        return instant(self.site.zone, self.visit.starts_on + DAY, MORNING)


def discharged(visit: Visit, *, now: datetime) -> None:
    """Everything that follows from it, each rung only if the visit's ladder has it."""
    ladder, site = ladders.of_visit(visit), db.session.get_one(Site, visit.site_id)
    done, ends = _Done(visit=visit, site=site, now=now), is_last_of_phase(visit)
    if rule := ladder.rule("R7"):
        done.queue(rule, now, now + DAY, ("email",))
    if rule := ladder.rule("R8"):
        _how_are_you(done, rule)
    if rule := ladder.rule("R9"):
        due_at = due_times.on_the_wall(rule.at["local"], visit.starts_on, site.zone)
        done.queue(rule, due_at, due_at + DAY, ("email", "sms"))
    if ends and not _goes_on(visit) and (rule := ladder.rule("R10")):
        _next_step(done, rule)
    recalls.open_after(visit, ends=ends, now=now)


def undone(visit: Visit, *, now: datetime) -> None:
    """Takes all of it back as far as it has not left."""
    mine = (Outbox.visit_id == visit.id, Outbox.kind.in_(KINDS))
    outbox_rows.supersede(NOT_LEFT, *mine)
    tasks.drop_of_visits([visit.id], (NURSE_CALL, REVIEW, NO_SHOW_CALL, NOT_TREATED), now=now)
    opened = select(Recall).where(Recall.after_visit_id == visit.id, Recall.state == "open")
    for recall in db.session.scalars(opened):
        recalls.end(recall, "ended", "The visit was not done.", now=now)


def not_come(visit: Visit, *, now: datetime) -> None:
    """A call on the same day, welfare first; the second time in a series a provider looks."""
    what = "Did not come. Call today: ask first whether they are well. Then offer a new time."
    tasks.add(_task(visit, NO_SHOW_CALL, now, what, URGENT), now=now)
    if _missed_before(visit):
        again = "The second time in this series that the patient did not come: how to go on?"
        tasks.add(_task(visit, REVIEW, now, again, TODAY), now=now)


def not_treated(visit: Visit, reason: str, *, now: datetime) -> None:
    """No fault of anybody's: a new date, and a provider who knows why."""
    what = f"Came and was not treated: {reason} Find the next possible date with the patient."
    tasks.add(_task(visit, NOT_TREATED, now, what, TODAY), now=now)


def is_last_of_phase(visit: Visit) -> bool:
    """No visit of the same phase and series lies ahead."""
    rows = select(Visit.id).where(
        Visit.organisation_id == visit.organisation_id,
        Visit.patient_id == visit.patient_id,
        Visit.phase == visit.phase,
        Visit.id != visit.id,
        Visit.state.in_(LIVE),
        Visit.starts_at > visit.starts_at,
    )
    if visit.series_id is not None:
        rows = rows.where(Visit.series_id == visit.series_id)
    return db.session.scalar(rows.limit(1)) is None


def _goes_on(visit: Visit) -> bool:
    """Its phase has no last visit; nobody is told that it is complete."""
    version = db.session.get_one(ProtocolVersion, visit.protocol_version_id)
    return goes_on(parsed(version.document).phase(visit.phase))


def answered(visit: Visit, say: str, said: Said) -> None:
    """ "1": well, nobody calls; "2": a nurse calls in the morning, whatever visit it was (R8)."""
    answer_rows.keep(visit.patient, "well", {"say": say}, said, visit=visit)
    tasks.drop_of_visits([visit.id], [NURSE_CALL], now=said.now)
    if say == WELL:
        return
    done = _Done(visit=visit, site=db.session.get_one(Site, visit.site_id), now=said.now)
    what = 'Answered "please call me" after the visit. Call in the morning.'
    tasks.add(_task(visit, NURSE_CALL, done.morning, what, URGENT), now=said.now)


def is_well(task: Task, _now: datetime) -> str | None:
    """For escalations.NEEDLESS, "well": the patient has answered 1."""
    said = select(Answer.facts).where(Answer.visit_id == task.visit_id, Answer.kind == "well")
    well = any(facts.get("say") == WELL for facts in db.session.scalars(said))
    return "The patient is well." if well else None


def is_planned(task: Task, now: datetime) -> str | None:
    """For escalations.NEEDLESS, "next_visit": the patient has a coming visit."""
    rows = select(Visit.id).where(
        Visit.patient_id == task.patient_id, Visit.state.in_(LIVE), Visit.starts_at > now
    )
    return "The next visit is booked." if db.session.scalar(rows.limit(1)) is not None else None


def was_done(row: Outbox, _now: datetime) -> str | None:
    """For outbox_truth: the visit counts as done."""
    done = row.visit is not None and row.visit.state == "discharged"
    return None if done else NOT_LEFT


def _how_are_you(done: _Done, rule: ReminderRule) -> None:
    """On the evening; silence after a first visit, or "2", is a nurse's call next morning. Who has
    no electronic way is called that evening."""
    visit, zone, now = done.visit, done.site.zone, done.now
    due_at = max(now, due_times.on_the_wall(rule.at["local"], visit.starts_on, zone))
    useless_at = instant(zone, visit.starts_on, EVENING_ENDS)
    if due_at >= useless_at:
        return
    if done.queue(rule, due_at, useless_at, ("sms", "voice", "email")) is None:
        call = "No message possible: call this evening and ask how they are."
        tasks.add(_task(visit, NURSE_CALL, due_at, call, TODAY), now=now)
    elif visit.number == 1:
        call = "First visit yesterday and no answer how they are: call."
        tasks.add(_later(visit, NURSE_CALL, done.morning, call, "well"), now=now)


def _next_step(done: _Done, rule: ReminderRule) -> None:
    visit, now = done.visit, done.now
    window = ladders.of_site(done.site).window
    due_at = due_times.after_event(now, done.site.zone, window)
    if done.queue(rule, due_at, due_at + 3 * DAY, ("email", "sms")) is None:
        what = "This phase is complete. Send the letter: choose a time to talk about the next step."
        tasks.add(_task(visit, tasks.LETTER, now, what, TODAY), now=now)
    hours = int((rule.escalate or {}).get("after_h", 72))
    what = "This phase is complete and nothing is planned: call about the next step."
    later = _later(visit, REVIEW, due_at + timedelta(hours=hours), what, "next_visit")
    tasks.add(later, now=now)


def _missed_before(visit: Visit) -> bool:
    if visit.series_id is None:
        return False
    rows = select(Visit.id).where(
        Visit.series_id == visit.series_id, Visit.state == "no_show", Visit.id != visit.id
    )
    return db.session.scalar(rows.limit(1)) is not None


def _task(visit: Visit, kind: str, due_at: datetime, what: str, priority: int) -> NewTask:
    return NewTask.of_visit(
        visit,
        kind,
        due_at=due_at,
        what=what,
        priority=priority,
    )


def _later(visit: Visit, kind: str, due_at: datetime, what: str, unless: str) -> NewTask:
    facts = {"unless": unless}
    return replace(_task(visit, kind, due_at, what, LATER), state="planned", facts=facts)
