"""All that a database itself promises, made comparable: columns, constraints, indexes, triggers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, inspect, text

Catalogue = dict[str, set[str]]

POSTGRES_PROMISES = """
SELECT conrelid::regclass::text, conname || ': ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
UNION ALL SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT tgrelid::regclass::text, pg_get_triggerdef(oid)
  FROM pg_trigger WHERE NOT tgisinternal
"""
SQLITE_PROMISES = """
SELECT tbl_name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL
"""


def catalogue(engine: Engine) -> Catalogue:
    """What each table promises; Alembic's own table is left out."""
    found = {
        table: _columns(engine, table)
        for table in inspect(engine).get_table_names()
        if table != "alembic_version"
    }
    on_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        rows = connection.execute(text(SQLITE_PROMISES if on_sqlite else POSTGRES_PROMISES))
        for table, promise in rows:
            if table in found:
                found[table].add(" ".join(promise.split()))
    if on_sqlite:
        for table, promises in found.items():
            promises |= _sqlite_constraints(engine, table)
    return found


def _columns(engine: Engine, table: str) -> set[str]:
    return {_column(dict(column)) for column in inspect(engine).get_columns(table)}


def _column(column: dict[str, Any]) -> str:
    """PostgreSQL shows CURRENT_TIMESTAMP as it was written, though it means now()."""
    default = str(column["default"]).replace("now()", "CURRENT_TIMESTAMP")
    return f"{column['name']} {column['type']!r} null={column['nullable']} default={default}"


def _sqlite_constraints(engine: Engine, table: str) -> set[str]:
    """SQLite keeps them in the text of CREATE TABLE, whose order of lines means nothing.

    The name of a foreign key is left out: it is not shown for a column that was added later.
    """
    inspector = inspect(engine)
    found = [
        inspector.get_pk_constraint(table),
        *({**key, "name": None} for key in inspector.get_foreign_keys(table)),
        *inspector.get_unique_constraints(table),
        *inspector.get_check_constraints(table),
    ]
    return {str(sorted(dict(one).items())) for one in found}
