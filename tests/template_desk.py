"""Series templates at the desk: a clinic with the Mood series, and somebody who edits it."""

from __future__ import annotations

from datetime import time

from flask import Flask
from werkzeug.test import TestResponse

from scheduler.extensions import db
from scheduler.models import ProtocolVersion
from scheduler.services import protocols
from scheduler.transaction import transaction
from tests.desk import Desk, add_staff
from tests.factories import LONG_AGO, make_actor, make_clinic, make_hours


def make_mood_clinic(app: Flask) -> int:
    """The id of a clinic that opens Monday to Friday 8 to 5 and Saturday 9 to 1; its template 1 is
    the Mood series, a draft."""
    with app.app_context():
        with transaction():
            site = make_clinic()
            make_hours(site, time(9), time(13), (5,))
            organisation_id = site.organisation_id
        manager = make_actor(organisation_id, "manager")
        protocols.create_from_library("ket-mood-3x2", manager, now=LONG_AGO)
        return organisation_id


def sign_in(app: Flask, organisation_id: int, role: str) -> Desk:
    with app.test_request_context():
        email = add_staff(organisation_id, role, f"The {role}")
    return Desk(app, email)


def numbers(app: Flask, protocol_id: int = 1) -> list[int]:
    with app.app_context():
        rows = db.session.query(ProtocolVersion).filter_by(protocol_id=protocol_id)
        return sorted(row.number for row in rows)


def newest(app: Flask, protocol_id: int = 1) -> ProtocolVersion:
    with app.app_context():
        rows = db.session.query(ProtocolVersion).filter_by(protocol_id=protocol_id)
        return max(rows, key=lambda row: row.number)


def press(desk: Desk, button: str, **changes: str | list[str]) -> TestResponse:
    """Fill in fields of the editor (a__b stands for a.b) and press a button of it."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    return desk.press(desk.form("editor"), button, **named)


def do(desk: Desk, command: str) -> TestResponse:
    """A button of the editor by its command; what it answers is the next page."""
    form = desk.form("editor")
    return desk.press(form, next(one for one in form.buttons if one.value == command))
