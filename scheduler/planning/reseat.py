"""Late chair binding: a visit that fits once others change chairs, at the times they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.planning.day_facts import BAY, ChairFacts, Held
from scheduler.planning.daybook import Day
from scheduler.planning.interval import Interval
from scheduler.planning.visit import VisitShape

MOST_CHANGES = 4
"""Up to so many changes the fewest are proven; beyond, a colouring is taken as it comes."""
STEPS = 20_000
Stays = Callable[[Held], bool]


@dataclass(frozen=True)
class ChairChange:
    """A visit that keeps its time and takes another chair of the same kind."""

    held: Held
    chair_id: int


@dataclass(frozen=True)
class Reseating:
    """The chair of the new visit, and who changes chairs for it, in order of time; a dry run."""

    chair_id: int
    changes: tuple[ChairChange, ...]


def reseat(
    day: Day,
    shape: VisitShape,
    starts_at: datetime,
    kind: str | None = None,
    stays: Stays = lambda held: False,
) -> Reseating | None:
    """The fewest changes of chairs after which the visit fits at this start, or None.

    Chairs are interchangeable if they are of one kind and open at the same hours. Everything but
    H1 must hold as it is: nobody's time moves. `stays` says who must not be asked to change, for
    one that has begun; a visit that ends in a bay never is. Nothing is changed. Never raises.
    """
    best: Reseating | None = None
    for chairs in alike(day, kind):
        rules = {
            refusal.rule for refusal in day.refusals(shape, chairs[0].chair_id, starts_at, kind)
        }
        if rules - {"H1"} or kind == BAY:
            continue
        wanted = Held(chair_id=None, starts_at=starts_at, shape=shape)
        found = _Pool(day, chairs, stays).seating(wanted)
        if found and (best is None or len(found.changes) < len(best.changes)):
            best = found
    return best


def reseated(day: Day, answer: Reseating) -> Day:
    """The day after the changes, without the new visit; the day given stays as it is."""
    to = {id_of(change.held): change.chair_id for change in answer.changes}
    held = tuple(
        replace(one, chair_id=to[id_of(one)]) if id_of(one) in to else one for one in day.held
    )
    return Day.build(replace(day.facts, held=held))


def id_of(held: Held) -> tuple[int | None, datetime]:
    """No two visits start on one chair at one time."""
    return held.chair_id, held.starts_at


def alike(day: Day, kind: str | None) -> Iterator[list[ChairFacts]]:
    """Chairs of one kind that are open at the same hours; no bays unless they are asked for."""
    groups: dict[tuple[str, tuple[Interval, ...]], list[ChairFacts]] = {}
    for chair in day.facts.chairs:
        asked = chair.kind != BAY if kind is None else chair.kind == kind
        if asked and chair.open:
            groups.setdefault((chair.kind, chair.open), []).append(chair)
    yield from groups.values()


class _Pool:
    """Chairs of one kind and the visits on them; chairs and visits are counted from 0."""

    def __init__(self, day: Day, chairs: Sequence[ChairFacts], stays: Stays) -> None:
        self.chairs = [chair.chair_id for chair in chairs]
        sitting = [
            (held, place)
            for place, chair_id in enumerate(self.chairs)
            for held in day.chairs.on_chair(chair_id)
            if held.chair_id == chair_id and held.shape.chair_minutes
        ]
        sitting.sort(key=lambda pair: (pair[0].starts_at, pair[1]))
        self.visits = [held for held, _ in sitting]
        self.first = [place for _, place in sitting]
        self.spans = [held_slots(day, held) for held in self.visits]
        self.bound = {n for n, held in enumerate(self.visits) if held.bay_id or stays(held)}
        self.on_chair: list[list[int]] = [[] for _ in self.chairs]
        for number, place in enumerate(self.first):
            self.on_chair[place].append(number)
        self.day, self.steps = day, STEPS

    def seating(self, wanted: Held) -> Reseating | None:
        """Fewest changes first; then any colouring at all."""
        self.spans.append(held_slots(self.day, wanted))
        new = len(self.spans) - 1
        for most in range(MOST_CHANGES + 1):
            found = self._search((new,), {}, most)
            if found is not None:
                return self._answer(found, new)
        return self._coloured(new)

    def _search(
        self, waiting: tuple[int, ...], seats: dict[int, int], most: int
    ) -> dict[int, int] | None:
        """Seat the waiting visits; who sits there waits in turn, at most `most` more of them.
        `seats` are the new places of those that have changed."""
        if not waiting:
            return seats
        visit, *rest = waiting
        for chair in range(len(self.chairs)):
            self.steps -= 1
            if self.steps < 0:
                return None
            there = self._there(visit, chair, seats, {*waiting})
            if self.first[visit : visit + 1] == [chair] or there is None or len(there) > most:
                continue
            found = self._search((*rest, *there), {**seats, visit: chair}, most - len(there))
            if found is not None:
                return found
        return None

    def _there(
        self, visit: int, chair: int, seats: dict[int, int], up: set[int]
    ) -> list[int] | None:
        """Who would have to leave this chair; None: somebody who must not change, or has."""
        if any(at == chair and self._meet(one, visit) for one, at in seats.items()):
            return None
        there = [
            one
            for one in self.on_chair[chair]
            if one not in seats and one not in up and self._meet(one, visit)
        ]
        return None if self.bound.intersection(there) else there

    def _meet(self, one: int, other: int) -> bool:
        return (
            self.spans[one][0] < self.spans[other][1] and self.spans[other][0] < self.spans[one][1]
        )

    def _coloured(self, new: int) -> Reseating | None:
        """One visit after the other in order of time, on its own chair if that is free, else on
        the first free one: exact where nobody is bound (planner)."""
        seats = {one: self.first[one] for one in self.bound}
        for visit in sorted(range(new + 1), key=lambda one: (self.spans[one][0], one)):
            if visit not in seats:
                taken = {at for one, at in seats.items() if self._meet(one, visit)}
                wished = (*self.first[visit : visit + 1], *range(len(self.chairs)))
                chair = next((one for one in wished if one not in taken), None)
                if chair is None:
                    return None
                seats[visit] = chair
        return self._answer(seats, new)

    def _answer(self, seats: dict[int, int], new: int) -> Reseating:
        changes = tuple(
            ChairChange(held, self.chairs[seats[number]])
            for number, held in enumerate(self.visits)
            if seats.get(number, self.first[number]) != self.first[number]
        )
        return Reseating(self.chairs[seats[new]], changes)


def held_slots(day: Day, held: Held) -> tuple[int, int]:
    """[first, until) of the slots that the chair is held for; what lies off the grid holds every
    slot that it touches."""
    until = held.span.ends_at if held.span else held.starts_at
    return day.grid.floor(held.starts_at), day.grid.ceil(until)
