"""Plans beside the best one that differ in a way a patient can hear: days, hours, first day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from statistics import median_low

from scheduler.planning.opening import MIDNIGHT, local
from scheduler.planning.plan import Plan
from scheduler.planning.request import SeriesRequest
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.searching.course import Effort
from scheduler.planning.searching.offers import OfferBook
from scheduler.planning.searching.priced import priced_plan
from scheduler.planning.searching.search import Choice, Search

AUDIBLE_MINUTES = 60
OTHER_HOURS_MINUTES = 120
MORNING, AFTERNOON = 9 * 60 + 30, 14 * 60
"""Where starts are drawn to when another time of day is tried."""
KEPT = ("one_time", "one_chair")
KEEP = 10_000
"""A price of the wish so high that it is kept wherever it can be."""
FIRST = 1_000_000
"""A price per day so high that the earliest first day wins whatever else it costs."""


def usual_minute(plan: Plan) -> int:
    """The middle start of a plan, in minutes of the wall clock."""
    starts = [local(plan.zone, visit.starts_at) for visit in plan.visits]
    return median_low(at.hour * 60 + at.minute for at in starts)


def sounds_different(plan: Plan, other: Plan) -> bool:
    """Other weekdays, another first day, or usually another hour."""
    return (
        plan.weekdays != other.weekdays
        or plan.first_on != other.first_on
        or abs(usual_minute(plan) - usual_minute(other)) >= AUDIBLE_MINUTES
    )


class Variety:
    """Tries one variation of the request after the other, most telling first."""

    def __init__(self, book: OfferBook, request: SeriesRequest, best: Plan, effort: Effort) -> None:
        self.book, self.request, self.best, self.effort = book, request, best, effort
        self.usual = usual_minute(best)

    def plans(self, number: int) -> tuple[Plan, ...]:
        """The best plan and up to `number` - 1 others, each audibly unlike all before it; the one
        that keeps a wish for one time or one chair is heard by that alone."""
        chosen = [self.best]
        others = self._others()
        while len(chosen) < number and (plan := next(others, None)):
            kept = plan.kind in KEPT and plan.visits != self.best.visits
            if kept or all(sounds_different(plan, other) for other in chosen):
                chosen.append(plan)
        return tuple(chosen)

    def _others(self) -> Iterator[Plan]:
        tries = (
            self._kept_wish(),
            self._same_time(),
            self._other_weekdays(),
            self._other_hours(),
            self._earliest(),
            *(self._later(weeks) for weeks in (1, 2, 3)),
        )
        for plans in tries:
            yield from plans

    def _kept_wish(self) -> Iterator[Plan]:
        """What it costs to keep one time, or one chair, where the best plan does not."""
        terms, weights = self.best.terms, self.request.weights
        if self.request.wishes.same_time and terms.time and self.effort.lasts:
            dear = replace(self.request, weights=replace(weights, time=KEEP))
            yield from self._found(dear, "one_time")
        if self.request.wishes.same_chair and terms.chair and self.effort.lasts:
            dear = replace(self.request, weights=replace(weights, chair=KEEP))
            yield from self._found(dear, "one_chair")

    def _same_time(self) -> Iterator[Plan]:
        """Without any wish: the usual hour at each visit, at the price of a wish (SO3)."""
        wishes = self.request.wishes
        if wishes.start is None and not wishes.same_time and len(self.request.shapes) > 1:
            yield from self._searched(self.request, "same_time")

    def _other_weekdays(self) -> Iterator[Plan]:
        used = frozenset(self.best.weekdays)
        sets: list[frozenset[int]] = []
        for days in self.request.sets:
            if days == self.best.weekday_set or days == ANY_DAY:
                days = days - used
            if days and days not in sets:
                sets.append(days)
        if sets:
            yield from self._searched(replace(self.request, weekday_sets=tuple(sets)), "weekdays")

    def _other_hours(self) -> Iterator[Plan]:
        """At least two hours later or earlier than usual, whichever is cheaper; the other half of
        the day if there is a choice."""
        usual = self.usual
        found: list[Plan] = []
        later, earlier = usual + OTHER_HOURS_MINUTES, usual - OTHER_HOURS_MINUTES
        if later < 24 * 60:
            found += self._within(later, 24 * 60, max(later, AFTERNOON))
        if earlier > 0:
            found += self._within(0, earlier + 1, min(earlier, MORNING))
        yield from sorted(found, key=lambda plan: plan.cost)

    def _within(self, first: int, until: int, wish: int) -> Iterator[Plan]:
        window, limits = self.request.patient.window, self.request.patient
        starts_from = max(_wall(first), window.starts_from or MIDNIGHT)
        ends = [
            wall for wall in (window.starts_until, _wall(until)) if wall not in (None, MIDNIGHT)
        ]
        narrowed = replace(window, starts_from=starts_from, starts_until=min(ends, default=None))
        varied = replace(
            self.request,
            patient=replace(limits, window=narrowed),
            wishes=replace(self.request.wishes, start=_wall(wish)),
        )
        yield from self._searched(varied, "time")

    def _earliest(self) -> Iterator[Plan]:
        if self.best.first_on == self.request.earliest_on:
            return
        weights = replace(self.request.weights, early=FIRST)
        for plan in self._searched(replace(self.request, weights=weights), "earliest"):
            if plan.first_on < self.best.first_on:
                yield plan

    def _later(self, steps: int) -> Iterator[Plan]:
        """A series a week or more later, a single visit on another day."""
        days = steps * (7 if len(self.request.shapes) > 1 else 1)
        earliest_on = self.best.first_on + timedelta(days=days)
        yield from self._searched(replace(self.request, earliest_on=earliest_on), "later")

    def _searched(self, varied: SeriesRequest, kind: str) -> Iterator[Plan]:
        """The best plan of the varied request, priced as the patient's own request. Without a wish
        it is drawn to the hour of the best plan."""
        if varied.wishes.start is None:
            drawn = replace(varied.wishes, start=_wall(self.usual))
            varied = replace(varied, wishes=drawn)
        if self.effort.lasts:
            yield from self._found(varied, kind)

    def _found(self, varied: SeriesRequest, kind: str) -> Iterator[Plan]:
        choice = Search(self.book, varied, self.effort).cheapest()
        if choice:
            yield self._repriced(choice, kind)

    def _repriced(self, choice: Choice, kind: str) -> Plan:
        """By the formula of the patient's own request, whose weekday sets the visits keep to."""
        chosen = choice.chosen
        used = {day.on.weekday() for day, _, _ in chosen}
        place = next(place for place, days in enumerate(self.request.sets) if used <= days)
        return priced_plan(self.request, chosen, place, kind)


def _wall(minute: int) -> time:
    """The end of the day is 00:00 again."""
    return time(minute // 60 % 24, minute % 60)
