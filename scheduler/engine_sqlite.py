"""SQLite as a multi-process database: WAL, full sync, foreign keys, writers that queue in turn.

Transactions begin DEFERRED. One opened with the execution options `WRITES` begins IMMEDIATE: it
reads nothing before it, so it never fails half-way with SQLITE_BUSY_SNAPSHOT; readers never wait
for a writer (WAL). The mode travels with the connection, not in a thread-local or ContextVar, so no
thread, pool or generator can mix it up (trust fact 1).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from scheduler.errors import SchedulerError

try:
    import fcntl
except ImportError:  # Windows: the process lock alone serves
    fcntl = None  # type: ignore[assignment]

WRITES = {"begin": "IMMEDIATE"}
PATIENCE_SECONDS = 15
PRAGMAS = {
    "busy_timeout": PATIENCE_SECONDS * 1000,
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
}
_turn = threading.Lock()


class WriteGateBusy(SchedulerError):
    """Somebody has been writing for too long. Nothing was changed; try again."""


@event.listens_for(Engine, "connect")
def _set_pragmas(dbapi: Any, _record: Any) -> None:
    if not isinstance(dbapi, sqlite3.Connection):
        return
    dbapi.isolation_level = None  # the driver no longer emits BEGIN; _begin below does
    for name, value in PRAGMAS.items():
        dbapi.execute(f"PRAGMA {name} = {value}")
    found = {name: dbapi.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}
    if found != PRAGMAS:  # a network file system without WAL, for one
        raise RuntimeError(f"SQLite refuses our settings: {found}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # a pooled connection may come from a reader
        connection.exec_driver_sql("PRAGMA query_only = OFF")
        mode = connection.get_execution_options().get("begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def write_gate(engine: Engine) -> Iterator[None]:
    """Wait for our turn to write: an flock on `<database>.gate` is fair, SQLite alone is not.

    PostgreSQL locks rows and needs no gate. Raises WriteGateBusy, so that a stuck neighbour gives
    an honest page instead of a full thread pool. Not re-entrant.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    if not _turn.acquire(timeout=PATIENCE_SECONDS):
        raise WriteGateBusy
    try:
        with open(f"{engine.url.database}.gate", "a") as gate:  # closing it releases the flock
            if fcntl:
                fcntl.flock(gate, fcntl.LOCK_EX)
            yield
    finally:
        _turn.release()
