"""APScheduler as nothing but a clock: one tick, never two at once, none lost (trust fact 5)."""

from __future__ import annotations

import gc
import logging
import os
import secrets
import signal
import socket
import threading
from datetime import timedelta
from pathlib import Path
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler

from config import Settings
from scheduler.clock import utcnow
from scheduler.mail.transport import transport_from
from scheduler.phone import provider
from scheduler.planning.pacing import Pace
from scheduler.worker.jobs import tick
from scheduler.worker.postman import Context, Postman
from scheduler.worker.replies import Replies, poll, replies_from
from scheduler.worker.seat import Seat

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
SETTINGS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


class Ticker:
    """Runs the jobs in threads of their own until `stop`."""

    def __init__(self, postman: Postman, seat: Seat, replies: Replies | None = None) -> None:
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self.postman, self._seat, self._replies = postman, seat, replies
        self._waits = False
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=SETTINGS)

    def start(self, every_seconds: float = TICK_SECONDS) -> None:
        self._every("tick", self._tick, every_seconds)
        if self._replies is not None:
            self._every("replies", self._poll, self._replies.every_seconds)
        self._scheduler.start()

    def stop(self) -> None:
        """Waits for the message that is on its way, and begins no other."""
        self.postman.stopping.set()
        if self._replies is not None:
            self._replies.stopping.set()
        self._scheduler.shutdown(wait=True)
        self._seat.leave()

    def _every(self, name: str, job: object, seconds: float) -> None:
        soon = utcnow() + timedelta(milliseconds=1)
        self._scheduler.add_job(job, "interval", seconds=seconds, id=name, next_run_time=soon)

    def _tick(self) -> None:
        if self._is_our_turn():
            tick(self.postman)

    def _poll(self) -> None:
        if self._replies is not None and self._is_our_turn():
            poll(self._replies)

    def _is_our_turn(self) -> bool:
        ours = self._seat.is_ours()
        if not ours and not self._waits:
            log.warning("another worker serves this database; this one waits for its end")
        self._waits = not ours
        return ours


def ticker_from(settings: Settings, context: Context) -> Ticker:
    """Everything that these settings ask for, not yet started. Raises ValueError in plain words."""
    postman = Postman(
        name=worker_name(),
        context=context,
        transport=transport_from(settings.smtp_url, settings.data_dir),
        phone=provider.transport_from(
            settings.phone_url, settings.phone_secret, _phone_folder(settings)
        ),
        public_url=settings.public_url,
        pace=Pace(settings.mail_per_minute),
    )
    return Ticker(postman, Seat(settings.database_url), replies_from(settings, context))


def _phone_folder(settings: Settings) -> Path | None:
    """The demo keeps texts and calls for its Phone page; elsewhere nobody would read them."""
    return provider.phone_folder(settings.data_dir) if settings.mode == "demo" else None


def run_forever(ticker: Ticker) -> None:
    """For `scheduler worker`: returns after SIGTERM or SIGINT, with nothing half-sent."""
    told = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    gc.collect()
    gc.freeze()  # what was imported stays: looking through it again costs each message 7 %
    ticker.start()
    told.wait()
    ticker.stop()


def worker_name() -> str:
    """Unique for this process's life: a process id alone comes back after a restart."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
