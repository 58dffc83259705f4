"""The best plan of one request: every weekday set, exact dates, the best place on each date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from scheduler.planning.plan import Plan
from scheduler.planning.request import SeriesRequest
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.searching.course import NEVER, Course, Dates, Effort, Prices
from scheduler.planning.searching.date_search import DateSearch
from scheduler.planning.searching.offers import SCALE, Aim, OfferBook, Placement
from scheduler.planning.searching.priced import priced_plan

DAY = timedelta(days=1)
ANCHOR_MINUTES = 15
PLACE_STEPS = 20
"""What finding the best place on one day costs in steps of an Effort."""


@dataclass(frozen=True)
class Choice:
    """The cheapest dates and the place in the list of weekday sets that gave them."""

    cost: int
    dates: Dates
    set_place: int


class Search:
    """One request on one calendar. Never raises: what cannot be planned gives None."""

    def __init__(self, book: OfferBook, request: SeriesRequest, effort: Effort) -> None:
        self.book, self.request, self.effort = book, request, effort
        self.shapes = [book.shape_number(shape) for shape in request.shapes]

    def best(self, kind: str = "best") -> Plan | None:
        """The true optimum of the cost. Without a wished time the starts are drawn together (SO3)
        as far as that costs nothing."""
        if self.request.wishes.start is None and len(self.request.shapes) > 1:
            return self._drawn_together(kind, price=0)
        aim = Aim(self.request.wishes.start, self.request.weights.time)
        places = Places(self, aim)
        choice = self._choose(places)
        return places.plan(choice, kind) if choice else None

    def same_time(self, kind: str) -> Plan | None:
        """The cheapest plan if the time of day were a wish: each quarter hour is tried (SO3)."""
        return self._drawn_together(kind, price=self.request.weights.time)

    def _drawn_together(self, kind: str, price: int) -> Plan | None:
        best: tuple[Choice, Places] | None = None
        for wall in self._anchors():
            places = Places(self, Aim(wall, price))
            choice = self._choose(places, best[0].cost if best else NEVER)
            if choice:
                best = (choice, places)
            elif best is None:
                return None
        return best[1].plan(best[0], kind) if best else None

    def _anchors(self) -> list[time]:
        """The quarter hours at which the calendar's days are open."""
        grids = [day.grid for day in self.book.days.values() if day.grid.slots]
        if not grids:
            return []
        first = min(grid.first for grid in grids) // ANCHOR_MINUTES * ANCHOR_MINUTES
        last = max(grid.minute(grid.slots) for grid in grids)
        minutes = range(max(first, 0), min(last, 24 * 60), ANCHOR_MINUTES)
        return [time(minute // 60, minute % 60) for minute in minutes]

    def _choose(self, places: Places, ceiling: int = NEVER) -> Choice | None:
        """Over all weekday sets; an earlier one wins ties."""
        found: Choice | None = None
        for place, weekdays in enumerate(self.request.sets):
            extra = self.request.weights.set * place * SCALE
            dates = self._dates(OnWeekdays(places, weekdays), ceiling - extra)
            if dates:
                found = Choice(dates.cost + extra, dates, place)
                ceiling = found.cost
        return found

    def _dates(self, prices: Prices, ceiling: int) -> Dates | None:
        course = course_of(self.request, max(self.book.days, default=None))
        return DateSearch(course, prices, self.effort).best(ceiling) if course else None


class Places:
    """The best place of each visit on each day for one aim, looked up once."""

    def __init__(self, search: Search, aim: Aim) -> None:
        self.search, self.aim = search, aim
        self._placed: dict[tuple[int, int], Placement | None] = {}

    def placed(self, number: int, day: int) -> Placement | None:
        request = self.search.request
        key = (self.search.shapes[number], day)
        if key not in self._placed:
            self.search.effort.spend(PLACE_STEPS)
            on = request.earliest_on + DAY * day
            self._placed[key] = self.search.book.best(request, key[0], on, self.aim)
        return self._placed[key]

    def plan(self, choice: Choice, kind: str) -> Plan:
        request, days = self.search.request, self.search.book.days
        chosen = []
        for number, offset in enumerate(choice.dates.days):
            day, placed = days[request.earliest_on + DAY * offset], self.placed(number, offset)
            if placed is None:
                raise AssertionError("a chosen day has a place")
            chair_id = day.facts.chairs[placed.place].chair_id
            chosen.append((day, chair_id, day.grid.at(placed.slot)))
        return priced_plan(request, chosen, choice.set_place, kind)


class OnWeekdays:
    """Prices of the places on some weekdays."""

    def __init__(self, places: Places, weekdays: frozenset[int]) -> None:
        request = places.search.request
        first, possible = request.earliest_on.weekday(), request.patient.weekdays or ANY_DAY
        self.placed = places.placed
        self.allowed = [(first + day) % 7 in weekdays & possible for day in range(7)]

    def usable(self, day: int) -> bool:
        return self.allowed[day % 7]

    def price(self, number: int, day: int) -> int:
        placed = self.placed(number, day)
        return NEVER if placed is None else placed.price


def course_of(request: SeriesRequest, last_on: date | None) -> Course | None:
    """The request in whole days from its earliest day; None if the calendar ends before it."""
    if last_on is None:
        return None
    if request.latest_on is not None:
        last_on = min(last_on, request.latest_on)
    horizon = (last_on - request.earliest_on).days
    if horizon < 0:
        return None
    spacing, weights = request.spacing, request.weights
    after, before = (
        tuple((on - request.earliest_on).days for on in fixed)
        for fixed in (request.after, request.before)
    )
    reach = max((horizon, *before)) - min((0, *after))
    most_gap = spacing.gap.hard_max
    return Course(
        count=len(request.shapes),
        horizon=horizon,
        least_gap=spacing.least_gap,
        most_gap=reach if most_gap is None else min(most_gap, reach),
        target=spacing.gap.target,
        most_days=reach if spacing.max_days is None else min(max(spacing.max_days, 0), reach),
        per_week=spacing.max_per_7d,
        after=after,
        before=before,
        early_price=weights.early * SCALE,
        day_price=weights.day * SCALE,
        gap_price=weights.gap * SCALE,
    )
