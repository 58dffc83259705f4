"""A clinic, a clock that tests turn, and a worker that delivers to a real server on loopback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from scheduler.extensions import db
from scheduler.mail.smtp import SmtpTransport
from scheduler.mail.smtp_url import server_of
from scheduler.models import Outbox, Task, Visit
from scheduler.services.booking import book
from scheduler.services.cancelling import CancelRequest, cancel
from scheduler.services.moving import MoveRequest, move
from scheduler.services.plan_key import Choice, write
from scheduler.services.policy import Policy
from scheduler.transaction import transaction
from scheduler.worker.jobs import Postman, tick
from tests.clinic import NEW_YORK, NOW, Clinic, make_clinic, new_token, wall
from tests.mail_server import Mailbox, Post, mail_server

SECOND = timedelta(seconds=1)
UNDO = Policy(undo_seconds=180)
DATES = tuple(date(2027, 1, day) for day in (11, 13, 15, 18, 20, 22))
"""Monday, Wednesday, Friday, twice."""


def coming_dates(now: datetime) -> tuple[date, ...]:
    """Monday, Wednesday, Friday, twice, from the week after next as seen from `now`."""
    today = now.astimezone(NEW_YORK).date()
    monday = today + timedelta(days=14 - today.weekday())
    return tuple(monday + timedelta(days=days) for days in (0, 2, 4, 7, 9, 11))


@dataclass
class PostOffice:
    """`now` is what every part takes for the time. Use inside an application context."""

    app: Flask
    clinic: Clinic
    box: Mailbox
    postman: Postman
    now: datetime = NOW
    seen: int = field(default=0)

    def deliver(self, **later: float) -> list[Post]:
        """Let time pass, let the worker tick once; what came in."""
        self.now += timedelta(**later)
        tick(self.postman)
        db.session.rollback()  # what a test read before is old now
        new = self.box.posts[self.seen :]
        self.seen = len(self.box.posts)
        return new

    def at(self, on: date, hour: int, minute: int = 0) -> list[Post]:
        """Go to a New York wall time and deliver."""
        self.now = datetime.combine(on, time(hour, minute), tzinfo=NEW_YORK).astimezone(NOW.tzinfo)
        return self.deliver()

    def book_series(
        self, patient: int = 0, dates: Sequence[date] = DATES, at: time = time(9)
    ) -> list[Visit]:
        """Six visits on chosen dates, all at the same hour, patient n in chair n."""
        chair_id = self.clinic.chair_ids[patient]
        chosen = [Choice(chair_id, wall(on, at.hour, at.minute)) for on in dates]
        request = self.clinic.booking(write(chosen), patient, earliest_on=dates[0])
        booked = book(request, self.clinic.anybody, now=self.now, policy=UNDO)
        return self.visits(booked.visit_ids)

    def visits(self, ids: Sequence[int]) -> list[Visit]:
        rows = select(Visit).where(Visit.id.in_(ids)).order_by(Visit.number)
        return list(db.session.scalars(rows.execution_options(populate_existing=True)))

    def move(self, visit: Visit, on: date, at: time, role: str = "provider") -> None:
        (fresh,) = self.visits([visit.id])
        request = MoveRequest(
            visit_id=visit.id,
            starts_on=on,
            starts=at,
            version=fresh.version,
            reason="the patient asked",
            override=True,
        )
        actor = self.clinic.somebody(role)
        move([request], new_token(), actor, now=self.now, policy=UNDO)

    def cancel(self, visit: Visit) -> None:
        (fresh,) = self.visits([visit.id])
        request = CancelRequest(
            reason_code="patient", reason="", version=fresh.version, token=new_token()
        )
        cancel(visit.id, request, self.clinic.anybody, now=self.now, policy=UNDO)

    def rows(self, *kinds: str, state: str | None = None) -> list[Outbox]:
        """The outbox as it stands, oldest first."""
        db.session.rollback()
        rows = select(Outbox).order_by(Outbox.id).execution_options(populate_existing=True)
        if kinds:
            rows = rows.where(Outbox.kind.in_(kinds))
        if state is not None:
            rows = rows.where(Outbox.state == state)
        return list(db.session.scalars(rows))

    def tasks(self, kind: str | None = None, state: str = "open") -> list[Task]:
        db.session.rollback()
        rows = select(Task).where(Task.state == state).order_by(Task.due_at, Task.id)
        if kind is not None:
            rows = rows.where(Task.kind == kind)
        return list(db.session.scalars(rows.execution_options(populate_existing=True)))

    def change_patient(self, **values: Any) -> None:
        """As the patient's page would, without its messages."""
        from scheduler.models import Patient

        with transaction():
            patient = db.session.get_one(Patient, self.clinic.patient_ids[0])
            for name, value in values.items():
                setattr(patient, name, value)


@contextmanager
def post_office(app: Flask, *, email: bool = True, patients: int = 2) -> Iterator[PostOffice]:
    """Everything running, nothing booked."""
    box = Mailbox()
    with app.app_context(), mail_server(box) as address:
        clinic = make_clinic(chairs=2, nurses=4, email=email, patients=patients)
        transport = SmtpTransport(server_of(f"smtp://{address}"), timeout_seconds=5)
        postman = Postman(name="worker", context=app.app_context, transport=transport)
        office = PostOffice(app=app, clinic=clinic, box=box, postman=postman)
        postman.clock = lambda: office.now
        yield office
