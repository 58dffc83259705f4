"""Databases for tests: empty copies of one migrated template, on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url


class Databases(Protocol):
    """Where a test gets a database of its own from."""

    def empty(self) -> str:
        """The URL of a new database without tables."""

    def copy(self, url: str) -> str:
        """The URL of a new database with all that `url` holds; nobody may be connected to that."""

    def drop(self, url: str) -> None:
        """Throw a database away."""


class SQLiteDatabases:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def _path(self) -> Path:
        return self._folder / f"{next(self._numbers)}.sqlite3"

    def empty(self) -> str:
        return f"sqlite:///{self._path()}"

    def copy(self, url: str) -> str:
        """Copies the log too: what was committed last may stand there only."""
        source, target = Path(str(make_url(url).database)), self._path()
        for ending in ("", "-wal"):
            if Path(f"{source}{ending}").exists():
                shutil.copyfile(f"{source}{ending}", f"{target}{ending}")
        return f"sqlite:///{target}"

    def drop(self, url: str) -> None:
        path = Path(str(make_url(url).database))
        for ending in ("", "-wal", "-shm", ".gate"):
            Path(f"{path}{ending}").unlink(missing_ok=True)


class PostgresDatabases:
    """Databases on a running server; `server_url` names one on which databases may be created."""

    def __init__(self, server_url: str) -> None:
        self._server = make_url(server_url).set(drivername="postgresql+psycopg")
        self._prefix = f"chairtime_test_{os.getpid()}"
        self._numbers = itertools.count(1)
        self._made: list[str] = []

    def _execute(self, statement: sql.Composed) -> None:
        plain = self._server.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(statement)

    def _create(self, template: str) -> str:
        name = f"{self._prefix}_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        self._made.append(name)
        return self._server.set(database=name).render_as_string(hide_password=False)

    def empty(self) -> str:
        return self._create("template0")

    def copy(self, url: str) -> str:
        return self._create(str(make_url(url).database))

    def drop(self, url: str) -> None:
        """Ends what is still connected: a leaked connection must not fail the next test."""
        name = str(make_url(url).database)
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._execute(statement.format(sql.Identifier(name)))
        self._made.remove(name)

    def drop_all(self) -> None:
        for name in tuple(self._made):
            self.drop(self._server.set(database=name).render_as_string(hide_password=False))
