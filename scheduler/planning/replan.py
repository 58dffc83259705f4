"""Least-change re-planning: the fewest and smallest moves that make a series legal again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from scheduler.planning.daybook import Day
from scheduler.planning.plan import Stopped
from scheduler.planning.replanning.answer import answer_of
from scheduler.planning.replanning.reasons import no_way
from scheduler.planning.replanning.room import Room
from scheduler.planning.replanning.standing import (
    Added,
    Away,
    Change,
    Lost,
    MovedVisit,
    MustStand,
    Replanned,
    RunningSeries,
    StandingVisit,
)
from scheduler.planning.replanning.task import Task, asked_of

__all__ = [
    "Added",
    "Away",
    "Change",
    "Lost",
    "MovedVisit",
    "MustStand",
    "Replanned",
    "RunningSeries",
    "StandingVisit",
    "replan",
]


def replan(days: Mapping[date, Day], series: RunningSeries, change: Change) -> Replanned | Stopped:
    """The least change after which the series is legal, or why there is none (planner replan).

    Least sum over moved visits of (10 confirmed | 4 unconfirmed) * (1 + |days moved|), ties by
    minutes moved; a visit that was itself asked to move counts too. What may stay does stay, on
    its chair at its time. Gaps, visits in 7 days and span hold for whatever a moved visit is part
    of. Visits keep their order, but one that must stand elsewhere or was lost may pass others of
    its own length where none of these has to move.

    `days` is the calendar without the series' own visits; a date that is not in it is not used.
    Never raises for a calendar and a series that exist; the same question has the same answer.
    """
    return _answer(Room(days), series, change)


def _answer(room: Room, series: RunningSeries, change: Change) -> Replanned | Stopped:
    asked = asked_of(change)
    by_number = {visit.number: visit for visit in series.visits}
    if not series.visits or not asked <= by_number.keys():
        return Stopped("count", "", "There is no such visit in this series.")
    if any(by_number[number].fixed for number in asked):
        return Stopped("fixed", "", "Only a visit that still lies ahead can be moved.")
    task = Task(room, series, change)
    if task.refused is not None:
        return Stopped(task.refused.rule, "", task.refused.sentence)
    solved = task.solved()
    return answer_of(task, solved) if solved else no_way(task)
