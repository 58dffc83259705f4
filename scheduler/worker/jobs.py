"""What a worker does at each tick: show that it is alive, deliver what is due, do its chores."""

from __future__ import annotations

import logging

from scheduler.worker.chores import Chore
from scheduler.worker.drain import drain_outbox
from scheduler.worker.error_place import where
from scheduler.worker.postman import Context, Postman

__all__ = ["Context", "Postman", "tick"]

log = logging.getLogger(__name__)


def tick(postman: Postman) -> None:
    """Every job once. Never raises: the clock must go on. Errors are logged without any data."""
    for job in (show_life, drain_outbox):
        try:
            with postman.context():
                job(postman)
        except Exception as error:
            log.error("%s failed: %s", job.__name__, where(error))
    do_chores(postman)


def show_life(postman: Postman) -> None:
    postman.show_life()


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
