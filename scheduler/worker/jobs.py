"""What a worker does at each tick: deliver what is due, show that it is alive (trust I16)."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from traceback import extract_tb
from typing import Any

from scheduler.clock import utcnow
from scheduler.mail.messages import build
from scheduler.mail.parcel import NotNow, Parcel, Refused, ServerTrouble, Transport
from scheduler.planning import backoff
from scheduler.services import delivery, heartbeats
from scheduler.services.delivery import Lease, Trouble
from scheduler.worker.chores import Chore, Rounds

log = logging.getLogger(__name__)

BEAT_EVERY = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=10)
Context = Callable[[], AbstractContextManager[Any]]
"""Makes the surroundings in which services find their database."""


@dataclass
class Postman:
    """One worker's hands: its name in leases, its way out, and whether it is told to stop."""

    name: str
    context: Context
    transport: Transport
    clock: Callable[[], datetime] = utcnow
    stopping: threading.Event = field(default_factory=threading.Event)
    pauses: int = 0
    beat_at: datetime | None = None
    rounds: Rounds = field(default_factory=Rounds)

    @property
    def lease(self) -> timedelta:
        """Twice the longest wait for the server, and half a minute."""
        return timedelta(seconds=2 * self.transport.timeout_seconds + 30)


def tick(postman: Postman) -> None:
    """Every job once. Never raises: the clock must go on. Errors are logged without any data."""
    for job in (show_life, drain_outbox):
        try:
            with postman.context():
                job(postman)
        except Exception as error:
            log.error("%s failed: %s", job.__name__, _where(error))
    do_chores(postman)


def do_chores(postman: Postman) -> None:
    """Each in its own surroundings: an error in one delays no other."""
    now = postman.clock()
    for chore in postman.rounds.due(now):
        if postman.stopping.is_set():
            return
        postman.rounds.start(chore, now)
        _do(postman, chore)


def _do(postman: Postman, chore: Chore) -> None:
    try:
        with postman.context():
            done = chore.run(now=postman.clock())
            if done:
                log.info("%s: %d", chore.name, done)
    except Exception as error:
        log.error("%s failed: %s", chore.name, _where(error))


def show_life(postman: Postman) -> None:
    now = postman.clock()
    if postman.beat_at is None or now - postman.beat_at >= BEAT_EVERY:
        heartbeats.beat(postman.name, now=now)
        postman.beat_at = now


def drain_outbox(postman: Postman) -> None:
    """Deliver until nothing is due, the server is in trouble, or the worker is told to stop."""
    if not delivery.anything_due(postman.clock()):
        return
    try:
        while not postman.stopping.is_set():
            lease = delivery.claim(postman.name, now=postman.clock(), lease=postman.lease)
            if lease is None or not _deliver(postman, lease):
                return
    finally:
        postman.transport.close()


def _deliver(postman: Postman, lease: Lease) -> bool:
    """One message from lease to mark; False if nothing more can leave now."""
    body = lease.body or _written(postman, lease)
    if body is None:
        return True
    try:
        postman.transport.open()
        if delivery.begin(lease, body, now=postman.clock()):
            _send(postman, lease, body)
    except ServerTrouble as trouble:
        _pause(postman, lease, trouble)
        return False
    return True


def _written(postman: Postman, lease: Lease) -> bytes | None:
    """The bytes; a message that cannot be written fails alone (trust I14)."""
    try:
        return build(lease.facts)
    except Exception as error:
        log.error("message %s cannot be written: %s", lease.row_id, _where(error))
        delivery.refused(
            lease, Trouble(why="This message could not be written."), now=postman.clock()
        )
        return None


def _send(postman: Postman, lease: Lease, body: bytes) -> None:
    """No transaction is open here. Raises ServerTrouble."""
    parcel = Parcel(sender=lease.facts.sender.address, recipient=lease.recipient, data=body)
    try:
        postman.transport.send(parcel)
    except Refused as no:
        delivery.refused(lease, Trouble(why=no.why), now=postman.clock())
    except NotNow as later:
        trouble = Trouble(why=later.why, uncertain=later.uncertain)
        delivery.not_yet(lease, trouble, now=postman.clock(), jitter=_jitter())
    else:
        delivery.sent(lease, now=postman.clock())
        _recovered(postman)


def _recovered(postman: Postman) -> None:
    if postman.pauses:
        postman.pauses = 0
        heartbeats.resume(now=postman.clock())


def _pause(postman: Postman, lease: Lease, trouble: ServerTrouble) -> None:
    """Longer each time, at most ten minutes; what waits is not counted as tried."""
    postman.pauses += 1
    now = postman.clock()
    until = now + min(backoff.wait(postman.pauses, _jitter()), LONGEST_PAUSE)
    delivery.hand_back(lease)
    heartbeats.pause(postman.name, trouble.why, now=now, until=until)
    log.warning("the mail server is in trouble; next try at %s", until.isoformat())


def _jitter() -> float:
    return random.random()  # noqa: S311  spreads retries, guards nothing


def _where(error: Exception) -> str:
    """Kind and place of an error: its own words may hold an address."""
    frames = extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}"
