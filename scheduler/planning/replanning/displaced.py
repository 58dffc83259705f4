"""Visits that lost their places, the dates that each may have, and what a place costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property

from scheduler.planning.day_facts import Held
from scheduler.planning.daybook import Day
from scheduler.planning.opening import local
from scheduler.planning.patient import date_refusals, possible_slots
from scheduler.planning.plan import Stopped
from scheduler.planning.replanning.date_steps import MOVED, DateSteps, Stood
from scheduler.planning.replanning.standing import MovedVisit, RunningSeries, StandingVisit


@dataclass(frozen=True, kw_only=True)
class AffectedSeries:
    """A series of which the visits `lost` (by number) have lost their places; the others stand.

    `series` holds all of them, the lost ones where they stood; a single visit is a series of one.
    `key` is any number of the caller's. `induction`: its places are sought first (domain F).
    """

    key: int
    series: RunningSeries
    lost: frozenset[int]
    induction: bool = False


@dataclass(frozen=True, kw_only=True)
class Resettled:
    """A visit with its new place. It is one of the lost, or another visit of an affected series
    that had to follow; then `displaced` is False."""

    key: int
    move: MovedVisit
    displaced: bool = True


@dataclass(frozen=True, kw_only=True)
class Unplaced:
    """A lost visit for which no place was found: it goes to the worklist (domain I)."""

    key: int
    visit: StandingVisit
    reason: Stopped


@dataclass(frozen=True, kw_only=True)
class Resettlement:
    """A dry run: what would move where, and who is left. `cost` and `minutes` as in `replan`."""

    moves: tuple[Resettled, ...]
    unplaced: tuple[Unplaced, ...]
    cost: int
    minutes: int


Cost = tuple[int, int]
"""Price of the move, then minutes off the time of day."""


@dataclass(frozen=True)
class Place:
    """Where a displaced visit goes."""

    cost: Cost
    on: date
    held: Held


class Job:
    """One displaced visit whose series has lost no other: it needs a place among the rest."""

    def __init__(self, affected: AffectedSeries, days: Mapping[date, Day]) -> None:
        self.affected, self.series = affected, affected.series
        (number,) = affected.lost
        self.visit = next(visit for visit in self.series.visits if visit.number == number)
        self.key = affected.key
        self.days = days
        self.place: Place | None = None
        self._possible: dict[date, int] = {}

    @cached_property
    def wall(self) -> time:
        zone = next(day.zone for day in self.days.values())
        return local(zone, self.visit.starts_at).time().replace(second=0, microsecond=0)

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """Dates on which the rules of the series and the patient's own allow it, nearest first."""
        first, last = self._between()
        found = [on for on in self.days if first < on < last and self._may_be(on)]
        return tuple(sorted(found, key=lambda on: (abs((on - self.visit.on).days), on)))

    @property
    def slack(self) -> int:
        """Days from the old date to the last one that the series allows (domain F)."""
        return max((on - self.visit.on).days for on in self.dates) if self.dates else 0

    def price(self, on: date) -> int:
        return self.visit.price * (1 + abs((on - self.visit.on).days))

    def possible(self, on: date) -> int:
        """Slots at which the patient could start, a one-chair mask."""
        if on not in self._possible:
            day = self.days[on]
            self._possible[on] = possible_slots(day, self.series.patient, self.visit.shape)
        return self._possible[on]

    def resettled(self) -> Resettled:
        place = self.place
        if place is None or place.held.chair_id is None:
            raise AssertionError("a visit without a place is not resettled")
        after = moved_to(self.visit, place.on, place.held)
        move = MovedVisit(
            before=self.visit,
            after=after,
            days=(place.on - self.visit.on).days,
            minutes=place.cost[1],
        )
        return Resettled(key=self.key, move=move)

    def _between(self) -> tuple[date, date]:
        """The dates of the visits before and after it, both excluded."""
        number = self.series.visits.index(self.visit)
        before, after = self.series.visits[:number], self.series.visits[number + 1 :]
        latest = self.series.latest_on or date.max
        last = after[0].on if after else date.max
        return (before[-1].on if before else date.min), min(last, _next_day(latest))

    def _may_be(self, on: date) -> bool:
        patient, shape = self.series.patient, self.visit.shape
        if not self._keeps_spacing(on):
            return False
        return not any(date_refusals(on, patient, shape))

    def _keeps_spacing(self, on: date) -> bool:
        steps = DateSteps(self.series.spacing)
        path: tuple[Stood, ...] = ()
        for place, visit in enumerate(self.series.visits):
            own = visit is self.visit
            day = (on if own else visit.on).toordinal()
            stood = Stood(day, visit.number, MOVED if own else place)
            if not steps.allows(path, stood):
                return False
            path = (*path, stood)
        return True


def moved_to(visit: StandingVisit, on: date, held: Held) -> StandingVisit:
    """The same visit at another place."""
    if held.chair_id is None:
        raise AssertionError("a place has a chair")
    return StandingVisit(
        number=visit.number,
        on=on,
        starts_at=held.starts_at,
        chair_id=held.chair_id,
        shape=visit.shape,
        confirmed=visit.confirmed,
        fixed=visit.fixed,
        bay_id=held.bay_id,
    )


def held_at(visit: StandingVisit) -> Held:
    """What the visit holds where it stands."""
    return Held(
        chair_id=visit.chair_id,
        starts_at=visit.starts_at,
        shape=visit.shape,
        bay_id=visit.bay_id,
    )


def _next_day(on: date) -> date:
    return on if on == date.max else date.fromordinal(on.toordinal() + 1)
