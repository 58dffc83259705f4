"""The best plan of one request: every weekday set, exact dates, the best place on each date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scheduler.planning.plan import Plan
from scheduler.planning.request import SeriesRequest
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.searching.anchors import Anchors
from scheduler.planning.searching.course import NEVER, Course, Dates, Effort
from scheduler.planning.searching.date_search import DateSearch
from scheduler.planning.searching.offers import SCALE, Aim, OfferBook, Placement, Places
from scheduler.planning.searching.priced import Chosen, priced_plan

PLACE_STEPS = 20
"""What finding the best place on one day costs in steps of an Effort."""


@dataclass(frozen=True)
class Choice:
    """The cheapest dates for one aim and the place in the list of weekday sets that gave them."""

    cost: int
    dates: Dates
    set_place: int
    places: tuple[Placement, ...]
    aim: Aim

    @property
    def chosen(self) -> list[Chosen]:
        """Day, chair and start of each visit."""
        return [(placed.day, placed.chair_id, placed.starts_at) for placed in self.places]


class Search:
    """One request on one calendar. Never raises: what cannot be planned gives None."""

    def __init__(self, book: OfferBook, request: SeriesRequest, effort: Effort) -> None:
        self.book, self.request, self.effort = book, request, effort
        self.shapes = [book.shape_number(shape) for shape in request.shapes]
        self.first = request.earliest_on.toordinal()

    def best(self, kind: str = "best") -> Plan | None:
        """The true optimum of the cost. Without a wished time the starts are drawn together (SO3)
        as far as that costs nothing."""
        choice = self.cheapest()
        return self.plan(choice, kind) if choice else None

    def cheapest(self) -> Choice | None:
        """Days, starts and chairs of the best plan, not yet priced term by term."""
        return Anchors(self).cheapest()

    def choose(self, aim: Aim, ceiling: int = NEVER) -> Choice | None:
        """The cheapest for one aim, if under the ceiling, over all weekday sets; an earlier set
        wins ties."""
        found, places = None, self.book.places(self.request, aim)
        for place, weekdays in enumerate(self.request.sets):
            extra = self.request.weights.set * place * SCALE
            prices = OnWeekdays(self, places, weekdays)
            dates = self._dates(prices, ceiling - extra)
            if dates:
                chosen = tuple(prices.placed(*one) for one in enumerate(dates.days))
                found = Choice(dates.cost + extra, dates, place, chosen, aim)
                ceiling = found.cost
        return found

    def _dates(self, prices: OnWeekdays, ceiling: int) -> Dates | None:
        course = course_of(self.request, max(self.book.days, default=None))
        return DateSearch(course, prices, self.effort).best(ceiling) if course else None

    def plan(self, choice: Choice, kind: str) -> Plan:
        """The choice with its chairs and instants, priced by the formula."""
        return priced_plan(self.request, choice.chosen, choice.set_place, kind)


class OnWeekdays:
    """Prices of the places on some weekdays, by days from the earliest one."""

    def __init__(self, search: Search, places: Places, weekdays: frozenset[int]) -> None:
        request = search.request
        first, possible = request.earliest_on.weekday(), request.patient.weekdays or ANY_DAY
        self.search, self.places = search, places
        self.allowed = [(first + day) % 7 in weekdays & possible for day in range(7)]
        rows: dict[int, dict[int, int]] = {shape: {} for shape in search.shapes}
        self.rows = [rows[shape] for shape in search.shapes]

    def usable(self, day: int) -> bool:
        return self.allowed[day % 7]

    def price(self, number: int, day: int) -> int:
        price = self.rows[number].get(day)
        if price is None:
            price = self.rows[number][day] = self._price(number, day)
        return price

    def _price(self, number: int, day: int) -> int:
        search = self.search
        shape, ordinal = search.shapes[number], search.first + day
        if not self.places.knows(shape, ordinal):
            search.effort.spend(PLACE_STEPS)
        placed = self.places.placed(shape, ordinal)
        return NEVER if placed is None else placed.price

    def placed(self, number: int, day: int) -> Placement:
        """Where a visit stands on a day that was chosen for it."""
        placed = self.places.placed(self.search.shapes[number], self.search.first + day)
        if placed is None:
            raise AssertionError("a chosen day has a place")
        return placed


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
