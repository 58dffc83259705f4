"""What a change asks of each visit of a series, and the orders in which the visits may stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from scheduler.planning.daybook import Day
from scheduler.planning.explain import day_words
from scheduler.planning.interval import MINUTE
from scheduler.planning.opening import local
from scheduler.planning.patient import date_refusals, time_refusals
from scheduler.planning.refusal import Refusal
from scheduler.planning.replanning.least_change import Found, Item, LeastChange
from scheduler.planning.replanning.nearest import NearestSpots, Spot, Wish
from scheduler.planning.replanning.room import Room
from scheduler.planning.replanning.standing import (
    Added,
    Away,
    Change,
    Lost,
    MustStand,
    RunningSeries,
    StandingVisit,
)
from scheduler.planning.request import TimeWindow
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.searching.course import Effort
from scheduler.planning.visit import VisitShape

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Solved:
    """The best dates, the items in the order that they belong to, and whether that is proven."""

    found: Found
    items: tuple[Item, ...]
    proven: bool


class Task:
    """One change of one series on one calendar. `refused` says why a pinned visit cannot stand
    there."""

    def __init__(self, room: Room, series: RunningSeries, change: Change) -> None:
        self.change, self.room, self.whole = change, room, room.days
        last = series.latest_on
        self.days = tuple(on for on in sorted(room.days) if last is None or on <= last)
        self.series = _absent(series, change, self.days)
        self.asked = asked_of(change)
        self.spots = NearestSpots(room, self.days, self.series.patient, series.chair_kind)
        self.refused: Refusal | None = None
        self._pinned = self._pin() if isinstance(change, MustStand) else None

    def solved(self) -> Solved | None:
        """Over all orders; an earlier one wins ties. Not proven, some legal dates are better than
        none."""
        effort = Effort()
        best: Solved | None = None
        for items in self._orders():
            search = LeastChange(items, self.series.spacing, self.spots, effort)
            found = search.best(best.found.price if best else None)
            best = Solved(found, items, True) if found else best
        if effort.lasts:
            return best
        return replace(best, proven=False) if best else self._hurried()

    def _hurried(self) -> Solved | None:
        for items in self._orders():
            found = LeastChange(items, self.series.spacing, self.spots, Effort()).any()
            if found:
                return Solved(found, items, False)
        return None

    def wish(self, visit: StandingVisit, shape: VisitShape | None = None) -> Wish:
        """Its time of day and its chair; of another shape for a visit that follows its example."""
        return Wish(shape or visit.shape, self.wall(visit.starts_at), visit.chair_id)

    def wall(self, at: datetime) -> time:
        zone = next((day.zone for day in self.whole.values()), None)
        return (local(zone, at) if zone else at).time().replace(second=0, microsecond=0)

    # -- the orders

    def _orders(self) -> Iterator[tuple[Item, ...]]:
        """The order as it stands; then the one visit that the change is about passes others of its
        own length, nearest first, while all of them stay: who asks for another day does not want
        the next session on the old one."""
        items = [self._item(place, visit) for place, visit in enumerate(self.series.visits)]
        if isinstance(self.change, Added):
            last = self.series.visits[-1]
            number = max(visit.number for visit in self.series.visits)
            items += [
                Item(visit=None, wish=self.wish(last, shape), number=number + more, may_stay=False)
                for more, shape in enumerate(self.change.shapes, 1)
            ]
        yield tuple(items)
        if len(self.asked) == 1:
            own = next(n for n, v in enumerate(self.series.visits) if v.number in self.asked)
            for place in sorted(range(len(items)), key=lambda n: (abs(n - own), n)):
                passed = items[min(own, place) : max(own, place) + 1]
                if place != own and all(one.wish.shape == items[own].wish.shape for one in passed):
                    rest = [replace(one, must_stay=True) for one in items if one is not items[own]]
                    yield (*rest[:place], items[own], *rest[place:])

    def _item(self, place: int, visit: StandingVisit) -> Item:
        wish = self.wish(visit)
        item = Item(visit=visit, wish=wish, number=visit.number, place=place, must_stay=visit.fixed)
        if visit.fixed:
            return item
        if visit.number not in self.asked:
            return replace(item, may_stay=not self._absent_on(visit.on))
        if self._pinned is not None:
            on = local_date(self.whole, self._pinned.starts_at)
            return replace(item, may_stay=False, pinned=self._pinned, pinned_on=on)
        from_on = self.change.from_on if isinstance(self.change, Lost) else None
        return replace(item, may_stay=False, from_on=from_on)

    def _absent_on(self, on: date) -> bool:
        change = self.change
        return isinstance(change, Away) and is_away(change, on)

    # -- the place that is asked for

    def _pin(self) -> Spot | None:
        """The first chair that may be had: the one asked for, or any, the visit's own first."""
        change = self.change
        visit = next((v for v in self.series.visits if v.number in self.asked), None)
        if not isinstance(change, MustStand) or visit is None:
            return None
        on = local_date(self.whole, change.starts_at)
        day = self.whole.get(on)
        if day is None:
            self.refused = Refusal("horizon", f"{day_words(on)} is outside the calendar.")
            return None
        chairs = [visit.chair_id, *(chair.chair_id for chair in day.facts.chairs)]
        for chair_id in chairs if change.chair_id is None else [change.chair_id]:
            refusal = self._refusal(day, visit.shape, chair_id, change.starts_at)
            if refusal is None:
                self.refused = None
                return self._spot(day, visit, chair_id, change.starts_at)
            self.refused = self.refused or refusal
        return None

    def _refusal(
        self, day: Day, shape: VisitShape, chair_id: int, starts_at: datetime
    ) -> Refusal | None:
        patient = replace(self.series.patient, weekdays=ANY_DAY, window=TimeWindow())
        found = [*date_refusals(day.on, patient, shape)]
        found += time_refusals(day, patient, shape, starts_at)
        return next(iter([*found, *day.refusals(shape, chair_id, starts_at)]), None)

    def _spot(self, day: Day, visit: StandingVisit, chair_id: int, starts_at: datetime) -> Spot:
        wished = day.grid.wall_minute(self.wall(visit.starts_at))
        minute = (starts_at - day.grid.midnight) // MINUTE
        return Spot(abs(minute - wished), starts_at, chair_id)


def asked_of(change: Change) -> frozenset[int]:
    """Numbers of the visits that the change is about."""
    if isinstance(change, MustStand):
        return frozenset({change.number})
    return change.numbers if isinstance(change, Lost) else frozenset()


def is_away(change: Away, on: date) -> bool:
    return change.from_on <= on and (change.until_on is None or on <= change.until_on)


def local_date(days: Mapping[date, Day], at: datetime) -> date:
    """The site's date; without a calendar the one in the instant's own zone."""
    zone = next((day.zone for day in days.values()), None)
    return local(zone, at).date() if zone else at.date()


def _absent(series: RunningSeries, change: Change, days: Iterable[date]) -> RunningSeries:
    """With the dates of an absence as dates on which the patient cannot come."""
    if not isinstance(change, Away):
        return series
    away = frozenset(on for on in days if is_away(change, on))
    patient = replace(series.patient, blackouts=series.patient.blackouts | away)
    return replace(series, patient=patient)
