"""Delivers what is due, some at a time, each way out by itself (trust I10, I13, I14)."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.mail.parcel import NobodyThere, NotNow, Parcel, Receipt, Refused, ServerTrouble
from scheduler.planning import backoff
from scheduler.services import heartbeats
from scheduler.services.outgoing import delivery, leases
from scheduler.services.outgoing.delivery import Draft, Taken, Trouble, Written
from scheduler.services.outgoing.leases import Batch, Claim, Lease, Place
from scheduler.services.outgoing.outbox_stamp import FRESH
from scheduler.worker.error_place import where
from scheduler.worker.postman import Postman, way_of
from scheduler.worker.writing import TellTale, write

log = logging.getLogger(__name__)

LONGEST_PASS = timedelta(seconds=5)
FEWEST = 10
TOGETHER = 3
"""So many are begun in one transaction, for each waits for the disk. Of these a cancellation may
meet some on their way, and a crash repeats at most so many."""
TRUE_FOR = timedelta(seconds=1)
"""What was begun and has not left by then is asked again (trust I10)."""
CANNOT = "This message could not be written."


def once(postman: Postman) -> bool:
    """Once along the queue, or as far as a few seconds reach: what was put back behind us, or
    waits for its domain's turn, is found by the next pass. False if nothing was found."""
    began, last, found = postman.clock(), None, leases.anything_due(postman.clock())
    anything = False
    while found and not postman.stopping.is_set():
        batch = _batch(postman, last)
        anything = anything or batch.found > 0
        last, long = batch.last, abs(postman.clock() - began) >= LONGEST_PASS
        found = batch.found > 0 and not long
    return anything


def _batch(postman: Postman, after: Place | None) -> Batch:
    """The next rows, claimed and delivered. So many are claimed at once as leave while what was
    found true is fresh."""
    began = postman.clock()
    wanted = Claim(
        worker=postman.name,
        lease=postman.lease,
        most=postman.at_once,
        pace=postman.pace,
        without=postman.without,
        after=after,
    )
    batch = leases.claim(wanted, now=began)
    Round(postman, list(batch.leases)).deliver()
    if batch.leases and (took := abs(postman.clock() - began)) > timedelta(0):
        fresh = int(len(batch.leases) * (FRESH / took) * 0.8)
        postman.at_once = max(FEWEST, min(fresh, leases.AT_ONCE))
    return batch


@dataclass
class Round:
    """One batch from lease to mark. `taken` are the messages whose mark is still to be written:
    it goes along with the next begin, and a repeat after a crash is the same bytes. `todo` is at
    last what was not begun."""

    postman: Postman
    todo: list[Lease]
    taken: list[Taken] = field(default_factory=list)
    shut: set[str] = field(default_factory=set)

    def deliver(self) -> None:
        waiting, self.todo = self.todo[::-1], []
        try:
            while waiting and not self.postman.stopping.is_set():
                way = way_of(waiting[-1].channel)
                if drafts := self._next(waiting, way):
                    self._together(drafts, way)
        finally:
            delivery.sent(self.taken)
            leases.release([*self.todo, *waiting])

    def _next(self, waiting: list[Lease], way: str) -> list[Draft]:
        """The next few that leave by this way, written."""
        drafts: list[Draft] = []
        while waiting and len(drafts) < TOGETHER and way_of(waiting[-1].channel) == way:
            lease = waiting.pop()
            if way in self.shut or self._is_over(lease):
                self.todo.append(lease)
            elif (written := self._written(lease)) is not None:
                drafts.append((lease, written))
        return drafts

    def _is_over(self, lease: Lease) -> bool:
        """A slow server used up the time of the whole batch: whoever is free takes the rest."""
        self.postman.show_life()
        return self.postman.clock() >= lease.at + lease.length

    def _together(self, drafts: list[Draft], way: str) -> None:
        """From bytes to mark. Trouble of a way out ends that way's part of the batch."""
        left, clock = drafts, self.postman.clock
        try:
            self.postman.ways[way].open()
            left = delivery.begin(drafts, now=clock(), taken=self.taken)
            self.taken, begun_at = [], clock()
            while left and self._leaves_now(begun_at):
                self._send(*left[0])
                left = left[1:]
            self._hand_back(left)
        except ServerTrouble as trouble:
            self._hand_back(left)
            self._pause(way, trouble)

    def _leaves_now(self, begun_at: datetime) -> bool:
        """What was true a moment ago; nothing more once we are told to stop."""
        postman = self.postman
        return abs(postman.clock() - begun_at) < TRUE_FOR and not postman.stopping.is_set()

    def _hand_back(self, left: list[Draft]) -> None:
        if left:
            delivery.hand_back([lease for lease, _ in left])

    def _written(self, lease: Lease) -> Written | None:
        """The bytes; a message that cannot be written fails alone (trust I14)."""
        try:
            return write(lease, self.postman.public_url)
        except TellTale as word:
            log.error("message %s holds a word that must not leave", lease.row_id)
            delivery.refused(lease, Trouble(why=word.why), now=self.postman.clock())
            return None
        except Exception as error:
            log.error("message %s cannot be written: %s", lease.row_id, where(error))
            delivery.refused(lease, Trouble(why=CANNOT), now=self.postman.clock())
            return None

    def _send(self, lease: Lease, written: Written) -> None:
        """No transaction is open here. Raises ServerTrouble."""
        way = self.postman.ways[way_of(lease.channel)]
        sender = lease.facts.sender
        address = sender.address if lease.channel == "email" else sender.phone
        parcel = Parcel(sender=address, recipient=lease.recipient, data=written.body)
        clock = self.postman.clock
        try:
            receipt = way.send(parcel)
        except Refused as no:
            nobody = isinstance(no, NobodyThere)
            delivery.refused(lease, Trouble(why=no.why, nobody_there=nobody), now=clock())
        except NotNow as later:
            trouble = Trouble(why=later.why, uncertain=later.uncertain)
            delivery.not_yet(lease, trouble, now=clock(), jitter=_jitter())
        else:
            self._took(lease, receipt)

    def _took(self, lease: Lease, receipt: Receipt) -> None:
        now = self.postman.clock()
        self.postman.sent_at = now
        self.taken.append(
            Taken(lease=lease, at=now, said=receipt.said, reference=receipt.reference)
        )
        way = way_of(lease.channel)
        if self.postman.pauses[way]:
            self.postman.pauses[way] = 0
            heartbeats.resume(now=now, way=way)

    def _pause(self, way: str, trouble: ServerTrouble) -> None:
        """Longer each time, at most ten minutes; what waits is not counted as tried."""
        now = self.postman.clock()
        self.shut.add(way)
        self.postman.pauses[way] += 1
        wait = min(backoff.wait(self.postman.pauses[way], _jitter()), heartbeats.LONGEST_PAUSE)
        heartbeats.pause(self.postman.name, trouble.why, now=now, until=now + wait, way=way)
        log.warning("the %s server is in trouble; next try at %s", way, (now + wait).isoformat())


def _jitter() -> float:
    return random.random()  # noqa: S311  spreads retries, guards nothing
