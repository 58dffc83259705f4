"""Runs the migrations for Flask-Migrate, in one transaction each."""

from __future__ import annotations

from alembic import context
from flask import current_app

from scheduler.engine_sqlite import WRITES

migrate = current_app.extensions["migrate"]


def run() -> None:
    """Online only: the guards of the claims differ by database."""
    engine = migrate.db.engine
    with engine.connect().execution_options(**WRITES) as connection:
        context.configure(
            connection=connection,
            target_metadata=migrate.db.metadata,
            transaction_per_migration=True,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
