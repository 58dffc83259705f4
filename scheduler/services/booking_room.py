"""Room for a booking by late chair binding: other visits of its days take other chairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.planning.daybook import Day
from scheduler.planning.opening import local
from scheduler.planning.reseat import Reseating, reseated
from scheduler.planning.reseat_plan import Place, seat_for
from scheduler.services import reseating
from scheduler.services.actor import Actor
from scheduler.services.plan_key import Choice
from scheduler.services.series_request import Prepared


@dataclass(frozen=True)
class Room:
    """One visit of the plan, and who changes chairs for it."""

    question: reseating.Question
    answer: Reseating


def make_room(
    prepared: Prepared, choices: tuple[Choice, ...], days: dict[date, Day], *, now: datetime
) -> tuple[tuple[Choice, ...], list[Room]]:
    """Where each visit sits, worked out anew, and the changes of chairs that it takes; `days`
    become what they are after them. What finds no room keeps its place, to be refused there.

    Reads only; the site's days are locked.
    """
    site, request = prepared.site, prepared.request
    stays = reseating.who_stays(site, list(days), now=now)
    seats, rooms = [], []
    for choice, shape in zip(choices, request.shapes, strict=True):
        day = days[local(site.zone, choice.starts_at).date()]
        place = Place(shape, choice.starts_at, request.chair_kind, choice.chair_id)
        answer = seat_for(day, place, stays)
        seats.append(Choice(answer.chair_id, choice.starts_at) if answer else choice)
        if answer and answer.changes:
            rooms.append(Room(reseating.Question(site, day, shape, choice.starts_at), answer))
            days[day.on] = reseated(day, answer)
    return tuple(seats), rooms


def clear(rooms: Sequence[Room], actor: Actor, *, now: datetime) -> None:
    """Inside the booking's transaction, before its own claims are taken."""
    for room in rooms:
        reseating.change_chairs(room.question, room.answer, actor, now=now)
