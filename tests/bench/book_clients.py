"""Clients of suite `book`: one process, several threads, each books and moves until its work is
done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from flask import Flask
from sqlalchemy import select

from config import Settings
from scheduler.errors import SchedulerError
from scheduler.extensions import db
from scheduler.models import Visit
from scheduler.planning.opening import local
from scheduler.services.booking import book
from scheduler.services.moving import MoveRequest, move
from tests.clinic import AT_ONCE, NEW_YORK, NOW, Clinic, new_token
from tests.ground import ground_floor, released

SWAP_EVERY = 4
"""One act in so many is a swap of two visits of the client's own series."""


@dataclass
class Tally:
    """Milliseconds of each act, and how they ended. `failed` are errors that are no answers."""

    times: list[float] = field(default_factory=list)
    booked: int = 0
    refused: int = 0
    swapped: int = 0
    failed: list[str] = field(default_factory=list)
    since: float = float("inf")
    until: float = 0.0

    def add(self, other: Tally) -> None:
        """`since` and `until` are seconds of the machine's own clock: first start, last end."""
        self.since, self.until = min(self.since, other.since), max(self.until, other.until)
        self.times += other.times
        self.booked += other.booked
        self.refused += other.refused
        self.swapped += other.swapped
        self.failed += other.failed


Work = list[tuple[int, str]]
"""(patient by place, plan key) in order."""


def run_clients(url: str, clinic: Clinic, works: list[Work]) -> Tally:
    """One thread for each list of work; called in a process of its own."""
    whole, lock = Tally(), threading.Lock()
    with released(ground_floor(Settings.for_tests(database_url=url))) as app:

        def client(work: Work) -> None:
            found = _Client(app, clinic).run(work)
            with lock:
                whole.add(found)

        threads = [threading.Thread(target=client, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return whole


class _Client:
    def __init__(self, app: Flask, clinic: Clinic) -> None:
        self.app, self.clinic, self.tally = app, clinic, Tally()

    def run(self, work: Work) -> Tally:
        for number, (patient, key) in enumerate(work, 1):
            visits = self._act(partial(self._book, patient, key))
            if visits and number % SWAP_EVERY == 0:
                self._act(partial(self._swap, visits))
        return self.tally

    def _act(self, act: Callable[[], tuple[int, ...]]) -> tuple[int, ...]:
        began = perf_counter()
        self.tally.since = min(self.tally.since, time.monotonic())
        with self.app.app_context():
            try:
                done = act()
            except SchedulerError:
                self.tally.refused += 1
                done = ()
            except Exception as error:  # counted and shown: none may happen
                self.tally.failed.append(repr(error)[:200])
                done = ()
        self.tally.until = time.monotonic()
        self.tally.times.append((perf_counter() - began) * 1000)
        return done

    def _book(self, patient: int, key: str) -> tuple[int, ...]:
        asked = self.clinic.booking(key, patient)
        booked = book(asked, self.clinic.anybody, now=NOW, policy=AT_ONCE)
        self.tally.booked += 1
        return booked.visit_ids

    def _swap(self, visit_ids: tuple[int, ...]) -> tuple[int, ...]:
        """The second and the third visit trade days, each at its own hour."""
        rows = db.session.scalars(select(Visit).where(Visit.id.in_(visit_ids[1:3])))
        first, second = sorted(rows, key=lambda visit: visit.number)
        pairs = ((first, second), (second, first))
        asked = [
            MoveRequest(
                visit_id=visit.id,
                starts_on=other.starts_on,
                starts=local(NEW_YORK, visit.starts_at).time(),
                reason="They trade places",
                version=visit.version,
                override=True,
            )
            for visit, other in pairs
        ]
        move(asked, new_token(), self.clinic.anybody, now=NOW, policy=AT_ONCE)
        self.tally.swapped += 1
        return ()
