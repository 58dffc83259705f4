"""Suite `messages`, kill -9: the worker dies at random moments, again and again (trust fact 4).

While no worker lives, some visits are cancelled behind the outbox's back: nothing may leave for
them any more.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from random import Random

from sqlalchemy import Engine, TextClause, bindparam, create_engine, text

from tests.bench.figures import Figure
from tests.bench.mail_sink import Sink, sink
from tests.bench.messages_workers import work

RAN_OUT = text("UPDATE outbox SET claimed_by = NULL, claimed_until = NULL")
"""As if the minute of the leases had passed; half an hour later no reminder would leave."""
PATIENCE_SECONDS = 120.0
UNTOUCHED = """
SELECT id, visit_id FROM outbox WHERE state = 'waiting' AND body IS NULL AND kind = 'invite'"""
CANCEL = text("UPDATE visits SET state = 'cancelled', version = version + 1 WHERE id IN :ids")
STALE = text("SELECT count(*) FROM outbox WHERE id IN :ids AND body IS NOT NULL")
TOLD = "SELECT message_id FROM outbox WHERE state = 'sent'"
UNTOLD = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'failed')"


@dataclass
class Soak:
    """`stale`: rows whose visit was cancelled before any of their bytes were written."""

    url: str
    now: datetime
    server: Sink
    draw: Random
    stale: list[int]
    killed: int = 0

    def until_killed(self) -> None:
        """A worker, dead after it handed over a few messages; not at a message's end only."""
        before = self.server.taken()[0]
        process = get_context("spawn").Process(target=work, args=self._shift())
        process.start()
        self._wait_for(before + self.draw.randint(1, 25), process.is_alive)
        process.join(self.draw.random() * 0.02)
        if process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
            self.killed += 1
        process.join(PATIENCE_SECONDS)
        self.now += timedelta(seconds=5)

    def to_the_end(self) -> None:
        process = get_context("spawn").Process(target=work, args=self._shift())
        process.start()
        process.join(10 * PATIENCE_SECONDS)

    def cancel_one(self, engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(RAN_OUT)
            waiting = connection.execute(text(UNTOUCHED)).all()
            if not waiting:
                return
            row_id, visit_id = self.draw.choice(waiting)
            connection.execute(_many(CANCEL), {"ids": [visit_id]})
            self.stale.append(row_id)

    def _shift(self) -> tuple[str, str, datetime, int]:
        return self.url, self.server.address, self.now, self.killed

    def _wait_for(self, messages: int, alive: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while self.server.taken()[0] < messages and alive():
            if time.monotonic() > until:
                raise TimeoutError("the worker hands nothing over")
            time.sleep(0.003)


def soak(name: str, url: str, now: datetime, kills: int) -> list[Figure]:
    """Everything that is due in the database at `url` leaves, with that many deaths on the way."""
    engine = create_engine(url)
    with sink() as server:
        run = Soak(url, now + timedelta(minutes=1), server, Random(kills), [])
        for _ in range(kills):
            run.until_killed()
            run.cancel_one(engine)
        run.to_the_end()
        messages, copies = server.taken()
    with engine.connect() as connection:
        told = set(connection.scalars(text(TOLD)))
        lost = int(connection.scalar(text(UNTOLD)) or 0) + len(told - set(copies))
        stale = connection.scalar(_many(STALE), {"ids": run.stale}) or 0
    engine.dispose()
    different = sum(len(set(each)) > 1 for each in copies.values())
    what = f"{name}, {run.killed} kills, {len(copies)} messages"
    return [
        Figure(name=f"{what}: lost", value=lost, unit="", goal=0, strict=True),
        Figure(name=f"{what}: stale", value=stale, unit="", goal=0, strict=True),
        Figure(
            name=f"{what}: repeats that differ",
            value=different,
            unit="",
            goal=0,
            strict=True,
            conditions=f"{messages - len(copies)} repeats; {len(run.stale)} visits cancelled",
        ),
    ]


def _many(statement: TextClause) -> TextClause:
    return statement.bindparams(bindparam("ids", expanding=True))
