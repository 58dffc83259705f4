"""The one door for writes: `with transaction():` (house decision 3, trust fact 1).

Everything else is a read, and the database itself holds it to that: a session that did not come
through this door is read-only on both engines. `guard_session()` is called once, by create_app().
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from scheduler.engine_sqlite import WRITES, write_gate
from scheduler.errors import SchedulerError
from scheduler.extensions import db

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 3


class WriteOutsideTransaction(SchedulerError):
    """Something was changed outside `with transaction():`."""


class NestedTransaction(SchedulerError):
    """A service called another service. Share the function below it, which opens no transaction."""


@contextmanager
def transaction() -> Iterator[None]:
    """Write in the block, commit once at its end; if anything in it raises, nothing was written.

    Forgets what the request has read (objects loaded before are read again when touched, one query
    each), so the block works on what is true now. Hash, plan and render before it; hand ids and
    values in, not objects.
    """
    session = db.session()
    if session.info.get("writing"):
        raise NestedTransaction
    refuse_pending()  # the rollback below would lose it without a word
    session.rollback()
    with write_gate(db.engine):
        session.info["writing"] = session.autoflush = True
        try:
            session.connection(execution_options=WRITES)
            yield
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writing"] = session.autoflush = False


def refuse_pending() -> None:
    """Raise if the session holds changes: they would be dropped in silence. Also at request end."""
    session = db.session()
    changed = (*session.new, *session.dirty, *session.deleted)
    if pending := [type(one).__name__ for one in changed]:
        raise WriteOutsideTransaction(", ".join(pending))


def retried(service: Callable[P, R]) -> Callable[P, R]:
    """Run a public service again that PostgreSQL ended as a deadlock (40P01) or a serialization
    failure (40001)."""

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(TRIES - 1):
            try:
                return service(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in {"40P01", "40001"}:
                    raise
        return service(*args, **kwargs)

    return run


def _refuse(session: Session, _context: Any, _instances: Any) -> None:
    if not session.info.get("writing"):
        refuse_pending()


def _read_only(session: Session, _transaction: Any, connection: Connection) -> None:
    if not session.info.get("writing"):
        sqlite = connection.dialect.name == "sqlite"
        mode = "PRAGMA query_only = ON" if sqlite else "SET TRANSACTION READ ONLY"
        connection.exec_driver_sql(mode)


def guard_session() -> None:
    """Hold sessions to it: a flush, a bulk statement or raw SQL outside `transaction()` fails.

    Calling it again changes nothing: each app of a test run does.
    """
    event.listen(db.session, "before_flush", _refuse)
    event.listen(db.session, "after_begin", _read_only)
