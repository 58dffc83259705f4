"""A clinic in which anything happens in any order, beside an unreliable mail server."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from flask import Flask
from sqlalchemy import select

from scheduler.errors import SchedulerError
from scheduler.extensions import db
from scheduler.mail.parcel import NotNow, Parcel, Receipt, ServerTrouble
from scheduler.models import Outbox, Patient, Visit
from scheduler.services import holding, patients
from scheduler.services.actor import Actor
from scheduler.services.booking import book
from scheduler.services.cancelling import CancelRequest, cancel
from scheduler.services.holding import HoldRequest
from scheduler.services.moving import MoveRequest, move
from scheduler.services.plan_key import Choice, write
from scheduler.worker.chores import MINUTE, Chore, Rounds
from scheduler.worker.jobs import Postman, tick
from tests.clinic import NEW_YORK, NOW, Clinic, make_clinic, new_token, wall
from tests.post_office import UNDO
from tests.recipient_calendar import Recipients

PATIENTS = 4
HOUR = timedelta(hours=1)


@dataclass
class Post:
    """Takes mails, and loses its patience now and then: before or after it took one."""

    dice: random.Random
    people: Recipients = field(default_factory=Recipients)
    sound: bool = False

    @property
    def timeout_seconds(self) -> float:
        return 5

    def open(self) -> None:
        if not self.sound and self.dice.random() < 0.01:
            raise ServerTrouble("421 busy")

    def send(self, parcel: Parcel) -> Receipt:
        luck = 1.0 if self.sound else self.dice.random()
        if luck < 0.08:
            raise NotNow("451 later")
        if luck < 0.16:
            raise NotNow("it dropped the line", uncertain=True)
        self.people.take(parcel.recipient, parcel.data)
        if luck < 0.24:
            raise NotNow("the answer was lost", uncertain=True)
        return Receipt(said="250 OK")

    def close(self) -> None:
        pass

    def probe(self) -> None:
        pass


@dataclass
class RandomClinic:
    """`now` is what every part takes for the time. Inside an application context."""

    clinic: Clinic
    dice: random.Random
    post: Post
    postman: Postman
    now: datetime = NOW
    done: Counter[str] = field(default_factory=Counter)

    @classmethod
    def open(cls, app: Flask, seed: int) -> RandomClinic:
        dice = random.Random(seed)
        post = Post(dice)
        sweep = Chore(name="lapsed holds", every=MINUTE, run=holding.sweep)
        postman = Postman(
            name="worker", context=app.app_context, transport=post, rounds=Rounds((sweep,))
        )
        clinic = make_clinic(chairs=3, nurses=6, patients=PATIENTS)
        running = cls(clinic=clinic, dice=dice, post=post, postman=postman)
        postman.clock = lambda: running.now
        return running

    @property
    def actor(self) -> Actor:
        return self.clinic.anybody

    def run(self, steps: int) -> None:
        names = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
        for _ in range(steps):
            name = self.dice.choice(names)
            try:
                self.done[name] += 1
                getattr(self, f"_{name}")()
            except SchedulerError as refused:
                self.done[f"{name}: {type(refused).__name__}"] += 1
                db.session.rollback()

    def settle(self) -> None:
        """The mail server is well again, and nobody touches anything for a while."""
        self.post.sound = True
        for _ in range(12):
            self._clock(15)
            self._tick()

    def planned(self, *states: str) -> list[Visit]:
        """Visits ahead in these states."""
        rows = select(Visit).where(Visit.state.in_(states), Visit.starts_at > self.now + HOUR)
        return list(db.session.scalars(rows.order_by(Visit.id)))

    def of_patient(self, patient_id: int) -> list[Visit]:
        rows = select(Visit).where(Visit.patient_id == patient_id).order_by(Visit.id)
        return list(db.session.scalars(rows.execution_options(populate_existing=True)))

    def patient_rows(self) -> list[Patient]:
        rows = select(Patient).order_by(Patient.id)
        return list(db.session.scalars(rows.execution_options(populate_existing=True)))

    def given_up(self) -> set[int]:
        """Visits of which a person was told instead: their message came too late to help."""
        rows = select(Outbox.visit_id).where(Outbox.state.in_(("failed", "skipped")))
        return {visit_id for visit_id in db.session.scalars(rows) if visit_id is not None}

    def _tick(self) -> None:
        tick(self.postman)
        db.session.rollback()

    def _clock(self, minutes: int | None = None) -> None:
        self.now += timedelta(minutes=minutes or self.dice.choice((1, 2, 4, 10, 60)))

    def _place(self) -> tuple[int, datetime]:
        day = self.now.astimezone(NEW_YORK).date() + timedelta(days=self.dice.randint(2, 40))
        at = time(self.dice.randint(8, 15), self.dice.choice((0, 15, 30, 45)))
        return self.dice.choice(self.clinic.chair_ids), wall(day, at.hour, at.minute)

    def _single(self, put: Callable[..., object]) -> None:
        patient, place = self.dice.randrange(PATIENTS), self._place()
        request = self.clinic.booking(
            write([Choice(*place)]),
            patient,
            protocol_version_id=self.clinic.versions["consult"],
            phase="consult",
            single=True,
            earliest_on=place[1].astimezone(NEW_YORK).date(),
        )
        put(request, self.actor, now=self.now, policy=UNDO)

    def _series(self, put: Callable[..., object]) -> None:
        """Six visits at one hour in one chair, Monday, Wednesday and Friday."""
        patient, chair_id = self.dice.randrange(PATIENTS), self.dice.choice(self.clinic.chair_ids)
        today = self.now.astimezone(NEW_YORK).date()
        monday = today + timedelta(days=7 * self.dice.randint(1, 5) - today.weekday())
        hour = self.dice.randint(8, 14)
        days = [monday + timedelta(days=on) for on in (0, 2, 4, 7, 9, 11)]
        chosen = [Choice(chair_id, wall(on, hour)) for on in days]
        request = self.clinic.booking(write(chosen), patient, earliest_on=days[0])
        put(request, self.actor, now=self.now, policy=UNDO)

    def _book(self) -> None:
        self._single(book)

    def _book_series(self) -> None:
        self._series(book)

    def _hold(self) -> None:
        self._single(holding.hold)

    def _hold_series(self) -> None:
        self._series(holding.hold)

    def _any(self, *states: str) -> Visit | None:
        found = self.planned(*states)
        return self.dice.choice(found) if found else None

    def _end_hold(self, end: Callable[..., object]) -> None:
        if (visit := self._any("held")) is not None:
            request = HoldRequest(visit_id=visit.id, version=visit.version, token=new_token())
            end(request, self.actor, now=self.now, policy=UNDO)

    def _book_hold(self) -> None:
        self._end_hold(holding.book_now)

    def _release_hold(self) -> None:
        self._end_hold(holding.release)

    def _move_to(self, visit_id: int, at: datetime) -> None:
        visit = db.session.get_one(Visit, visit_id, populate_existing=True)
        local = at.astimezone(NEW_YORK)
        request = MoveRequest(
            visit_id=visit_id,
            starts_on=local.date(),
            starts=local.time(),
            reason="as it happens",
            version=visit.version,
            override=True,
        )
        move([request], new_token(), self.actor, now=self.now, policy=UNDO)

    def _move(self) -> None:
        if (visit := self._any("booked", "confirmed")) is not None:
            self._move_to(visit.id, self._place()[1])

    def _drag_back(self) -> None:
        """Away and back; mostly within the undo window, with or without a tick between."""
        if (visit := self._any("booked", "confirmed")) is None:
            return
        visit_id, before = visit.id, visit.starts_at
        self._move_to(visit_id, self._place()[1])
        for step in (self._clock, self._tick):
            if self.dice.random() < 0.4:
                step()
        self._move_to(visit_id, before)

    def _end(self, *, only_unsent: bool = False) -> None:
        if (visit := self._any("booked", "confirmed")) is not None:
            request = CancelRequest(
                reason_code="patient",
                version=visit.version,
                token=new_token(),
                only_unsent=only_unsent,
            )
            cancel(visit.id, request, self.actor, now=self.now, policy=UNDO)

    def _cancel(self) -> None:
        self._end()

    def _undo(self) -> None:
        self._end(only_unsent=True)

    def _change_patient(self, **changes: str) -> None:
        patient = patients.find(self.dice.choice(self.clinic.patient_ids), self.actor)
        request = replace(patients.request_of(patient), **changes)  # type: ignore[arg-type]
        edit = patients.Edit(patient_id=patient.id, version=patient.version)
        saving = patients.Saving(
            token=new_token(), now=self.now, accepted=frozenset(self.clinic.patient_ids)
        )
        patients.change(edit, request, self.actor, saving)

    def _address(self) -> None:
        self._change_patient(email=f"pat{self.dice.randint(1, 7)}@mail.example")

    def _calendar(self) -> None:
        self._change_patient(calendar=self.dice.choice(("invites", "invites", "feed")))


WEIGHTS = {
    "tick": 16, "clock": 40, "book": 8, "book_series": 1, "hold": 4, "hold_series": 1,
    "book_hold": 4, "release_hold": 2, "move": 10, "drag_back": 3, "cancel": 6, "undo": 4,
    "address": 2, "calendar": 2,
}  # fmt: skip
"""How often each thing happens, in relation."""
