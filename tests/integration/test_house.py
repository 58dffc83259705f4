"""The ground that everything stands on: schema, overlap guard, the one door for writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask
from sqlalchemy import (
    Executable,
    Index,
    UniqueConstraint,
    create_engine,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from scheduler.clock import utcnow
from scheduler.extensions import db
from scheduler.models import Organisation
from scheduler.transaction import (
    NestedTransaction,
    WriteOutsideTransaction,
    refuse_pending,
    transaction,
)
from tests.catalogue import Catalogue, catalogue
from tests.databases import Databases
from tests.ground import ground_floor, released
from tests.raw_claims import OWNERS, REFUSED, RawClaims

OVERLAPS = {
    "the same span": ("10:00", "11:00"),
    "inside it": ("10:15", "10:45"),
    "around it": ("09:00", "12:00"),
    "over its start": ("09:30", "10:30"),
    "over its end": ("10:30", "11:30"),
}
NEIGHBOURS = {
    "ending where it starts": ("09:00", "10:00"),
    "starting where it ends": ("11:00", "12:00"),
    "hours away": ("15:00", "16:00"),
}


@pytest.fixture
def claims(database_url: str) -> Iterator[RawClaims]:
    with closing(RawClaims(database_url)) as raw:
        yield raw


@pytest.mark.parametrize("table", OWNERS)
@pytest.mark.parametrize("case", OVERLAPS)
def test_raw_sql_cannot_double_book(claims: RawClaims, table: str, case: str) -> None:
    claims.take(table, 1, ("10:00", "11:00"))
    with pytest.raises(REFUSED, match=f"ex_{table}_overlap"):
        claims.take(table, 2, OVERLAPS[case])


@pytest.mark.parametrize("table", OWNERS)
@pytest.mark.parametrize("case", NEIGHBOURS)
def test_spans_that_only_touch_are_both_booked(claims: RawClaims, table: str, case: str) -> None:
    claims.take(table, 1, ("10:00", "11:00"))
    claims.take(table, 2, NEIGHBOURS[case])


@pytest.mark.parametrize("table", OWNERS)
def test_another_chair_patient_or_clinic_has_a_day_of_its_own(
    claims: RawClaims, table: str
) -> None:
    claims.take(table, 1, ("10:00", "11:00"))
    claims.take(table, 2, ("10:00", "11:00"), **{OWNERS[table]: 2})
    claims.take(table, 3, ("10:00", "11:00"), organisation_id=2)


@pytest.mark.parametrize("table", OWNERS)
def test_raw_sql_cannot_move_one_claim_onto_another(claims: RawClaims, table: str) -> None:
    claims.take(table, 1, ("10:00", "11:00"))
    claims.take(table, 2, ("12:00", "13:00"))
    with pytest.raises(REFUSED, match=f"ex_{table}_overlap"):
        claims.move(table, 2, ("10:30", "11:30"))
    claims.move(table, 2, ("12:30", "13:30"))  # its own old place is no obstacle


@pytest.mark.parametrize("table", OWNERS)
def test_a_claim_ends_after_it_starts(claims: RawClaims, table: str) -> None:
    for span in (("10:00", "10:00"), ("11:00", "10:00")):
        with pytest.raises(REFUSED):
            claims.take(table, 1, span)


def test_migrations_and_models_promise_the_same(databases: Databases, migrated_url: str) -> None:
    url = databases.empty()
    with released(ground_floor(Settings.for_tests(database_url=url))) as app, app.app_context():
        db.create_all()
        of_models = catalogue(db.engine)
    engine = create_engine(migrated_url)
    of_migrations = catalogue(engine)
    engine.dispose()
    databases.drop(url)
    assert of_migrations.keys() == of_models.keys()
    for table in of_models:
        assert of_migrations[table] == of_models[table]
    assert "ex_chair_claims_overlap" in _all_promises(of_migrations)


def _all_promises(found: Catalogue) -> str:
    return "\n".join(promise for promises in found.values() for promise in promises)


OF_NO_CLINIC = {
    "organisations", "role", "roles_users", "user", "web_authn", "heartbeats",
    "mailboxes", "inbound",  # a mail is read before anybody knows whose it is
}  # fmt: skip


def test_every_table_with_a_clinics_data_carries_its_key_first() -> None:
    """House decision 4: first in the unique constraints, so that it can be distributed by it."""
    tables = [table for table in db.metadata.tables.values() if table.name not in OF_NO_CLINIC]
    assert tables
    for table in tables:
        assert not table.columns["organisation_id"].nullable, table.name
        unique: list[UniqueConstraint | Index] = [
            *(one for one in table.constraints if isinstance(one, UniqueConstraint)),
            *(one for one in table.indexes if one.unique),
        ]
        for one in unique:
            assert next(iter(one.columns)).name == "organisation_id", one.name


def clinic(name: str = "Harbor") -> Organisation:
    return Organisation(name=name, created_at=utcnow())


def names_on_disk() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Organisation.name)))


def test_what_a_transaction_wrote_is_there_and_stays(ground: Flask) -> None:
    with ground.app_context():
        with transaction():
            db.session.add(clinic())
        assert names_on_disk() == ["Harbor"]


def _write_and_fail() -> None:
    with transaction():
        db.session.add(clinic())
        db.session.flush()
        raise KeyError


def test_a_transaction_that_raises_has_written_nothing(ground: Flask) -> None:
    with ground.app_context():
        with pytest.raises(KeyError):
            _write_and_fail()
        assert names_on_disk() == []


def test_an_object_added_outside_a_transaction_is_refused_at_flush(ground: Flask) -> None:
    with ground.app_context():
        db.session.add(clinic())
        with pytest.raises(WriteOutsideTransaction):
            db.session.commit()
        assert names_on_disk() == []


def test_a_transaction_does_not_begin_over_pending_changes(ground: Flask) -> None:
    with ground.app_context():
        db.session.add(clinic())
        with pytest.raises(WriteOutsideTransaction), transaction():
            pass
        with pytest.raises(WriteOutsideTransaction):
            refuse_pending()


@pytest.mark.parametrize("way", ["bulk insert", "bulk update", "raw sql"])
def test_the_database_itself_refuses_statements_outside_a_transaction(
    ground: Flask, way: str
) -> None:
    statements: dict[str, Executable] = {
        "bulk insert": insert(Organisation).values(name="Harbor", created_at=utcnow()),
        "bulk update": update(Organisation).values(name="Elsewhere"),
        "raw sql": text("DELETE FROM organisations"),
    }
    with ground.app_context():
        with transaction():
            db.session.add(clinic("Kept"))
        with pytest.raises(SQLAlchemyError, match=r"(?i)read.?only"):
            db.session.execute(statements[way])
        assert names_on_disk() == ["Kept"]


def _write_and_open_another() -> None:
    with transaction():
        db.session.add(clinic())
        with transaction():
            pass


def test_one_use_case_cannot_open_a_transaction_inside_another(ground: Flask) -> None:
    with ground.app_context():
        with pytest.raises(NestedTransaction):
            _write_and_open_another()
        assert names_on_disk() == []


def test_a_transaction_works_on_what_is_true_now_not_on_what_was_read(ground: Flask) -> None:
    with ground.app_context():
        with transaction():
            db.session.add(clinic("Before"))
        read_early = db.session.scalars(select(Organisation)).one()
        _rename_elsewhere(ground, "After")
        with transaction():
            assert read_early.name == "After"


def _rename_elsewhere(ground: Flask, name: str) -> None:
    with ground.app_context(), transaction():
        db.session.execute(update(Organisation).values(name=name))
