"""A patient's phone: a browser without script that follows one link of a message."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from scheduler.clock import utcnow
from scheduler.extensions import db
from scheduler.models import Answer, Outbox, Patient, Task, Visit
from scheduler.services.outgoing import outbox_rows, reach
from scheduler.services.own import links
from scheduler.transaction import transaction
from tests.clinic import Clinic
from tests.page_forms import PageForm, forms_on, text_of

DRIVER = {"driver_name": "Ben Lindholm", "driver_phone": "555-0123", "driver_ok": "1"}


def minted(
    purpose: str, visit_id: int, *, kind: str = "r3", expires_at: datetime | None = None
) -> str:
    """The token of a message of this kind about the visit. Inside an application context."""
    token = links.new_token()
    with transaction():
        visit = db.session.get_one(Visit, visit_id)
        row = outbox_rows.add(_message(visit, purpose, kind))
        ends = expires_at or links.ends_at(purpose, now=utcnow(), last_leaves_at=visit.leaves_at)
        links.keep(token, purpose, links.of_message(row), now=utcnow(), expires_at=ends)
    return token


def _message(visit: Visit, purpose: str, kind: str) -> Outbox:
    """As if it had left a minute ago."""
    to_driver = purpose == links.DRIVER
    return Outbox(
        organisation_id=visit.organisation_id,
        site_id=visit.site_id,
        patient_id=visit.patient_id,
        visit_id=visit.id,
        kind=kind,
        channel="sms" if to_driver else "email",
        recipient=reach.number(DRIVER["driver_phone"]) if to_driver else visit.patient.email,
        version=visit.version,
        due_at=utcnow(),
        sent_at=utcnow(),
        state="sent",
        created_at=utcnow(),
    )


class Phone:
    """`page` is the last page's HTML; addresses are https, and no Referer is ever sent.

    Each request has a context of its own, also where a test holds one open.
    """

    def __init__(self, app: Flask, token: str, room: str = "p") -> None:
        self.app, self.client = app, app.test_client()
        self.at = f"/{room}/{token}"
        self.page = ""
        self.status = 0

    def get(self, rest: str = "") -> TestResponse:
        return self._ask("GET", self.at + rest)

    def prove(self, patient: Patient) -> None:
        """Opens the link with the birth date of its patient."""
        self.get()
        born = patient.birth_on
        self.send("open", month=str(born.month), day=str(born.day), year=str(born.year))

    def send(self, form: str, button: str = "", **changes: str | list[str]) -> TestResponse:
        """Fill in, press, and follow to the next page."""
        forms = forms_on(self.page).values()
        found: PageForm = next(
            one for one in forms if one.action.partition("?")[0].endswith(f"/{form}")
        )
        data: dict[str, Any] = found.filled(**changes)
        if button:
            pressed = found.button(button)
            data[pressed.name] = pressed.value
        answer = self._ask("POST", found.action, data)
        return self._ask("GET", answer.location) if answer.status_code == 303 else answer

    def click(self, data: dict[str, str]) -> TestResponse:
        """A POST of somebody who has loaded no page: a mail program."""
        return self._ask("POST", self.at, data)

    @property
    def text(self) -> str:
        return text_of(self.page)

    def _ask(self, method: str, url: str, data: dict[str, Any] | None = None) -> TestResponse:
        with self.app.app_context():
            answer = self.client.open(url, method=method, data=data, base_url="https://localhost")
        self.page, self.status = answer.text, answer.status_code
        return answer


def patient(clinic: Clinic, number: int = 0) -> Patient:
    db.session.rollback()  # what requests wrote is read anew
    return db.session.get_one(Patient, clinic.patient_ids[number])


def visit(visit_id: int) -> Visit:
    db.session.rollback()
    return db.session.get_one(Visit, visit_id)


def open_tasks(kind: str) -> list[Task]:
    db.session.rollback()
    return list(db.session.scalars(select(Task).where(Task.kind == kind, Task.state == "open")))


def answers(kind: str) -> list[Answer]:
    db.session.rollback()
    return list(db.session.scalars(select(Answer).where(Answer.kind == kind)))
