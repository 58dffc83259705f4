"""Better places for displaced visits: one makes way for another, and each looks around again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from scheduler.planning.replanning.displaced import Job
from scheduler.planning.replanning.insertion import Insertion


class Ejection:
    """Works on places given in this dry run alone: nobody else is asked to move. `tries` is
    counted, not timed, so that answers repeat."""

    def __init__(self, insertion: Insertion, jobs: Sequence[Job], tries: int) -> None:
        self.insertion, self.jobs, self.tries = insertion, jobs, tries

    def make_way(self, left: Sequence[Job]) -> list[Job]:
        """For each job that is left: a job with a place that can go elsewhere makes way. Who is
        still left comes back."""
        return [job for job in left if not self._gets_in(job)]

    def look_around(self) -> None:
        """Each job takes a cheaper place if there is one by now, the dearest first."""
        placed = [job for job in self.jobs if job.place is not None]
        placed.sort(key=lambda job: job.place.cost if job.place else (0, 0), reverse=True)
        for job in placed:
            if self.tries <= 0:
                return
            self.tries -= 1
            before = self.insertion.take(job)
            self.insertion.put(job, self.insertion.best(job, below=before.cost) or before)

    def _gets_in(self, job: Job) -> bool:
        if self.insertion.settle(job):
            return True
        return any(self._gets_in_on(job, on) for on in job.dates)

    def _gets_in_on(self, job: Job, on: date) -> bool:
        there = [one for one in self.jobs if one.place is not None and one.place.on == on]
        minutes = job.visit.shape.chair_minutes
        there.sort(key=lambda one: (abs(one.visit.shape.chair_minutes - minutes), one.key))
        for other in there:
            if self.tries <= 0:
                return False
            self.tries -= 1
            if self._swapped(job, other, on):
                return True
        return False

    def _swapped(self, job: Job, other: Job, on: date) -> bool:
        """The other gives way and finds another place; else all is as before."""
        before = self.insertion.take(other)
        place = self.insertion.place_on(job, on)
        if place is not None:
            self.insertion.put(job, place)
            if self.insertion.settle(other):
                return True
            self.insertion.take(job)
        self.insertion.put(other, before)
        return False
