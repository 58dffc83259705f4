"""Claims written past all of our code, to see what the database itself refuses (trust I1)."""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg
from sqlalchemy import make_url

OWNERS = {"chair_claims": "chair_id", "patient_claims": "patient_id"}
REFUSED = (sqlite3.IntegrityError, psycopg.IntegrityError, psycopg.DataError)


class RawClaims:
    """Claims written by the database's bare driver, past all of our code.

    Foreign keys are off for it: only the promise about the claims is looked at. Spans are two
    clock times of one day, in UTC.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        self._connection: Any
        if self.sqlite:
            self._connection = sqlite3.connect(str(parsed.database), isolation_level=None)
        else:
            plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection = psycopg.connect(plain, autocommit=True)
            self._connection.execute("SET session_replication_role = replica")

    def stamp(self, clock: str) -> str:
        """A clock time as the database writes an instant; anything longer is taken as it is."""
        if len(clock) > len("10:00"):
            return clock
        return f"2027-01-13 {clock}:00.000000" + ("" if self.sqlite else "+00")

    def take(self, table: str, visit: int, span: tuple[str, str], **key: int) -> None:
        row = {"organisation_id": 1, OWNERS[table]: 1, **key, "visit_id": visit}
        names = (*row, "starts_at", "ends_at")
        self._run(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' for _ in names)})",
            (*row.values(), self.stamp(span[0]), self.stamp(span[1])),
        )

    def move(self, table: str, visit: int, span: tuple[str, str]) -> None:
        self._run(
            f"UPDATE {table} SET starts_at = ?, ends_at = ? WHERE visit_id = ?",
            (self.stamp(span[0]), self.stamp(span[1]), visit),
        )

    def _run(self, statement: str, values: tuple[object, ...]) -> None:
        self._connection.execute(statement if self.sqlite else statement.replace("?", "%s"), values)

    def close(self) -> None:
        self._connection.close()
