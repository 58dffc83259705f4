"""Ways to book a request in the simulation: first fit, and the planner with a set of prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from scheduler.planning.daybook import Day
from scheduler.planning.request import SeriesRequest, Weights
from scheduler.planning.searching.course import Effort
from scheduler.planning.searching.offers import Aim, OfferBook
from scheduler.planning.searching.search import Search

Place = tuple[Day, int, datetime]
"""The day, the chair, the start."""


class Booker(Protocol):
    """Where a request goes, without booking it; nothing where it finds no place."""

    def places(self, days: Mapping[date, Day], request: SeriesRequest) -> Sequence[Place]: ...


@dataclass(frozen=True)
class Planner:
    """The planner's best plan (the first that `propose` gives) by these prices."""

    weights: Weights

    def places(self, days: Mapping[date, Day], request: SeriesRequest) -> Sequence[Place]:
        asked = replace(request, weights=self.weights)
        plan = Search(OfferBook(days), asked, Effort()).best()
        if plan is None:
            return ()
        return [(days[visit.on], visit.chair_id, visit.starts_at) for visit in plan.visits]


class FirstFit:
    """Each visit on the first day that suits, at its first free time, on the first chair. A series
    that is stuck begins again on the day after its first one: what a patient desk would do."""

    def places(self, days: Mapping[date, Day], request: SeriesRequest) -> Sequence[Place]:
        asked = replace(
            request, weights=Weights(frag=0), wishes=replace(request.wishes, start=None)
        )
        book, dates = OfferBook(days), [on for on in sorted(days) if on >= request.earliest_on]
        while dates:
            chosen = _from_first(book, asked, dates)
            if len(chosen) == len(request.shapes):
                return list(chosen.values())
            if not chosen:
                return ()
            dates = dates[dates.index(min(chosen)) + 1 :]
        return ()


def _from_first(
    book: OfferBook, request: SeriesRequest, dates: Sequence[date]
) -> dict[date, Place]:
    """As many visits as find a place, never looking back; all of them alike in shape."""
    shape, chosen = book.shape_number(request.shapes[0]), dict[date, Place]()
    for on in dates:
        if len(chosen) == len(request.shapes):
            break
        if not _is_legal(request, [*chosen, on]):
            continue
        found = book.best(request, shape, on, Aim(None, 0))
        if found:
            chosen[on] = (book.days[on], found.chair_id, found.starts_at)
    return chosen


def _is_legal(request: SeriesRequest, dates: list[date]) -> bool:
    partial = replace(request, shapes=request.shapes[: len(dates)])
    return not any(broken.hard for broken in partial.broken(dates))
