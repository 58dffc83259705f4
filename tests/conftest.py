"""What every test may ask for: a migrated database of its own, on either engine, and the app."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings

from config import Settings
from scheduler import create_app
from tests.databases import Databases, PostgresDatabases, SQLiteDatabases
from tests.ground import ground_floor, migrated, released
from tests.health_scan import Scan, watch
from tests.machine import lacking
from tests.temp_postgres import TempPostgres, find_binaries

ENGINES = ("sqlite", "postgresql")

# No deadline: a slow machine is not a fault. CI draws the same examples on every run.
COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.register_profile("default", COMMON, max_examples=50)
settings.register_profile("ci", COMMON, max_examples=50, derandomize=True, database=None)
settings.register_profile("long", COMMON, max_examples=2000)
USUAL_PROFILE = "ci" if os.environ.get("CI") else "default"
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", USUAL_PROFILE))


@pytest.fixture(scope="session")
def watched() -> Iterator[Scan]:
    yield from watch()


@pytest.fixture(autouse=True)
def health_scan(watched: Scan) -> Iterator[Scan]:
    """No test may let health data out, whatever it is about (trust I17)."""
    yield watched
    assert watched.take() == []


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A server on which databases may be made: DATABASE_URL_TEST, else one of our own."""
    if given := os.environ.get("DATABASE_URL_TEST"):
        yield given
        return
    binaries = find_binaries()
    if binaries is None:
        lacking("PostgreSQL", "apt-get install postgresql, or set DATABASE_URL_TEST")
    server = TempPostgres(binaries)
    yield server.url()
    server.stop()


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: str) -> Iterator[PostgresDatabases]:
    databases = PostgresDatabases(postgres_server)
    yield databases
    databases.drop_all()


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SQLiteDatabases:
    return SQLiteDatabases(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Both engines in turn; a folder or module whose tests need one only overrides this.

    What depends on it lives for one test: pytest would keep it across such an override.
    """
    return str(request.param)


@pytest.fixture
def databases(request: pytest.FixtureRequest, engine_name: str) -> Databases:
    found: Databases = request.getfixturevalue(
        "sqlite_databases" if engine_name == "sqlite" else "postgres_databases"
    )
    return found


@pytest.fixture(scope="session")
def migrated_urls() -> dict[str, str]:
    """One migrated template for each engine, kept however often the engines take turns."""
    return {}


@pytest.fixture
def migrated_url(engine_name: str, databases: Databases, migrated_urls: dict[str, str]) -> str:
    """A database that `upgrade head` made and nobody filled; take copies of it."""
    return migrated(engine_name, databases, migrated_urls)


@pytest.fixture
def database_url(databases: Databases, migrated_url: str) -> Iterator[str]:
    """A migrated, empty database that no other test sees."""
    url = databases.copy(migrated_url)
    yield url
    databases.drop(url)


@pytest.fixture
def postgres_url(
    postgres_databases: PostgresDatabases, migrated_urls: dict[str, str]
) -> Iterator[str]:
    """A migrated, empty PostgreSQL database, for what only concerns PostgreSQL."""
    url = postgres_databases.copy(migrated("postgresql", postgres_databases, migrated_urls))
    yield url
    postgres_databases.drop(url)


@pytest.fixture
def app_settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of `app`; a module overrides this fixture to change one."""
    return Settings.for_tests(database_url=database_url, data_dir=tmp_path)


@pytest.fixture
def ground(app_settings: Settings) -> Iterator[Flask]:
    """Database and session rules without the web: all that services, models and jobs may need."""
    with released(ground_floor(app_settings)) as app:
        yield app


@pytest.fixture
def app(app_settings: Settings) -> Iterator[Flask]:
    """The whole product on a database of its own; no application context is open."""
    with released(create_app(app_settings)) as whole:
        yield whole
