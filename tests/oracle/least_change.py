"""The least change of a series by plain loops: every combination of dates is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from scheduler.planning.replan import Added, Away, Change, Lost, MustStand, RunningSeries
from scheduler.planning.replan import StandingVisit as Visit
from scheduler.planning.request import SeriesRequest, TimeWindow
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.spacing import Spacing
from tests.oracle.day import minute_of
from tests.oracle.series import Calendar, allowed_starts

Option = tuple[date, bool, int]
"""A date, whether the visit stays there, and minutes off its time of day."""


def least_change(
    calendar: Calendar, series: RunningSeries, change: Change
) -> tuple[int, int, int] | None:
    """(price of the moves, days off the target gap of added visits, minutes); None: impossible."""
    best: tuple[int, int, int] | None = None
    known: dict[int, list[Option]] = {}
    numbers = [visit.number for visit in series.visits]
    for order in _orders(series, change):
        for visit in order:
            if visit.number not in known:
                known[visit.number] = list(_options(calendar, series, change, visit))
        options = [known[visit.number] for visit in order]
        if [visit.number for visit in order if visit.number] != numbers:
            options = [
                found if visit.number in _asked(change) else [one for one in found if one[1]]
                for visit, found in zip(order, options, strict=True)
            ]
        for chosen in _spaced(order, options, series):
            price = _price(order, chosen, series.spacing)
            if (best is None or price < best) and not _broken(chosen, series.spacing):
                best = price
    return best


def _asked(change: Change) -> frozenset[int]:
    if isinstance(change, MustStand):
        return frozenset({change.number})
    return change.numbers if isinstance(change, Lost) else frozenset()


def _orders(series: RunningSeries, change: Change) -> Iterator[list[Visit]]:
    """The visits in order, and with the one that is asked to move anywhere among its likes (then
    these stay)."""
    visits, asked = list(series.visits), _asked(change)
    if isinstance(change, Added):
        last = visits[-1]
        for shape in change.shapes:
            visits.append(replace(last, number=0, shape=shape, fixed=False))
    yield visits
    if len(asked) != 1:
        return
    own = next(n for n, visit in enumerate(visits) if visit.number in asked)
    for place in range(len(visits)):
        between = visits[min(own, place) : max(own, place) + 1]
        if place != own and len({visit.shape for visit in between}) == 1:
            others = [visit for visit in visits if visit is not visits[own]]
            yield [*others[:place], visits[own], *others[place:]]


def _options(
    calendar: Calendar, series: RunningSeries, change: Change, visit: Visit
) -> Iterator[Option]:
    asked, added = visit.number in _asked(change), visit.number == 0
    away = isinstance(change, Away) and _away(change, visit.on)
    if visit.fixed or not (asked or added or away):
        yield visit.on, True, 0
    if visit.fixed:
        return
    for on in calendar:
        if (asked or added or away or on != visit.on) and _date_may_be(series, change, on, asked):
            minutes = _minutes(calendar, series, change if asked else None, visit, on)
            if minutes is not None:
                yield on, False, minutes


def _away(change: Away, on: date) -> bool:
    return change.from_on <= on <= (change.until_on or date.max)


def _date_may_be(series: RunningSeries, change: Change, on: date, asked: bool) -> bool:
    if series.latest_on is not None and on > series.latest_on:
        return False
    if isinstance(change, Away) and _away(change, on):
        return False
    late = isinstance(change, Lost) and asked and change.from_on is not None
    return not late or on >= change.from_on  # type: ignore[union-attr,operator]


def _minutes(
    calendar: Calendar,
    series: RunningSeries,
    change: Change | None,
    visit: Visit,
    on: date,
) -> int | None:
    """How far the nearest start that may be had lies from the visit's time of day."""
    facts = calendar[on].facts
    wall = visit.starts_at.astimezone(facts.zone).time()
    wished = minute_of(facts, datetime.combine(on, wall, tzinfo=facts.zone))
    by_name = replace(series.patient, weekdays=ANY_DAY, window=TimeWindow())
    question = SeriesRequest(
        shapes=(visit.shape,),
        earliest_on=date.min,
        patient=by_name if isinstance(change, MustStand) else series.patient,
        chair_kind=series.chair_kind,
    )
    starts = allowed_starts(calendar, question, visit.shape, on)
    if isinstance(change, MustStand):
        if change.starts_at.astimezone(facts.zone).date() != on:
            return None
        asked = minute_of(facts, change.starts_at)
        chairs = {start.chair_id for start in starts if start.minute == asked}
        free = chairs if change.chair_id is None else chairs & {change.chair_id}
        return abs(asked - wished) if free else None
    return min((abs(start.minute - wished) for start in starts), default=None)


def _price(
    order: Sequence[Visit], chosen: Sequence[Option], spacing: Spacing
) -> tuple[int, int, int]:
    price = off = 0
    for place, (visit, (on, stays, _)) in enumerate(zip(order, chosen, strict=True)):
        if visit.number == 0:
            off += abs((on - chosen[place - 1][0]).days - spacing.gap.target)
        elif not stays:
            price += (10 if visit.confirmed else 4) * (1 + abs((on - visit.on).days))
    return price, off, sum(minutes for _, _, minutes in chosen)


def _spaced(
    order: Sequence[Visit], options: Sequence[list[Option]], series: RunningSeries
) -> list[tuple[Option, ...]]:
    """All choices whose gaps are allowed; one between visits that stay as neighbours is."""
    gap = series.spacing.gap
    neighbours = {(a.number, b.number) for a, b in pairwise(series.visits)}
    found: list[tuple[Option, ...]] = [(one,) for one in options[0]]
    for (before, visit), following in zip(pairwise(order), options[1:], strict=True):
        as_before = (before.number, visit.number) in neighbours
        found = [
            (*chosen, one)
            for chosen in found
            for one in following
            if (as_before and chosen[-1][1] and one[1])
            or max(1, gap.hard_min) <= (one[0] - chosen[-1][0]).days <= (gap.hard_max or 10_000)
        ]
    return found


def _broken(chosen: Sequence[Option], spacing: Spacing) -> bool:
    """Too many in 7 days, or too long, and not by visits alone that stay."""
    for on, *_ in chosen:
        week = [one for one in chosen if timedelta(0) <= on - one[0] <= timedelta(6)]
        crowd = spacing.max_per_7d is not None and len(week) > spacing.max_per_7d
        if crowd and not all(stays for _, stays, _ in week):
            return True
    first, last = chosen[0], chosen[-1]
    long = spacing.max_days is not None and (last[0] - first[0]).days > spacing.max_days
    return long and not (first[1] and last[1])
