"""Many displaced visits at once: a closure, a chair out of service, a provider's absence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from scheduler.planning.daybook import Day
from scheduler.planning.plan import Stopped
from scheduler.planning.replanning.displaced import (
    AffectedSeries,
    Job,
    Resettled,
    Resettlement,
    Unplaced,
    held_at,
)
from scheduler.planning.replanning.ejection import Ejection
from scheduler.planning.replanning.insertion import Insertion
from scheduler.planning.replanning.room import Room
from scheduler.planning.replanning.tail import Tail, settle_tail, unplaced

__all__ = ["AffectedSeries", "Resettled", "Resettlement", "Unplaced", "applied", "reaccommodate"]
TRIES = 1_500
"""Attempts to make way, or to look around, in one question."""
TAILS = 400
"""Series that are re-planned whole in one question."""
NO_TIME = Stopped("search", "", "No place was found in the time that a search may take.")


def reaccommodate(days: Mapping[date, Day], affected: Sequence[AffectedSeries]) -> Resettlement:
    """Places for the visits that lost theirs: most placed, then the least cost (planner).

    Another chair at the same time costs least, then another time of the day, then another day
    within the gaps. Series that lost several visits are re-planned first, induction before others;
    then each visit goes in where waiting would cost it most; then a series may move its other
    visits that lie ahead; then visits of this question make way for each other. Nobody else is
    touched.

    `days` is the calendar as it is now, with every visit but the lost ones; it stays as it is. The
    answer is a dry run: `applied` does it. The same question has the same answer, in whatever
    order the series stand.
    """
    return Reaccommodation(days, affected).answer()


def applied(days: Mapping[date, Day], dry_run: Resettlement) -> dict[date, Day]:
    """The calendar after the moves; the days given stay as they are.

    Raises ValueError if a place is not free any more, with the sentence of the day.
    """
    room = Room(days)
    for one in dry_run.moves:
        before = one.move.before
        if before is not None and not one.displaced and before.on in room.days:
            room.release(held_at(before), before.on)
    for one in dry_run.moves:
        after = one.move.after
        refusal = room.days[after.on].refusal(
            after.shape, after.chair_id, after.starts_at, bay_id=after.bay_id
        )
        if refusal is not None and refusal.rule != "chair":
            raise ValueError(refusal.sentence)
        room.hold(held_at(after), after.on)
    return room.days


class Reaccommodation:
    """One dry run. `tries` is how often places that it gave may change hands afterwards."""

    def __init__(
        self, days: Mapping[date, Day], affected: Sequence[AffectedSeries], tries: int = TRIES
    ) -> None:
        self.room = Room({on: days[on] for on in sorted(days)})
        every = sorted(affected, key=lambda one: (not one.induction, one.key))
        self.several = [one for one in every if len(one.lost) > 1]
        self.jobs = [Job(one, self.room.days) for one in every if len(one.lost) == 1]
        self.insertion = Insertion(self.room)
        self.ejection = Ejection(self.insertion, self.jobs, tries)
        self.tails_left = TAILS

    def answer(self) -> Resettlement:
        tails = [self._tail(one) for one in self.several]
        left = self.insertion.insert(self.jobs)
        after = [(job, self._tail(job.affected)) for job in left]
        still = self.ejection.make_way([job for job, tail in after if tail.unplaced])
        self.ejection.look_around()
        tails += [tail for job, tail in after if not tail.unplaced or job in still]
        return self._summed(tails)

    def _summed(self, tails: Sequence[Tail]) -> Resettlement:
        placed = [(job, job.place.cost) for job in self.jobs if job.place is not None]
        moves = [job.resettled() for job, _ in placed]
        return Resettlement(
            moves=(*moves, *(move for tail in tails for move in tail.moves)),
            unplaced=tuple(one for tail in tails for one in tail.unplaced),
            cost=sum(cost for _, (cost, _) in placed) + sum(tail.cost for tail in tails),
            minutes=sum(off for _, (_, off) in placed) + sum(tail.minutes for tail in tails),
        )

    def _tail(self, affected: AffectedSeries) -> Tail:
        self.tails_left -= 1
        if self.tails_left < 0:
            return Tail((), tuple(unplaced(affected, NO_TIME)))
        return settle_tail(self.room, affected)
