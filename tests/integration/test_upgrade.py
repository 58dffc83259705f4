"""A database with rows in it comes to a newer version: rows stay, and so does the overlap guard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import flask_migrate
import pytest
from sqlalchemy import create_engine, text

from config import Settings
from scheduler.engine_sqlite import WRITES
from tests.databases import Databases
from tests.ground import ground_floor, released, upgrade
from tests.raw_claims import OWNERS, REFUSED, RawClaims

BEFORE = """
INSERT INTO organisations (id, name, created_at)
  VALUES (1, 'Larkspur', '2026-01-05 15:00:00.000000');
INSERT INTO sites (id, organisation_id, name, public_name, zone_name, address, phone,
    sender_address, grid_minutes, start_step_minutes, horizon_days, version)
  VALUES (1, 1, 'Main Street', 'Larkspur', 'America/New_York', '', '', 'a@b.example', 5, 15, 84, 1);
INSERT INTO cover (id, organisation_id, site_id, weekday, starts, ends, nurses)
  VALUES (1, 1, 1, 0, '08:00:00.000000', '17:00:00.000000', 3)
"""
AFTER = """
SELECT cover.role, cover.nurses, preset, weights, patients_per_provider, max_sedating_per_nurse,
    latest_start, capacity_version
  FROM cover JOIN sites ON sites.id = cover.site_id
"""


@pytest.fixture
def first_version(databases: Databases) -> Iterator[str]:
    """A database as 0001 made it, with a site, its nurses and a claim of each kind."""
    url = databases.empty()
    with released(ground_floor(Settings.for_tests(database_url=url))) as app, app.app_context():
        flask_migrate.upgrade(revision="0001")
    engine = create_engine(url).execution_options(**WRITES)
    with engine.begin() as connection:
        for statement in BEFORE.split(";"):
            connection.execute(text(statement))
    engine.dispose()
    with closing(RawClaims(url)) as claims:
        for table in OWNERS:
            claims.take(table, 1, ("10:00", "11:00"))
    yield url
    databases.drop(url)


def test_rows_of_the_first_version_get_what_new_columns_mean_by_default(first_version: str) -> None:
    """Everybody on the weekly cover was a nurse; no limit is in force that nobody set."""
    upgrade(first_version)
    engine = create_engine(first_version)
    with engine.connect() as connection:
        (row,) = connection.execute(text(AFTER))
    engine.dispose()
    assert tuple(row) == ("nurse", 3, "fill_early", None, 4, None, None, 1)


@pytest.mark.parametrize("table", OWNERS)
def test_the_overlap_guard_outlives_an_upgrade(first_version: str, table: str) -> None:
    upgrade(first_version)
    with closing(RawClaims(first_version)) as claims:
        with pytest.raises(REFUSED, match=f"ex_{table}_overlap"):
            claims.take(table, 2, ("10:30", "11:30"))
        claims.take(table, 3, ("11:00", "12:00"))
        with pytest.raises(REFUSED, match=f"ex_{table}_overlap"):
            claims.move(table, 3, ("10:30", "11:30"))
