"""What a worker does at each tick: show that it is alive, deliver what is due, do its chores."""

from __future__ import annotations

import logging

from scheduler.worker.chores import Chore
from scheduler.worker.drain import once
from scheduler.worker.error_place import where
from scheduler.worker.postman import Context, Postman

__all__ = ["Context", "Postman", "tick"]

log = logging.getLogger(__name__)


def tick(postman: Postman) -> None:
    """Every job once, chores also in the middle of much work. Never raises: the clock must go on.
    Errors are logged without any data."""
    show_life(postman)
    try:
        while drain_outbox(postman) and not postman.stopping.is_set():
            do_chores(postman)
    finally:
        for way in postman.ways.values():
            way.close()
    do_chores(postman)


def show_life(postman: Postman) -> None:
    try:
        with postman.context():
            postman.show_life()
    except Exception as error:
        log.error("showing life failed: %s", where(error))


def drain_outbox(postman: Postman) -> bool:
    """Deliver for a few seconds; whether there may be more."""
    try:
        with postman.context():
            return once(postman)
    except Exception as error:
        log.error("delivering failed: %s", where(error))
        return False


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
        log.error("%s failed: %s", chore.name, where(error))
