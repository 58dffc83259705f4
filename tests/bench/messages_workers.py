"""Workers of suite `messages`, each in a process of its own, with the clock of the bench."""

from __future__ import annotations

import gc
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from config import Settings
from scheduler.mail.smtp import SmtpTransport
from scheduler.mail.smtp_url import server_of
from scheduler.planning.pacing import Pace
from scheduler.services.outgoing import leases
from scheduler.worker import drain
from scheduler.worker.postman import Postman
from tests.ground import ground_floor, released

PER_MINUTE = 60_000
LONGEST_WAIT = 1.0


@dataclass(frozen=True)
class Shift:
    """What one worker did: `since` and `until` are seconds of the machine's clock, `busy` those of
    its processor; `sizes` the memory in use, in MB, after each pass."""

    since: float
    until: float
    busy: float
    sizes: list[float]


def deliver(url: str, address: str, now: datetime, workers: int) -> list[Shift]:
    """Until nothing is due."""
    shift = partial(work, url, address, now)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(shift, range(workers)))


def work(url: str, address: str, now: datetime, number: int) -> Shift:
    with released(ground_floor(Settings.for_tests(database_url=url))) as app, app.app_context():
        postman = Postman(
            name=f"worker {number}",
            context=app.app_context,
            transport=SmtpTransport(server_of(f"smtp://{address}")),
            pace=Pace(PER_MINUTE),
        )
        gc.collect()
        gc.freeze()  # as the worker does
        since, busy, sizes = time.monotonic(), time.process_time(), [_megabytes()]
        postman.clock = lambda: now + timedelta(seconds=time.monotonic() - since)
        while drain.once(postman):
            sizes.append(_megabytes())
        until, busy = time.monotonic(), time.process_time() - busy
        postman.transport.close()
    return Shift(since, until, busy, sizes)


def _megabytes() -> float:
    """In use now, not at its most: a child begins with its parent's peak."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def lease_all(url: str, now: datetime) -> tuple[float, float]:
    """Seconds, and seconds of the processor, for one worker to select, check again and lease
    everything that is due."""
    with released(ground_floor(Settings.for_tests(database_url=url))) as app, app.app_context():
        gc.collect()
        gc.freeze()  # as the worker does
        claim = leases.Claim(worker="one", lease=timedelta(minutes=10))
        began, busy = time.perf_counter(), time.process_time()
        while (batch := leases.claim(claim, now=now)).found:
            claim = replace(claim, after=batch.last)
        return time.perf_counter() - began, time.process_time() - busy
