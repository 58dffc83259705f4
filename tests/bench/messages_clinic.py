"""Many messages that are due at one moment: one booked series, copied for thousands of patients.

A busy evening: confirmations of new series (a digest and six invitations each) and the evening
reminders of tomorrow's visits.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, select, text, update

from config import Settings
from scheduler.extensions import db
from scheduler.models import Outbox, Patient, Series, Visit
from scheduler.services.booking import book
from scheduler.services.plan_key import Choice, write
from scheduler.transaction import transaction
from tests.clinic import AT_ONCE, NOW, Clinic, make_clinic, wall
from tests.ground import ground_floor, released, upgrade
from tests.post_office import DATES

DOMAINS = 400
OF_A_PAIR = 9
"""Of two patients one gets digest, six invitations and a reminder, the other the reminder alone."""
CHUNK = 2_000
Row = dict[str, Any]


def prepared(url: str, messages: int) -> datetime:
    """Fill the database at `url`; an instant at which all messages are due and useful."""
    upgrade(url)
    with released(ground_floor(Settings.for_tests(database_url=url))) as app, app.app_context():
        clinic = make_clinic(chairs=2, nurses=4, patients=1)
        _book_one(clinic)
        with transaction():
            db.session.execute(update(Outbox).values(state="skipped"))
            due_at = _copied(messages // OF_A_PAIR)
        with transaction():
            db.session.execute(text("ANALYZE"))  # PostgreSQL would within a minute
        return due_at


def _book_one(clinic: Clinic) -> None:
    plan = write([Choice(clinic.chair_ids[0], wall(on, 9)) for on in DATES])
    asked = clinic.booking(plan, 0, earliest_on=DATES[0])
    book(asked, clinic.anybody, now=NOW, policy=AT_ONCE)


def _copied(pairs: int) -> datetime:
    patient, series = _rows(Patient)[0], _rows(Series)[0]
    visits, told = _rows(Visit), _rows(Outbox)
    evening = next(row for row in told if row["kind"] == "r4")
    due_at: datetime = evening["due_at"]
    told = [row for row in told if row["kind"] in ("digest", "invite")] + [evening]
    people = range(2, 2 * pairs + 2)
    _insert(Patient, (_person(patient, one) for one in people))
    _insert(Series, ({**series, "id": one, "patient_id": one} for one in people))
    _insert(Visit, (_visit(row, one) for one in people for row in visits))
    rows = (
        _message(row, one, due_at) for one in people for row in (told if one % 2 else told[-1:])
    )
    _insert(Outbox, rows)
    return due_at + timedelta(seconds=1)


def _table(model: type[Any]) -> Table:
    found: Table = model.__table__
    return found


def _rows(model: type[Any]) -> list[Row]:
    table = _table(model)
    return [dict(row) for row in db.session.execute(select(table).order_by(table.c.id)).mappings()]


def _insert(model: type[Any], rows: Iterator[Row]) -> None:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            db.session.execute(insert(_table(model)), chunk)
            chunk = []
    if chunk:
        db.session.execute(insert(_table(model)), chunk)


def _address(person: int) -> str:
    return f"p{person}@mail{person % DOMAINS}.example"


def _person(row: Row, person: int) -> Row:
    return {**row, "id": person, "email": _address(person), "reply_token": f"{person:032x}"}


def _visit(row: Row, person: int) -> Row:
    mine = {"id": person * 10 + row["number"], "patient_id": person, "series_id": person}
    return {**row, **mine, "uid": _uid(row["uid"], person)}


def _uid(uid: str, person: int) -> str:
    return f"{person}-{uid}"


def _message(row: Row, person: int, due_at: datetime) -> Row:
    """`visits` have ids in the order of their numbers; those of the first patient start at 1."""
    mine: Row = {key: value for key, value in row.items() if key != "id"}
    mine |= {"patient_id": person, "recipient": _address(person), "state": "waiting"}
    mine |= {"due_at": due_at, "useless_at": due_at + timedelta(hours=12)}
    if row["series_id"] is not None:
        mine["series_id"] = person
    if row["visit_id"] is not None:
        mine["visit_id"] = person * 10 + row["visit_id"]
    if row["uid"] is not None:
        mine["uid"] = _uid(row["uid"], person)
    return mine
