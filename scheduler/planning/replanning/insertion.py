"""Gives many displaced visits places: whoever would lose most by waiting goes first (regret)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from heapq import heapify, heappop, heapreplace

from scheduler.planning.replanning.displaced import Cost, Job, Place
from scheduler.planning.replanning.room import Room

LAST_CHANCE = 1_000_000
"""The regret of a visit that has one day left."""
MINUTE_SCALE = 2_000
Priority = tuple[int, int, int, int]


class Insertion:
    """Places jobs in a room, and takes them out again."""

    def __init__(self, room: Room) -> None:
        self.room = room

    def insert(self, jobs: Sequence[Job]) -> list[Job]:
        """Induction first, then the greatest regret, then the least slack. Who is left has no
        free start on any of its dates."""
        left: list[Job] = []
        heap: list[tuple[Priority, int, tuple[int, ...]]] = []
        for place, job in enumerate(jobs):
            heap.append((self._priority(job, place), place, self._stamp(job)))
        heapify(heap)
        while heap:
            _, place, stamp = heap[0]
            job, now = jobs[place], self._stamp(jobs[place])
            if stamp != now:
                heapreplace(heap, (self._priority(job, place), place, now))
                continue
            heappop(heap)
            if not self.settle(job):
                left.append(job)
        return left

    def settle(self, job: Job) -> bool:
        """Give the job the cheapest place that is free now."""
        best = self.best(job)
        if best is not None:
            self.put(job, best)
        return best is not None

    def best(self, job: Job, below: Cost | None = None) -> Place | None:
        """The cheapest free place; with `below` only a cheaper one."""
        found: tuple[Cost, date, int] | None = None
        for on in job.dates:
            price = job.price(on)
            least = found[0] if found else below
            if least is not None and (price, 0) >= least:
                break
            one = self._start(job, on)
            if one is not None and (least is None or (price, one[0]) < least):
                found = ((price, one[0]), on, one[1])
        return self._place(job, *found) if found else None

    def place_on(self, job: Job, on: date) -> Place | None:
        """The place nearest the job's time of day on one date."""
        one = self._start(job, on)
        return self._place(job, (job.price(on), one[0]), on, one[1]) if one else None

    def put(self, job: Job, place: Place) -> None:
        self.room.hold(place.held, place.on)
        job.place = place

    def take(self, job: Job) -> Place:
        """Give its place back. Raises AssertionError if it has none."""
        place = job.place
        if place is None:
            raise AssertionError("the job has a place")
        self.room.release(place.held, place.on)
        job.place = None
        return place

    def _start(self, job: Job, on: date) -> tuple[int, int] | None:
        possible = job.possible(on)
        return self.room.nearest(on, job.visit.shape, job.series.chair_kind, possible, job.wall)

    def _place(self, job: Job, cost: Cost, on: date, slot: int) -> Place:
        shape, kind = job.visit.shape, job.series.chair_kind
        held = self.room.seat(on, shape, kind, slot, job.visit.chair_id)
        return Place(cost, on, held)

    def _priority(self, job: Job, place: int) -> Priority:
        """Smaller goes first; no free day at all goes last, nothing is lost by it."""
        costs: list[int] = []
        for on in job.dates:
            if len(costs) > 1:
                break
            one = self._start(job, on)
            if one is not None:
                costs.append(job.price(on) * MINUTE_SCALE + one[0])
        costs.sort()
        regret = costs[1] - costs[0] if len(costs) > 1 else LAST_CHANCE * len(costs)
        return (0 if job.affected.induction else 1, -regret, job.slack, place)

    def _stamp(self, job: Job) -> tuple[int, ...]:
        """Changes when a day changed on which the job might stand."""
        versions = self.room.versions
        return tuple(versions[on] for on in job.dates)
