"""What only SQLite needs: one way to write an instant, and settings that hold (trust fact 1)."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from flask import Flask

from scheduler.engine_sqlite import PRAGMAS
from scheduler.extensions import db
from tests.raw_claims import OWNERS, RawClaims


@pytest.fixture(scope="session")
def engine_name() -> str:
    return "sqlite"


@pytest.mark.parametrize("table", OWNERS)
@pytest.mark.parametrize("form", ["2027-01-13T10:00:00", "2027-01-13 10:00:00", "1799834400"])
def test_an_instant_in_another_form_is_refused_because_text_compares_as_text(
    database_url: str, table: str, form: str
) -> None:
    with closing(RawClaims(database_url)) as claims:
        with pytest.raises(sqlite3.IntegrityError, match=f"ex_{table}_format"):
            claims.take(table, 1, (form, "2027-01-13 11:00:00.000000"))
        with pytest.raises(sqlite3.IntegrityError, match=f"ex_{table}_format"):
            claims.take(table, 1, ("2027-01-13 11:00:00.000000", f"9{form}"))


def test_every_connection_has_the_settings_that_were_measured(ground: Flask) -> None:
    with ground.app_context(), db.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in PRAGMAS
        }
    assert found == {
        "busy_timeout": 15_000,
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
    }
