"""Setup, Texts: a clinic's own words are tried, saved as versions, restored; telling ones not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

from scheduler.extensions import db
from scheduler.models import Site
from scheduler.planning.ladder import SiteLadder
from scheduler.planning.rung import ReminderRule
from scheduler.services.outgoing import texts
from scheduler.transaction import transaction
from tests import factories as make
from tests.desk import Desk, add_staff

NOW = datetime(2027, 1, 11, 15, tzinfo=UTC)
PAGE = "/setup/sites/1/texts/en/r4"


@pytest.fixture(autouse=True)
def monday_at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
def desk(app: Flask) -> Desk:
    with app.app_context():
        with transaction():
            site = make.make_clinic()
            organisation_id = site.organisation_id
        email = add_staff(organisation_id, "manager")
    return Desk(app, email)


def said(app: Flask, key: str, language: str = "en") -> str:
    with app.app_context():
        return texts.wording(db.session.get_one(Site, 1), language).text(key)


def field(desk: Desk, part: str) -> str:
    """The name of the field with this label."""
    order = ("subject", "body", "sms", "voice", "also")
    return f"text_{order.index(part)}"


def test_a_text_is_saved_holds_from_then_on_and_can_be_taken_back(app: Flask, desk: Desk) -> None:
    shipped = said(app, "r4.subject")
    desk.get(PAGE)
    for subject in ("Tomorrow: {day}", "See you on {day}"):
        desk.press(desk.form("texts"), "Save", **{field(desk, "subject"): subject})
        assert said(app, "r4.subject") == subject
    assert "Dana Front" in desk.text
    assert said(app, "r4.subject", "es") == "Cita el {day}"
    older = next(one for one in desk.page.split('name="row" value="')[1:])
    desk.post(f"{PAGE}/restore", {"row": older.partition('"')[0]})
    assert said(app, "r4.subject") == "Tomorrow: {day}"
    desk.get(PAGE)
    desk.post(f"{PAGE}/restore", {"shipped": "r4.subject"})
    assert said(app, "r4.subject") == shipped
    assert "ct-pill-accent" not in desk.get("/setup/sites/1/texts").text


def test_a_text_that_must_not_be_is_refused_at_its_field_and_kept(app: Flask, desk: Desk) -> None:
    desk.get(PAGE)
    typed = {
        field(desk, "subject"): "For {first_name}",
        field(desk, "body"): "Your infusion\r\n\r\nis {tomorow}",
        field(desk, "sms"): "Fine, {day}. Call {phone}",
    }
    desk.press(desk.form("texts"), "Save", **typed)
    assert "2 fields need you." in desk.text
    assert "{first_name} is not known here. Known are: {clinic}, {day}, {date}." in desk.text
    assert "{tomorow} is not known here" in desk.text
    for words in ("For {first_name}", "Your infusion\n\nis {tomorow}", "Fine, {day}."):
        assert words in desk.page
    assert said(app, "r4.subject") == "Appointment on {day}"


def test_the_preview_reads_as_a_patient_would_and_counts_the_short_message(desk: Desk) -> None:
    desk.get(PAGE)
    fields = desk.form("texts").filled(**{field(desk, "sms"): "{first_name}, {day}! " * 12})
    shown = desk.post(f"{PAGE}/preview", fields).text
    assert "Appointment on Wed 20 Jan" in shown
    assert "No food from 5:00 am." in shown
    assert "sent and paid as 2 text messages" in shown
    assert "/p/0123456789abcdefABCDEF" in shown
    wrong = desk.form("texts").filled(**{field(desk, "body"): "{nobody}"})
    assert "{nobody} is not known here" in desk.post(f"{PAGE}/preview", wrong).text
    spanish = desk.get("/setup/sites/1/texts/es/todo")
    assert "No coma nada a partir de las 5:00 a. m." in spanish.text


def test_two_who_change_the_same_text_see_both_versions(app: Flask, desk: Desk) -> None:
    desk.get(PAGE)
    mine = desk.form("texts")
    desk.press(desk.form("texts"), "Save", **{field(desk, "subject"): "Theirs, {day}"})
    answer = desk.press(mine, "Save", **{field(desk, "subject"): "Mine, {day}"})
    assert answer.status_code == 409
    assert "Theirs, {day}" in desk.text
    assert said(app, "r4.subject") == "Theirs, {day}"
    desk.press(desk.form("texts"), "Save")
    assert said(app, "r4.subject") == "Mine, {day}"


def test_a_clinics_own_discreet_word_counts_from_then_on(app: Flask, desk: Desk) -> None:
    desk.get("/setup/sites/1/texts")
    desk.press(desk.form("words"), "Save words", words="Serenity House\n\nserenity house\nLotus")
    desk.get(PAGE)
    desk.press(desk.form("texts"), "Save", **{field(desk, "subject"): "Lotus on {day}"})
    assert '"lotus" must not leave in the clear' in desk.text
    desk.get("/setup/sites/1/edit")
    desk.press(desk.form("sites"), "Save", address="9 Lotus Street")
    assert "Leave out lotus." in desk.text
    desk.get("/setup/sites/1/texts")
    desk.press(desk.form("words"), "Save words", words="appointment")
    assert "nothing could be sent" in desk.text


def test_a_reminder_of_the_clinics_own_has_texts_of_its_own(app: Flask, desk: Desk) -> None:
    with app.app_context(), transaction():
        site = db.session.get_one(Site, 1)
        rung = ReminderRule(id="W1", at={"local": "D-2 10:00"}, channels=("email",), text="Hi")
        site.ladder = SiteLadder(own=(rung,)).to_plain()
    assert "Reminder W1" in desk.get("/setup/sites/1/texts").text
    desk.get("/setup/sites/1/texts/en/own-W1")
    desk.press(desk.form("texts"), "Save", **{field(desk, "subject"): "Parking on {day}"})
    assert said(app, "own-W1.subject") == "Parking on {day}"
    assert said(app, "own-W1.body") == said(app, "own.body")


def test_a_text_that_is_not_there_is_not_found(desk: Desk) -> None:
    for where in ("fr/r4", "en/nothing", "en/clock", "en/own-W9", "en/r6x"):
        assert desk.get(f"/setup/sites/1/texts/{where}").status_code == 404, where
