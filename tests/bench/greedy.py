"""First fit: each visit on the first day that still suits, never looking back. What planning is
measured by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from scheduler.planning.daybook import Day
from scheduler.planning.request import SeriesRequest
from scheduler.planning.searching.course import Effort
from scheduler.planning.searching.offers import Aim, OfferBook
from scheduler.planning.searching.search import Search

DAY = timedelta(days=1)


def greedy_dates(days: Mapping[date, Day], request: SeriesRequest) -> list[date]:
    """The dates of the first weekday set in which first fit places all visits; none if it is
    stuck."""
    for weekdays in request.sets:
        dates = _on_weekdays(OfferBook(days), request, weekdays)
        if len(dates) == len(request.shapes):
            return dates
    return []


def _on_weekdays(book: OfferBook, request: SeriesRequest, weekdays: frozenset[int]) -> list[date]:
    chosen: list[date] = []
    aim = Aim(request.wishes.start, request.weights.time)
    numbers = Search(book, request, Effort()).shapes
    for on in sorted(book.days):
        if len(chosen) == len(numbers):
            break
        if on < request.earliest_on or on.weekday() not in weekdays:
            continue
        if _is_legal(request, [*chosen, on]) and book.best(request, numbers[len(chosen)], on, aim):
            chosen.append(on)
    return chosen


def _is_legal(request: SeriesRequest, dates: list[date]) -> bool:
    """So far; the gap to the visits that follow counts for the last new one only."""
    partial = replace(request, shapes=request.shapes[: len(dates)])
    if len(dates) < len(request.shapes):
        partial = replace(partial, before=())
    return not any(broken.hard for broken in partial.broken(dates))
