"""The page of a site's reminders: plain words, a live example, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from scheduler.extensions import db
from scheduler.models import Site
from scheduler.planning.ladder import RungChange, SiteLadder
from scheduler.services.outgoing import site_ladders
from tests.desk import Desk, add_staff
from tests.post_office import PostOffice, post_office


@pytest.fixture
def office(app: Flask) -> Iterator[PostOffice]:
    with post_office(app) as running:
        yield running


@pytest.fixture
def manager(office: PostOffice) -> Desk:
    desk = Desk(office.app, add_staff(office.clinic.organisation_id, "manager"))
    desk.get(address(office))
    return desk


def address(office: PostOffice) -> str:
    return f"/setup/sites/{office.clinic.site_id}/reminders"


def ladder(office: PostOffice) -> dict[str, object]:
    db.session.rollback()
    return db.session.get_one(Site, office.clinic.site_id, populate_existing=True).ladder


def press(desk: Desk, button: str, **changes: str | list[str]) -> int:
    named = {name.replace("__", "."): value for name, value in changes.items()}
    return desk.press(desk.form("editor"), button, **named).status_code


def test_what_is_as_shipped_is_not_written_down(office: PostOffice, manager: Desk) -> None:
    assert "First visit on Wed" in manager.text
    assert press(manager, "Save") == 200
    assert "Nothing had changed." in manager.text
    assert ladder(office) == {}


def test_only_what_differs_is_kept_and_shown_again(office: PostOffice, manager: Desk) -> None:
    changes: dict[str, str | list[str]] = {
        "window.opens": "9 am",
        "reminders.R3.time": "12:30 pm",
        "reminders.R2.on": [],
        "reminders.R9.on": "1",
        "reminders.R4.call.time": "3:00 pm",
    }
    manager.press(manager.form("editor"), "Save", **changes)
    assert "Saved." in manager.text
    assert ladder(office) == {
        "window": {"from": "09:00", "until": "20:00"},
        "rungs": {
            "R2": {"on": False},
            "R3": {"at": {"local": "D-3 12:30"}},
            "R4": {"escalate": {
                "local": "D-1 15:00", "if": "not_confirmed", "to": "desk", "priority": "high",
            }},
            "R9": {"on": True},
        },
    }  # fmt: skip
    form = manager.form("editor")
    assert (form.value("window.opens"), form.value("reminders.R3.time")) == ("9:00 am", "12:30 pm")
    assert press(manager, "Save") == 200
    assert "Nothing had changed." in manager.text


def test_the_example_follows_what_is_typed_and_saves_nothing(
    office: PostOffice, manager: Desk
) -> None:
    assert press(manager, "Show the example", **{"reminders.R3.time": "11:45 am"}) == 200
    assert ", 11:45 am" in manager.text
    assert manager.form("editor").value("reminders.R3.time") == "11:45 am"
    assert ladder(office) == {}


def test_every_wrong_field_is_named_and_nothing_typed_is_lost(
    office: PostOffice, manager: Desk
) -> None:
    wrong = {
        "window.opens": "7:00 am",
        "window.closes": "late",
        "most_per_week": "many",
        "reminders.R3.days": "soon",
        "reminders.R11.list": "now",
        "reminders.R2.pause": "long",
        "reminders.R13.call.hours": "2.5",
    }
    assert press(manager, "Save", **wrong) == 422
    assert "7 things need you." in manager.text
    form = manager.form("editor")
    assert {name: form.value(name) for name in wrong} == wrong
    assert ladder(office) == {}


def test_a_reminder_of_ones_own_is_added_checked_and_removed(
    office: PostOffice, manager: Desk
) -> None:
    assert press(manager, "Add a reminder of your own") == 200
    named = "reminders.site-1.text"
    assert press(manager, "Save", **{named: "Your ketamine drip is near."}) == 422
    assert "This word must not leave: ketamine." in manager.text
    assert press(manager, "Save", **{named: "Bring your list."}) == 200
    assert ladder(office)["own"] == [{
        "id": "site-1", "at": {"local": "D-2 10:00"}, "channels": ["email", "sms"],
        "action": "none", "text": "Bring your list.",
    }]  # fmt: skip
    assert press(manager, "Remove") == 200
    press(manager, "Save")
    assert ladder(office) == {}


def test_two_managers_see_what_the_other_saved(office: PostOffice, manager: Desk) -> None:
    theirs = SiteLadder(changes={"R3": RungChange(at={"local": "D-3 09:15"})})
    actor, site_id = office.clinic.anybody, office.clinic.site_id
    site_ladders.change(site_id, theirs, actor, version=1, now=office.now)
    assert press(manager, "Save", **{"reminders.R4.else.time": "5:00 pm"}) == 409
    assert "Reminder R3: time 9:15 am 10:00 am" in manager.text
    assert manager.form("editor").value("reminders.R4.else.time") == "5:00 pm"
