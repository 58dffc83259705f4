"""One worker's hands: its name in leases, its ways out, and what it remembers between ticks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from scheduler.clock import utcnow
from scheduler.mail.parcel import Transport
from scheduler.planning.pacing import Pace
from scheduler.services import heartbeats
from scheduler.services.heartbeats import CHANNELS, MAIL, PHONE
from scheduler.services.outgoing.leases import AT_ONCE
from scheduler.worker.chores import Rounds

BEAT_EVERY = timedelta(seconds=10)
Context = Callable[[], AbstractContextManager[Any]]
"""Makes the surroundings in which services find their database."""


@dataclass
class Postman:
    """`transport` is the mail server's, `phone` the provider's of texts and calls; without one,
    such rows are left to a worker that has it. `public_url`: where links in messages lead."""

    name: str
    context: Context
    transport: Transport
    phone: Transport | None = None
    public_url: str = "http://localhost"
    clock: Callable[[], datetime] = utcnow
    pace: Pace | None = None
    at_once: int = AT_ONCE
    stopping: threading.Event = field(default_factory=threading.Event)
    pauses: dict[str, int] = field(default_factory=lambda: {MAIL: 0, PHONE: 0})
    beat_at: datetime | None = None
    sent_at: datetime | None = None
    rounds: Rounds = field(default_factory=Rounds)

    def show_life(self) -> None:
        """Every ten seconds, also in the middle of much work; learns how many share it."""
        now = self.clock()
        if self.beat_at is not None and timedelta(0) <= now - self.beat_at < BEAT_EVERY:
            return
        workers = heartbeats.beat(self.name, now=now, sent_at=self.sent_at)
        self.beat_at = now
        if self.pace is not None:
            self.pace.workers = workers

    @property
    def ways(self) -> dict[str, Transport]:
        return {MAIL: self.transport} | ({PHONE: self.phone} if self.phone else {})

    @property
    def lease(self) -> timedelta:
        """Twice the longest wait for a server, and half a minute (toolchain, Worker)."""
        longest = max(way.timeout_seconds for way in self.ways.values())
        return timedelta(seconds=2 * longest + 30)

    @property
    def without(self) -> tuple[str, ...]:
        """Channels that this worker cannot serve at all."""
        return () if self.phone else CHANNELS[PHONE]


def way_of(channel: str) -> str:
    """The way out that carries a channel."""
    return MAIL if channel in CHANNELS[MAIL] else PHONE
