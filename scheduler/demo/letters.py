"""What patients of the demo were told: queued by the real outbox at the time, sent up to `now`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from scheduler.demo.names import BOUNCES
from scheduler.demo.stories import Event, Told
from scheduler.extensions import db
from scheduler.mail.parcel import Parcel, Transport
from scheduler.models import Outbox, Patient, Site, Task, Visit
from scheduler.services import after_visit, recalls, tasks, visit_rows
from scheduler.services.outgoing import outbox
from scheduler.services.outgoing.outbox_facts import facts_of
from scheduler.services.own import answer_rows, links
from scheduler.worker.writing import rendered

UNDO_SECONDS = 20
ON_THE_WAY = timedelta(seconds=4)
LATELY = timedelta(days=2)
HOURS, SILENT = timedelta(hours=5), 9
"""After so long the dates are answered, but for one patient in nine."""
NEWEST, CALENDAR = 8, "calendar"
"""So many of the last messages of a kind lie in the mailbox and on the phones."""
NO_MAILBOX = "The mail server does not know this address."
TOO_LATE = "It could not leave in time to be of use."
SOMEBODY, SOMEBODYS_PHONE = "Joan", "212-555-0190"
"""Drives those who have no usual driver."""
ANSWERED = "Reached; everything is understood."


@dataclass(frozen=True, kw_only=True)
class WaysOut:
    """Where the newest of what was told is handed to; links in it lead to `public_url`."""

    mail: Transport
    phone: Transport
    public_url: str


@dataclass
class PostOffice:
    """Plays the past of every course that is still ahead; called inside transactions."""

    site_id: int
    now: datetime
    by_name: str
    public_url: str
    parcels: dict[str, list[tuple[datetime, Parcel]]] = field(default_factory=dict)
    """By channel, invitations apart, with the time at which each left."""

    def hide(self, visits: Sequence[Visit]) -> None:
        """Not booked yet: courses that were booked before must not be told with these in view."""
        for visit in visits:
            visit.state = "proposed"

    def play(self, told: Told, visits: Sequence[Visit]) -> None:
        """Booking, then every change in its order, each telling the patient what was true then."""
        self._as_booked(told, visits)
        self._tell_booking(told, visits)
        for at, visit, event in _changes(told, visits):
            self._deliver(visit.patient_id, up_to=at)
            self._change(visit, event)
            self._tell_change(visit, at)
        self._deliver(visits[0].patient_id, up_to=self.now)
        for story, visit in zip(told.stories, visits, strict=True):
            visit.state = story.state
            if story.state == "confirmed":
                _answer(visit)
        self._dates_suit(told, visits)
        outbox.refresh(visits[0].patient_id, now=self.now)

    def _dates_suit(self, told: Told, visits: Sequence[Visit]) -> None:
        """Most patients answer within hours that they are coming; the others are called."""
        if visits[0].patient_id % SILENT == 0:
            return
        actor = answer_rows.patient_actor(visits[0].organisation_id)
        for story, visit in zip(told.stories, visits, strict=True):
            at = story.events[-1].at + HOURS
            if visit.state == "booked" and visit.starts_at > self.now > at:
                said = answer_rows.Said(actor=actor, via="page", now=at)
                answer_rows.coming(visit, "yes", said)

    def _site(self) -> Site:
        return db.session.get_one(Site, self.site_id)

    def _as_booked(self, told: Told, visits: Sequence[Visit]) -> None:
        for story, visit in zip(told.stories, visits, strict=True):
            first = story.events[0]
            visit_rows.put(visit, self._site(), first.chair_id, first.starts_at, first.bay_id)
            visit.state, visit.version, visit.sequence = "booked", 1, 0
        if visits[0].series is not None:
            visits[0].series.version = 1
        db.session.flush()

    def _tell_booking(self, told: Told, visits: Sequence[Visit]) -> None:
        at, series = told.booked_at, visits[0].series
        if series is None:
            outbox.queue_single(visits[0], now=at, undo_seconds=UNDO_SECONDS)
        else:
            outbox.queue_series(series, visits, now=at, undo_seconds=UNDO_SECONDS)

    def _change(self, visit: Visit, event: Event) -> None:
        visit_rows.put(visit, self._site(), event.chair_id, event.starts_at, event.bay_id)
        visit.state = event.state
        visit.version += 1
        visit.sequence += 1
        if visit.series is not None:
            visit.series.version += 1
        db.session.flush()

    def _tell_change(self, visit: Visit, at: datetime) -> None:
        if visit.state == "cancelled":
            outbox.queue_cancelled([visit], now=at, undo_seconds=UNDO_SECONDS)
        else:
            outbox.queue_visit_changed(visit, now=at, undo_seconds=UNDO_SECONDS)

    def _deliver(self, patient_id: int, *, up_to: datetime) -> None:
        """What the worker would have done by then."""
        due = select(Outbox).where(
            Outbox.patient_id == patient_id, Outbox.state == "waiting", Outbox.due_at < up_to
        )
        for row in db.session.scalars(due.order_by(Outbox.due_at, Outbox.id)):
            row.attempts = 1
            if row.recipient.endswith(BOUNCES):
                self._bounce(row)
            else:
                self._send(row)
        db.session.flush()

    def _send(self, row: Outbox) -> None:
        facts = facts_of(row, now=row.due_at)
        written = rendered(facts, self.public_url)
        body = written.body
        row.state, row.sent_at, row.may_have_left = "sent", row.due_at + ON_THE_WAY, True
        row.stamped_at, row.message_id = facts.stamped_at, facts.message_id
        row.body, row.body_sha256 = body, hashlib.sha256(body).hexdigest()
        if row.channel != "email":  # the phone folder names a message by its id
            row.provider_ref = facts.message_id.strip("<>").partition("@")[0]
        self._keep_links(row, written.tokens)
        parcel = Parcel(sender=facts.sender.address, recipient=row.recipient, data=body)
        pile = CALENDAR if row.method else row.channel
        self.parcels.setdefault(pile, []).append((row.due_at, parcel))

    def _keep_links(self, row: Outbox, tokens: dict[str, str]) -> None:
        last = select(func.max(Visit.leaves_at)).where(Visit.patient_id == row.patient_id)
        leaves_at = db.session.scalar(last)
        for purpose, token in tokens.items():
            ends_at = links.ends_at(purpose, now=self.now, last_leaves_at=leaves_at)
            target = links.of_message(row)
            links.keep(token, purpose, target, now=row.due_at, expires_at=ends_at)

    def _bounce(self, row: Outbox) -> None:
        row.state, row.why, row.last_error = "failed", NO_MAILBOX, "550 5.1.1 No such user here"
        new = tasks.NewTask(
            organisation_id=row.organisation_id,
            site_id=row.site_id,
            kind=tasks.FAILED_MESSAGE,
            due_at=row.due_at,
            what="E-mail does not reach this patient: call, tell the dates, check the address.",
            patient_id=row.patient_id,
            visit_id=row.visit_id,
            outbox_id=row.id,
        )
        tasks.add_once(new, now=row.due_at)

    def finish(self) -> None:
        """Settle what is left of the past."""
        self._after_the_last_visits()
        self._skip_one()
        self._work_off_tasks()

    def hand_out(self, ways: WaysOut) -> None:
        """The last messages that left, for the mailbox and the phones of the demo."""
        for pile, parcels in self.parcels.items():
            way = ways.mail if pile in (CALENDAR, "email") else ways.phone
            way.open()
            for _, parcel in sorted(parcels, key=lambda one: one[0])[-NEWEST:]:
                way.send(parcel)
            way.close()

    def count(self) -> int:
        return sum(map(len, self.parcels.values()))

    def _after_the_last_visits(self) -> None:
        """Who went home in these days hears the rest; whose next visit is open is on the list."""
        for visit in self._last_visits():
            if self.now - visit.leaves_at < LATELY:
                after_visit.discharged(visit, now=visit.leaves_at)
            else:
                ends = after_visit.is_last_of_phase(visit)
                recalls.open_after(visit, ends=ends, now=visit.leaves_at)
            self._deliver(visit.patient_id, up_to=self.now)

    def _last_visits(self) -> list[Visit]:
        """The newest visit of each patient, where it was kept."""
        rows = select(Visit).where(Visit.site_id == self.site_id, Visit.leaves_at <= self.now)
        newest = {row.patient_id: row for row in db.session.scalars(rows.order_by(Visit.starts_at))}
        return [visit for visit in newest.values() if visit.state == "discharged"]

    def _skip_one(self) -> None:
        """One same-day reminder came too late: the worker had been stopped that morning."""
        last = select(Outbox).where(Outbox.kind == "r5", Outbox.state == "sent")
        row = db.session.scalar(last.order_by(Outbox.due_at.desc()).limit(1))
        if row is not None:
            row.state, row.why, row.attempts = "skipped", TOO_LATE, 0
            row.sent_at = row.body = row.body_sha256 = row.stamped_at = row.message_id = None
            row.may_have_left = False

    def _work_off_tasks(self) -> None:
        """Calls and letters that were due before yesterday are done, but for one letter."""
        old = select(Task).where(Task.state == "open", Task.due_at < self.now - timedelta(days=1))
        found = db.session.scalars(old.order_by(Task.due_at, Task.id)).all()
        last_letter = max((task.id for task in found if task.kind == tasks.LETTER), default=None)
        for task in found:
            if task.kind != tasks.FAILED_MESSAGE and task.id != last_letter:
                task.state, task.outcome = "done", ANSWERED
                task.done_by_name, task.done_at = self.by_name, task.due_at + timedelta(minutes=25)


def _answer(visit: Visit) -> None:
    """Whoever has confirmed has said so, and named who drives (domain F)."""
    patient = db.session.get_one(Patient, visit.patient_id)
    visit.coming = "yes"
    visit.driver_name = patient.driver_name or SOMEBODY
    visit.driver_phone = patient.driver_phone or SOMEBODYS_PHONE
    visit.driver_ok = patient.driver_ok


def _changes(told: Told, visits: Sequence[Visit]) -> list[tuple[datetime, Visit, Event]]:
    """Every move and cancellation of the course, oldest first."""
    found = [
        (event.at, visit, event)
        for story, visit in zip(told.stories, visits, strict=True)
        for event in story.changes
    ]
    return sorted(found, key=lambda one: one[0])
