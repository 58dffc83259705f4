"""The best plan of one request: every weekday set, exact dates, the best place on each date."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.planning.plan import Plan
from scheduler.planning.request import SeriesRequest
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.searching.anchors import Anchors
from scheduler.planning.searching.course import NEVER, Dates, Effort
from scheduler.planning.searching.course_of import course_of
from scheduler.planning.searching.date_search import DateSearch
from scheduler.planning.searching.first_fit import FirstFit
from scheduler.planning.searching.offers import SCALE, Aim, OfferBook, Placement, Places
from scheduler.planning.searching.priced import Chosen, priced_plan

PLACE_STEPS, CHAIRS_A_STEP = 15, 5
"""What finding the best place on one day costs in steps of an Effort, and one for so many
chairs. With another aim only, its starts being known, it costs less."""
AIM_STEPS = 8


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
        self.course = course_of(request, max(book.days, default=None))
        self.place_steps = PLACE_STEPS + book.most_chairs // CHAIRS_A_STEP

    def best(self, kind: str = "best") -> Plan | None:
        """The true optimum of the cost. Without a wished time the starts are drawn together (SO3)
        as far as that costs nothing."""
        choice = self.cheapest()
        return self.plan(choice, kind) if choice else None

    def cheapest(self) -> Choice | None:
        """Days, starts and chairs of the best plan, not yet priced term by term."""
        return Anchors(self).cheapest()

    def soon(self, kind: str = "best") -> Plan | None:
        """Any plan, the first that is found: for when the best one took too long."""
        if self.course is None:
            return None
        places = self.book.places(self.request, Aim.of(self.request))
        for place, weekdays in enumerate(self.request.sets):
            prices = OnWeekdays(self, places, weekdays)
            dates = FirstFit(DateSearch(self.course, prices, self.effort)).dates()
            if dates:
                chosen = tuple(prices.placed(*one) for one in enumerate(dates.days))
                return self.plan(Choice(dates.cost, dates, place, chosen, places.aim), kind)
        return None

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
        course = self.course
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
            if not search.effort.lasts:
                return NEVER
            again = self.places.knows_starts(shape, ordinal)
            search.effort.spend(AIM_STEPS if again else search.place_steps)
        placed = self.places.placed(shape, ordinal)
        return NEVER if placed is None else placed.price

    def placed(self, number: int, day: int) -> Placement:
        """Where a visit stands on a day that was chosen for it."""
        placed = self.places.placed(self.search.shapes[number], self.search.first + day)
        if placed is None:
            raise AssertionError("a chosen day has a place")
        return placed
