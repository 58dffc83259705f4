"""Why no plan starts sooner, and what would make one start sooner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from scheduler.planning.daybook import Day
from scheduler.planning.explain import day_words
from scheduler.planning.plan import Stopped, WayOut
from scheduler.planning.request import SeriesRequest
from scheduler.planning.searching.course import Effort
from scheduler.planning.searching.obstacles import Obstacles
from scheduler.planning.searching.offers import OfferBook
from scheduler.planning.searching.ways_out import ways_out


@dataclass(frozen=True)
class Sooner:
    """What stands before `first_on`, in a sentence, and relaxations whose plans start before it."""

    first_on: date
    stopped: Stopped
    ways_out: tuple[WayOut, ...]

    @property
    def sentence(self) -> str:
        """As "Nothing starts before Tue 4 May. The chairs are full on Tue and Thu mornings until
        Thu 29 Apr."."""
        return f"Nothing starts before {day_words(self.first_on)}. {self.stopped.sentence}"


def why_not_sooner(
    days: Mapping[date, Day], request: SeriesRequest, first_on: date
) -> Sooner | None:
    """Of a request whose offered plans start on `first_on` at the earliest.

    None where a plan does start sooner, only at a higher cost, or where the search found no reason.
    """
    book = OfferBook(days)
    stopped = Obstacles(book, request, Effort()).before(first_on)
    if stopped is None:
        return None
    sooner = (way for way in ways_out(book, request, Effort()) if way.plan.first_on < first_on)
    return Sooner(first_on, stopped, tuple(sooner))
