"""What comes in by phone: signed or refused, once, and every word with its effect (domain G)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from scheduler.extensions import db
from scheduler.models import Answer, Consent, Inbound, Outbox, Patient, Site, Visit
from scheduler.phone import signing
from scheduler.phone.folder import PhoneFolder, kept
from scheduler.phone.provider import phone_folder
from scheduler.services.outgoing import outbox
from scheduler.services.own import answer_rows
from scheduler.transaction import transaction
from tests.clinic import make_clinic
from tests.desk import Desk, add_staff
from tests.post_office import PostOffice, post_office

SECRET = "shared-with-the-provider-0123456789"
NUMBER = "5550101"
FRIDAY = date(2027, 1, 8)
"""Three days before the first visit, Monday 11 January."""


@dataclass
class Phone:
    """The patient's phone, at the provider's side of the hook."""

    office: PostOffice
    folder: Path
    count: int = 0

    def hook(
        self, plain: object, headers: dict[str, str] | None = None, *, now: datetime | None = None
    ) -> TestResponse:
        body = plain if isinstance(plain, bytes) else json.dumps(plain).encode()
        now = now or self.office.now
        signed = {**signing.headers(SECRET, body, now=now), **(headers or {})}
        with time_machine.travel(self.office.now, tick=False):
            answer = self.office.app.test_client().post("/hooks/phone", data=body, headers=signed)
        db.session.rollback()
        return answer

    def write(self, text: str, number: str = NUMBER) -> str:
        self.count += 1
        message = {"type": "message", "id": f"in-{self.count}", "from": number, "text": text}
        return str(self.hook(message).json)

    def shown(self) -> list[str]:
        """What left for this phone, after the worker's next round."""
        self.office.deliver(seconds=1)
        return [one.text for one in kept(self.folder)]


@pytest.fixture
def phone(app: Flask, tmp_path: Path) -> Iterator[Phone]:
    """A patient who is reached by text message, and a visit that was asked about."""
    folder = phone_folder(tmp_path)
    changes = {"phone_secret": SECRET, "data_dir": tmp_path}
    app.config["CHAIRTIME"] = replace(app.config["CHAIRTIME"], **changes)
    with post_office(app, patients=2) as office:
        office.postman.phone = PhoneFolder(folder)
        office.change_patient(channel="sms", sms_ok=True)
        with transaction():
            db.session.get_one(Site, office.clinic.site_id).sms_on = True
        office.book_series()
        office.deliver(minutes=4)
        office.at(FRIDAY, 10)
        yield Phone(office, folder)


def visit(phone: Phone) -> Visit:
    db.session.rollback()
    return db.session.scalars(select(Visit).order_by(Visit.number)).first() or Visit()


def inbound() -> list[tuple[str, str]]:
    rows = db.session.scalars(select(Inbound).order_by(Inbound.id))
    return [(row.verdict, row.reason) for row in rows]


def name_driver(phone: Phone) -> None:
    with transaction():
        row = db.session.get_one(Visit, visit(phone).id)
        row.driver_name, row.driver_phone = "Ben", "555-0150"


def test_ok_confirms_the_visit_that_was_asked_about_and_is_thanked(phone: Phone) -> None:
    name_driver(phone)
    assert "Reply OK" in phone.shown()[-1]
    phone.write("Sí, gracias!")
    assert (visit(phone).state, visit(phone).coming) == ("confirmed", "yes")
    assert "See you Mon 11 Jan" in phone.shown()[-1]
    assert inbound() == [("applied", "Confirmed.")]


def test_without_a_driver_ok_is_kept_and_the_driver_is_asked_for(phone: Phone) -> None:
    phone.write("OK")
    assert (visit(phone).state, visit(phone).coming) == ("booked", "yes")
    assert "Who drives you home?" in phone.shown()[-1]


@pytest.mark.parametrize(("word", "coming"), [("2", ""), ("No.", "no")])
def test_a_problem_is_an_urgent_task_now(phone: Phone, word: str, coming: str) -> None:
    phone.write(word)
    (task,) = phone.office.tasks("problem")
    assert (task.priority, task.visit_id) == (1, visit(phone).id)
    assert (visit(phone).state, visit(phone).coming) == ("booked", coming)


def test_anything_else_is_for_a_person_with_its_words(phone: Phone) -> None:
    phone.write("Can I come <b>later</b>?\u202e")
    (task,) = phone.office.tasks("text")
    assert task.what == '"Can I come <b>later</b>?"'
    assert inbound() == [("person", "It is no answer that we know.")]
    assert visit(phone).coming == ""


def test_a_number_of_several_patients_confirms_nobody(phone: Phone) -> None:
    with transaction():
        db.session.get_one(Patient, phone.office.clinic.patient_ids[1]).phone = "(555) 0101"
    phone.write("OK")
    assert visit(phone).coming == ""
    assert inbound() == [("person", "Several patients have this number.")]


def test_how_are_you_is_answered_by_a_digit(phone: Phone) -> None:
    """R8: 1 is well, 2 is a nurse's call."""
    (asked,) = phone.office.rows("r3", state="sent")
    with transaction():
        db.session.get_one(Outbox, asked.id).kind = "r8"
        db.session.get_one(Visit, asked.visit_id or 0).state = "discharged"
    phone.write("1")
    phone.write("2")
    answers = [one.facts for one in db.session.scalars(select(Answer).order_by(Answer.id))]
    assert answers == [{"say": "1"}, {"say": "2"}]
    assert [verdict for verdict, _ in inbound()] == ["applied", "applied"]
    calls = [*phone.office.tasks("nurse_call"), *phone.office.tasks("nurse_call", state="planned")]
    assert len(calls) == 1


