"""APScheduler as nothing but a clock: one tick, never two at once, none lost (trust fact 5)."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
from datetime import timedelta
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler

from scheduler.clock import utcnow
from scheduler.mail.parcel import Transport
from scheduler.worker.jobs import Context, Postman, tick

TICK_SECONDS = 1.0
SETTINGS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


class Ticker:
    """Runs the jobs in a thread of its own until `stop`."""

    def __init__(
        self, context: Context, transport: Transport, every_seconds: float = TICK_SECONDS
    ) -> None:
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self.postman = Postman(name=worker_name(), context=context, transport=transport)
        self._every_seconds = every_seconds
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=SETTINGS)

    def start(self) -> None:
        self._scheduler.add_job(
            tick,
            "interval",
            args=[self.postman],
            seconds=self._every_seconds,
            id="tick",
            next_run_time=utcnow() + timedelta(milliseconds=1),
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Waits for the message that is on its way, and begins no other."""
        self.postman.stopping.set()
        self._scheduler.shutdown(wait=True)


def start_in_thread(
    context: Context, transport: Transport, every_seconds: float = TICK_SECONDS
) -> Ticker:
    """For the demo, where web and worker share a process."""
    ticker = Ticker(context, transport, every_seconds)
    ticker.start()
    return ticker


def run_forever(
    context: Context, transport: Transport, every_seconds: float = TICK_SECONDS
) -> None:
    """For `scheduler worker`: returns after SIGTERM or SIGINT, with nothing half-sent."""
    told = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    ticker = start_in_thread(context, transport, every_seconds)
    told.wait()
    ticker.stop()


def worker_name() -> str:
    """Unique for this process's life: a process id alone comes back after a restart."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
