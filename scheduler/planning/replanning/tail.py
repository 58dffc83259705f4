"""The last resort for a series: its visits that still lie ahead may all move (planner replan)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scheduler.planning.plan import Stopped
from scheduler.planning.replanning.answer import answer_of
from scheduler.planning.replanning.displaced import (
    AffectedSeries,
    Resettled,
    Unplaced,
    held_at,
)
from scheduler.planning.replanning.room import Room
from scheduler.planning.replanning.standing import Lost, Replanned, StandingVisit
from scheduler.planning.replanning.task import Task

FULL = Stopped("H1", "", "No free place keeps every rule of the series, even if its visits move.")


@dataclass(frozen=True)
class Tail:
    """What became of one series."""

    moves: tuple[Resettled, ...]
    unplaced: tuple[Unplaced, ...]
    cost: int = 0
    minutes: int = 0


def settle_tail(room: Room, affected: AffectedSeries) -> Tail:
    """Re-plan the series in the room, or leave everything as it was and say why."""
    standing = list(_standing(room, affected))
    for visit in standing:
        room.release(held_at(visit), visit.on)
    task = Task(room, affected.series, Lost(numbers=affected.lost))
    solved = task.solved()
    if solved is None:
        for visit in standing:
            room.hold(held_at(visit), visit.on)
        return Tail((), tuple(unplaced(affected, FULL)))
    return _settled(room, affected, standing, answer_of(task, solved))


def unplaced(affected: AffectedSeries, reason: Stopped) -> Iterator[Unplaced]:
    """Every lost visit of the series, with the reason."""
    for visit in affected.series.visits:
        if visit.number in affected.lost:
            yield Unplaced(key=affected.key, visit=visit, reason=reason)


def _standing(room: Room, affected: AffectedSeries) -> Iterator[StandingVisit]:
    """The other visits of the series that the calendar holds."""
    for visit in affected.series.visits:
        day = room.days.get(visit.on)
        if visit.number not in affected.lost and day and held_at(visit) in day.held:
            yield visit


def _settled(
    room: Room, affected: AffectedSeries, standing: list[StandingVisit], answer: Replanned
) -> Tail:
    moved = {move.after.number for move in answer.moves}
    stay = [visit for visit in standing if visit.number not in moved]
    for visit in (*stay, *(move.after for move in answer.moves)):
        room.hold(held_at(visit), visit.on)
    lost = affected.lost
    moves = tuple(
        Resettled(key=affected.key, move=move, displaced=move.after.number in lost)
        for move in answer.moves
    )
    return Tail(moves, (), answer.cost, answer.minutes)
