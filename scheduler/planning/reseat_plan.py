"""Whole plans by late chair binding: visits that fit once others of their days change chairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from scheduler.planning.day_facts import BAY, ChairFacts
from scheduler.planning.daybook import Day
from scheduler.planning.interval import Interval, subtract
from scheduler.planning.plan import Plan, PlannedVisit
from scheduler.planning.request import SeriesRequest
from scheduler.planning.reseat import Reseating, Stays, alike, held_slots, reseat, reseated
from scheduler.planning.searching.course import Effort
from scheduler.planning.searching.offers import OfferBook
from scheduler.planning.searching.priced import Chosen, priced_plan
from scheduler.planning.searching.search import Search
from scheduler.planning.series import ChosenVisit, check_visits
from scheduler.planning.visit import VisitShape

BEST, ANY, TRIES = 25_000, 10_000, 4
"""Steps of the search, and how often days that do not keep their word are left out."""
RESEAT = "reseat"
"""The kind of such a plan, and of the way out that it is."""


@dataclass(frozen=True)
class SeatedPlan:
    """A plan that books once so many other visits have changed chairs, at their times."""

    plan: Plan
    changes: int


@dataclass(frozen=True)
class Place:
    """One visit that looks for a chair; the `wished` one is taken if it is free."""

    shape: VisitShape
    starts_at: datetime
    kind: str | None = None
    wished: int | None = None


def plan_reseated(
    days: Mapping[date, Day], request: SeriesRequest, stays: Stays
) -> SeatedPlan | None:
    """A plan on days where visits may change chairs, or None: none was found, maybe there is one.

    The search counts chairs alike as one pool; what it finds is then seated visit by visit
    (`reseat`) and checked whole (`check_visits`), so a plan that is given books. It need not be the
    cheapest, nor change the fewest chairs over all its visits. Never raises.
    """
    if request.chair_kind == BAY:
        return None
    last = request.latest_on or date.max
    pools = {
        on: pooled(day, request.chair_kind)
        for on, day in days.items()
        if request.earliest_on <= on <= last
    }
    effort = Effort(BEST)
    for _ in range(TRIES):
        plan = _search(pools, request, effort)
        if plan is None:
            return None
        seats = [seat_for(days[one.on], _place(one, request), stays) for one in plan.visits]
        found = [seat for seat in seats if seat is not None]
        if len(found) == len(seats):
            return _seated(request, plan, [days[one.on] for one in plan.visits], found)
        for one, seat in zip(plan.visits, seats, strict=True):
            if seat is None:
                pools.pop(one.on, None)
    return None


def _place(visit: PlannedVisit, request: SeriesRequest) -> Place:
    return Place(visit.shape, visit.starts_at, request.chair_kind, request.wishes.chair_id)


def seat_for(day: Day, place: Place, stays: Stays) -> Reseating | None:
    """Where the visit sits: a free chair, for the whole stay before one that needs a bay; else the
    fewest changes of chairs. None: there is no room. Nothing is changed."""
    named = (chair.chair_id for chair in day.facts.chairs)
    order = [*(() if place.wished is None else (place.wished,)), *named]
    free = [one for one in order if day.fits(place.shape, one, place.starts_at, place.kind)]
    seats = [seat for one in free if (seat := day.seat(place.shape, one, place.starts_at))]
    if seats:
        whole = (seat for seat in seats if seat.bay_id is None)
        return Reseating(next(whole, seats[0]).chair_id, ())
    return reseat(day, place.shape, place.starts_at, place.kind, stays)


def pooled(day: Day, kind: str | None = None) -> Day:
    """The day with one chair for all that are alike: open while fewer are held than there are.

    A visit that fits the day after others change chairs fits this one; if nobody is bound to a
    chair, also the other way round. Nurses and all else count as they do.
    """
    if not day.facts.held:
        return day
    bays = [chair for chair in day.facts.chairs if chair.kind == BAY]
    kept = {bay.chair_id for bay in bays}
    chairs = [
        replace(group[0], open=subtract(group[0].open, _full(day, group)))
        for group in alike(day, kind)
    ]
    held = (one if one.chair_id in kept else replace(one, chair_id=None) for one in day.facts.held)
    return Day.build(replace(day.facts, chairs=(*chairs, *bays), held=tuple(held)))


def _full(day: Day, chairs: Sequence[ChairFacts]) -> Iterator[Interval]:
    """When all of these chairs are held."""
    change: Counter[int] = Counter()
    for chair in chairs:
        for held in day.chairs.on_chair(chair.chair_id):
            if held.chair_id == chair.chair_id and held.shape.chair_minutes:
                first, until = held_slots(day, held)
                change[first] += 1
                change[until] -= 1
    taken, since = 0, None
    for slot in sorted(change):
        if since is not None:
            yield day.grid.span(since, slot)
        taken += change[slot]
        since = slot if taken >= len(chairs) else None


def _search(pools: Mapping[date, Day], request: SeriesRequest, effort: Effort) -> Plan | None:
    book = OfferBook(pools)
    plan = Search(book, request, effort).best()
    if plan is None and not effort.lasts:
        plan = Search(book, request, Effort(ANY)).soon()
    return plan


def _seated(
    request: SeriesRequest, plan: Plan, days: Sequence[Day], seats: Sequence[Reseating]
) -> SeatedPlan | None:
    """Priced on the days as they are then; None if it does not hold there."""
    after = [reseated(day, seat) for day, seat in zip(days, seats, strict=True)]
    chosen: list[Chosen] = [
        (day, seat.chair_id, visit.starts_at)
        for day, seat, visit in zip(after, seats, plan.visits, strict=True)
    ]
    visits = [ChosenVisit(chair_id, starts_at) for _, chair_id, starts_at in chosen]
    if check_visits({day.on: day for day in after}, request, visits):
        return None
    changes = sum(len(seat.changes) for seat in seats)
    kind = RESEAT if changes else "best"
    priced = priced_plan(request, chosen, request.sets.index(plan.weekday_set), kind)
    return SeatedPlan(priced, changes)
