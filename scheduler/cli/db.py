"""`db upgrade`, and the question whether a database is at this version."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from scheduler import create_app
from scheduler.cli.words import CommandFailed, say
from scheduler.extensions import db
from scheduler.places import MIGRATIONS

if TYPE_CHECKING:
    from flask import Flask


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scheduler db", description="Look after the database.")
    parser.add_argument("what", choices=["upgrade"], help="bring it to this version")
    parser.parse_args(arguments)
    app = create_app()
    with using(app):
        before = version(db.engine)
        upgrade(app)
        now = version(db.engine)
    change = "" if before == now else f" It was at {before or 'no version'}."
    say(f"The database is at {now}.{change}")
    return 0


@contextmanager
def using(app: Flask) -> Iterator[None]:
    """The database for a command that ends; every connection is closed after it."""
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def upgrade(app: Flask) -> None:
    """To the newest migration; each one is a transaction."""
    with app.app_context():
        flask_migrate.upgrade(directory=str(MIGRATIONS))


def newest() -> str | None:
    """The version that this code needs."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def version(engine: Engine) -> str | None:
    """The version that the database has; None for one without our tables."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def refuse_old_database(app: Flask) -> None:
    """Raises CommandFailed unless the database is at this version."""
    with using(app):
        found, needed = version(db.engine), newest()
    if found != needed:
        raise CommandFailed(
            f"The database is at {found or 'no version'}, this program needs {needed}. "
            "Run: python3 -m scheduler db upgrade"
        )
