"""The exact series planner: the best plans, why there is none, and the check before a booking.

The cost of a plan, whole numbers, smaller is better (planner):

    early * (first day - earliest day) + day * sum(day - earliest day) + gap * sum|gap - target|
    + set * place of its weekday set
    + sum over visits of time * (|start - wished start| // 10 minutes)
      + chair * (chair is not the wished one) + frag * slivers
      + stagger * other visits that start in the same clock quarter
      + prime * (long, and in the hours of most demand) + slack * (leaves shortly before closing)

With `same_time` or `same_chair` the wished start or chair is the one that costs the plan least.
Gaps to fixed visits of the same series, before and after, count as gaps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from scheduler.planning.daybook import Day
from scheduler.planning.explain import day_words, weekday_words
from scheduler.planning.opening import local
from scheduler.planning.patient import date_refusals, time_refusals
from scheduler.planning.plan import Proposal, Stopped
from scheduler.planning.refusal import Refusal
from scheduler.planning.request import SeriesRequest
from scheduler.planning.searching.course import Effort
from scheduler.planning.searching.obstacles import Obstacles
from scheduler.planning.searching.offers import OfferBook
from scheduler.planning.searching.search import Search
from scheduler.planning.searching.variety import Variety
from scheduler.planning.searching.ways_out import ways_out

BEST, ANY, OTHERS, WHY, WAYS_OUT = 70_000, 30_000, 25_000, 20_000, 25_000
"""Steps that the parts of an answer may take (course.Effort): 250 ms together at the worst."""


class ChosenVisit(NamedTuple):
    """Where one visit of a request shall stand."""

    chair_id: int
    starts_at: datetime
    bay_id: int | None = None


def propose(days: Mapping[date, Day], request: SeriesRequest, k: int = 3) -> Proposal:
    """The true optimum of the cost and up to k - 1 plans that differ audibly, or why there is none.

    `days` is the calendar that is searched; a date that is not in it is not used. Never raises and
    always comes back soon: `proven` says whether the search went to its end.
    """
    if not request.shapes:
        return Proposal(stopped=Stopped("count", "", "There is no visit to plan."))
    book, effort = OfferBook(days), Effort(BEST)
    best = Search(book, request, effort).best()
    if best is None and not effort.lasts:
        best = Search(book, request, Effort(ANY)).soon()
    if best:
        others = Variety(book, request, best, Effort(OTHERS + max(effort.left, 0)))
        return Proposal(plans=others.plans(k), proven=effort.lasts)
    spare = max(effort.left, 0) // 2
    stopped = Obstacles(book, request, Effort(WHY + spare)).first()
    return Proposal(
        proven=effort.lasts,
        stopped=stopped,
        ways_out=ways_out(book, request, Effort(WAYS_OUT + spare), stopped.rule),
    )


def check_visits(
    days: Mapping[date, Day], request: SeriesRequest, chosen: Sequence[ChosenVisit]
) -> tuple[Refusal, ...]:
    """Every rule of the request that the chosen visits break; empty: they book.

    For the booking under lock: the same rules as the offer, both ways. `chosen` has one visit for
    each shape of the request, in order.
    """
    if len(chosen) != len(request.shapes):
        return (Refusal("count", f"The request is for {len(request.shapes)} visits."),)
    found: list[Refusal] = []
    dates = [_date_of(days, one.starts_at) for one in chosen]
    for number, one in enumerate(chosen):
        found += why_not(days, request, number, one)
    found += _series_refusals(request, dates)
    return tuple(found)


def why_not(
    days: Mapping[date, Day], request: SeriesRequest, number: int, chosen: ChosenVisit
) -> tuple[Refusal, ...]:
    """Every rule that one place breaks for visit `number` (from 0), gaps to other visits aside."""
    shape, on = request.shapes[number], _date_of(days, chosen.starts_at)
    found = [*_calendar_refusals(days, request, on), *date_refusals(on, request.patient, shape)]
    day = days.get(on)
    if day is not None:
        found += time_refusals(day, request.patient, shape, chosen.starts_at)
        kind = request.chair_kind
        found += day.refusals(shape, chosen.chair_id, chosen.starts_at, kind, chosen.bay_id)
    return tuple(found)


def _date_of(days: Mapping[date, Day], at: datetime) -> date:
    """The local date of the site; without a calendar the date in the instant's own zone."""
    zone = next((day.zone for day in days.values()), None)
    return local(zone, at).date() if zone else at.date()


def _calendar_refusals(
    days: Mapping[date, Day], request: SeriesRequest, on: date
) -> Iterator[Refusal]:
    if on not in days:
        yield Refusal("horizon", f"{day_words(on)} is outside the calendar.")
    if on < request.earliest_on:
        yield Refusal("horizon", f"{day_words(on)} is before {day_words(request.earliest_on)}.")
    if request.latest_on is not None and on > request.latest_on:
        yield Refusal("horizon", f"{day_words(on)} is after {day_words(request.latest_on)}.")


def _series_refusals(request: SeriesRequest, dates: Sequence[date]) -> Iterator[Refusal]:
    """Weekday set and spacing, of the new visits only: what was broken before stays out of it."""
    if not any(all(on.weekday() in days for on in dates) for days in request.sets):
        sets = " or ".join(weekday_words(days) for days in request.sets)
        yield Refusal("weekday", f"The visits keep to one set of weekdays: {sets}.")
    for broken in request.broken(dates):
        if broken.hard:
            yield Refusal(broken.rule, broken.sentence)
