"""One calendar and one request, as the suites measure them; clinics of known sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from scheduler.planning.day_facts import DayFacts
from scheduler.planning.daybook import Day
from scheduler.planning.plan import Proposal
from scheduler.planning.request import SeriesRequest
from scheduler.planning.searching.course import Effort
from scheduler.planning.searching.offers import OfferBook
from scheduler.planning.searching.search import Search
from scheduler.planning.series import propose
from tests.bench.instances import (
    DAILY,
    THREE_A_WEEK,
    ClinicSettings,
    RequestSettings,
    built,
    calendar,
    request,
)

CLINIC_12 = ClinicSettings(chairs=12, weeks=8, load=85)
CLINIC_100 = ClinicSettings(chairs=100, weeks=8, load=92)
SHORT_DAYS = ClinicSettings(
    chairs=8,
    load=70,
    opens=time(9),
    closes=time(15),
    grid=10,
    turnaround=15,
    mix=((105, 70), (185, 30)),
    patients_per_nurse=3,
    nurse_share=33,
)
KINDS = (
    RequestSettings(),
    RequestSettings(first_longer=True),
    RequestSettings(gap=DAILY, per_week=5, span=13, sets=THREE_A_WEEK),
)
CALENDAR_SHARED_BY = 4


@dataclass(frozen=True)
class Situation:
    facts: dict[date, DayFacts]
    days: dict[date, Day]
    request: SeriesRequest

    def best_cost(self) -> int | None:
        """The best plan alone, from fresh offers: nothing is carried over from a repeat."""
        plan = Search(OfferBook(self.days), self.request, Effort()).best()
        return plan.cost if plan else None

    def plans(self, number: int) -> Proposal:
        return propose(self.days, self.request, number)

    def build(self) -> dict[date, Day]:
        return built(self.facts)

    def three_weeks_of_starts(self) -> list[int]:
        """The planes of all free starts of the first 21 days."""
        shape, days = self.request.shapes[-1], list(self.days.values())[:21]
        print_ = days[0].footprint(shape)
        return [day.starts(print_) for day in days]


def situations(clinic: ClinicSettings, number: int, seed: int = 0) -> Iterator[Situation]:
    """Requests of all three kinds in turn, a few on each calendar."""
    for place in range(number):
        if place % CALENDAR_SHARED_BY == 0:
            facts = calendar(clinic, seed + place)
            days = built(facts)
        asked = request(clinic, KINDS[place % len(KINDS)], seed + place)
        yield Situation(facts, days, asked)