def test_stop_ends_text_messages_at_once_and_answers_once(phone: Phone) -> None:
    before = len(phone.shown())
    phone.write("STOP")
    phone.write("stop")
    patient = visit(phone).patient
    assert (patient.sms_ok, patient.email_ok) == (False, True)
    waiting = [row for row in phone.office.rows(state="waiting") if row.channel == "sms"]
    assert [row.kind for row in waiting] == ["answer"]
    assert [row.channel for row in phone.office.rows("r4", state="waiting")] == ["email"] * 6
    shown = phone.shown()
    assert len(shown) == before + 1
    assert "no more text messages" in shown[-1]
    history = [(one.channel, one.given, one.how) for one in db.session.scalars(select(Consent))]
    assert history == [("sms", False, "sms")]
    phone.write("START")
    assert visit(phone).patient.sms_ok
    assert "again" in phone.shown()[-1]


def test_the_same_message_twice_has_one_effect(phone: Phone) -> None:
    message = {"type": "message", "id": "in-9", "from": NUMBER, "text": "PROBLEM"}
    assert phone.hook(message).json == {"result": "person"}
    assert phone.hook({**message}, now=phone.office.now + timedelta(minutes=1)).json == {
        "result": "known"
    }
    assert len(phone.office.tasks("problem")) == 1


def test_a_report_is_kept_and_an_undelivered_message_is_a_call(phone: Phone) -> None:
    (sent,) = phone.office.rows("r3", state="sent")
    report = {"type": "status", "id": sent.provider_ref, "status": "undelivered"}
    assert phone.hook(report).status_code == 200
    (sent,) = phone.office.rows("r3", state="sent")
    assert sent.delivery == "undelivered"
    assert visit(phone).patient.phone_bad_at is not None
    (call,) = phone.office.tasks("failed_message")
    assert call.outbox_id == sent.id
    assert phone.hook({**report, "status": "delivered"}).status_code == 200
    assert phone.hook({**report, "id": "unheard-of"}).status_code == 404


BAD: tuple[tuple[Any, dict[str, str], int], ...] = (
    ({"type": "message"}, {}, 422),
    ({"type": "who"}, {}, 422),
    ([], {}, 422),
    (b"\xff\xfe{", {}, 422),
    ({"type": "message", "id": "", "from": NUMBER, "text": "OK"}, {}, 422),
    ({"type": "message", "id": "x", "from": NUMBER, "text": "OK" * 9000}, {}, 413),
    ({"type": "message"}, {signing.SIGNATURE: "v1=00"}, 401),
    ({"type": "message"}, {signing.SIGNATURE: "\u00e9"}, 401),
    ({"type": "message"}, {signing.STAMP: "1e9"}, 401),
)


def test_what_is_not_signed_too_old_or_cannot_be_read_has_no_effect(phone: Phone) -> None:
    for body, headers, status in BAD:
        assert phone.hook(body, headers).status_code == status
    message = {"type": "message", "id": "in-1", "from": NUMBER, "text": "OK"}
    assert phone.hook(message, now=phone.office.now - timedelta(minutes=6)).status_code == 401
    assert inbound() == []


def test_a_driver_says_that_they_will_be_there(phone: Phone) -> None:
    with transaction():
        row = db.session.get_one(Visit, visit(phone).id)
        actor = answer_rows.patient_actor(row.organisation_id)
        said = answer_rows.Said(actor=actor, via="desk", now=phone.office.now)
        named = answer_rows.Driver(name="Ben", phone="555-0150", may_text=True)
        answer_rows.driver(row, named, said)
        outbox.refresh(row.patient_id, now=phone.office.now)
    phone.office.at(date(2027, 1, 10), 18)
    assert phone.office.rows("r6", state="sent")[0].recipient == "5550150"
    phone.write("OK", "5550150")
    assert visit(phone).driver_says == "yes"
    phone.write("NO", "5550150")
    assert visit(phone).driver_says == "no"
    assert phone.office.tasks("driver_away")
    phone.write("STOP", "5550150")
    assert not visit(phone).driver_ok


def test_the_demos_phones_write_back_through_the_same_door(phone: Phone) -> None:
    name_driver(phone)
    (asked,) = phone.office.rows("r3", state="sent")
    with time_machine.travel(phone.office.now, tick=False):
        desk = Desk(phone.office.app, add_staff(phone.office.clinic.organisation_id, "desk"))
        desk.get("/phone")
        assert "5550101" in desk.text
        assert "Reply OK" in desk.text
        desk.post(f"/phone/{asked.provider_ref}/reply", {"text": "OK"})
        desk.post(f"/phone/{asked.provider_ref}/report", {"status": "delivered"})
        desk.get("/phone")
        assert "It was understood and applied." in desk.text
    assert visit(phone).state == "confirmed"
    assert phone.office.rows("r3", state="sent")[0].delivery == "delivered"


def test_another_organisation_sees_none_of_the_demos_phones(phone: Phone) -> None:
    (asked,) = phone.office.rows("r3", state="sent")
    with time_machine.travel(phone.office.now, tick=False):
        stranger = Desk(phone.office.app, add_staff(make_clinic().organisation_id, "desk"))
        stranger.get("/phone")
        assert "No text message has left yet" in stranger.text
        gone = stranger.post(f"/phone/{asked.provider_ref}/reply", {"text": "NO"})
        assert gone.status_code == 404
