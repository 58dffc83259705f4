"""Small standing jobs of the worker: each looks cheaply first and delays no other (trust I14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from scheduler.services import clearance_ended, holding, preparation, recalls, zone_data
from scheduler.services.outgoing import clearance_messages, escalations, old_messages, site_ladders


class Job(Protocol):
    """A public service: own transactions, small batches; answers how many rows it changed."""

    def __call__(self, *, now: datetime) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Chore:
    """`run` is called once per `every` by each worker; `every` is counted from its last start."""

    name: str
    every: timedelta
    run: Job


MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

CHORES: tuple[Chore, ...] = (
    Chore(name="lapsed holds", every=MINUTE, run=holding.sweep),
    Chore(name="planned tasks", every=MINUTE, run=escalations.open_due),
    Chore(name="changed ladders", every=MINUTE, run=site_ladders.follow),
    Chore(name="changed preparation", every=MINUTE, run=preparation.settle_sites),
    Chore(name="booked recalls", every=5 * MINUTE, run=recalls.settle_booked),
    Chore(name="ending clearances", every=HOUR, run=clearance_messages.queue_due),
    Chore(name="ended clearances", every=HOUR, run=clearance_ended.unconfirm),
    Chore(name="old message bytes", every=HOUR, run=old_messages.drop_bytes),
    Chore(name="old comments", every=HOUR, run=old_messages.drop_comments),
    Chore(name="ended links", every=HOUR, run=old_messages.drop_links),
    Chore(name="zone data", every=HOUR, run=zone_data.follow),
)
"""One line per standing job. All workers run all of them: a job must bear company."""


@dataclass
class Rounds:
    """When one worker did each chore last; a clock that jumps back makes none of them wait."""

    chores: tuple[Chore, ...] = CHORES

    def __post_init__(self) -> None:
        self._started: dict[str, datetime] = {}

    def due(self, now: datetime) -> list[Chore]:
        return [chore for chore in self.chores if self._is_due(chore, now)]

    def _is_due(self, chore: Chore, now: datetime) -> bool:
        started = self._started.get(chore.name)
        return started is None or not timedelta(0) <= now - started < chore.every

    def start(self, chore: Chore, now: datetime) -> None:
        self._started[chore.name] = now
