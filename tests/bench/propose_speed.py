"""How long proposals take: the usual question at 12 chairs, odd questions, and 100 chairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from statistics import median

from tests.bench import goals
from tests.bench.figures import Figure
from tests.bench.instances import ClinicSettings, built, calendar
from tests.bench.situations import CLINIC_12, CLINIC_100, Situation, situations
from tests.bench.stopwatch import interleaved, percentile

Sides = Callable[[Situation], list[Callable[[], object]]]


def twelve_chairs(number: int) -> list[Figure]:
    """Requests that can be planned: the usual case at the desk."""
    rows = measured(
        situations(CLINIC_12, number, seed=500),
        lambda one: [one.best_cost, partial(one.plans, 3), one.build],
    )
    best, three, build = zip(*rows, strict=True)
    where = f"{len(rows)} requests, 12 chairs x 8 weeks, load 85 %"
    return [
        Figure(name="best plan, median", value=median(best), unit="ms", conditions=where),
        Figure(name="best plan, p95", value=percentile(best, 95), unit="ms", conditions=where),
        Figure(
            name="three plans, median", value=median(three), unit="ms", goal=5, conditions=where
        ),
        Figure(name="three plans, p95", value=percentile(three, 95), unit="ms", conditions=where),
        Figure(name="calendar of 56 days built", value=median(build), unit="ms", conditions=where),
    ]


def odd_questions() -> list[Figure]:
    """Without a wished hour starts are drawn together; without a plan, ways out are looked for."""
    situation = next(situations(CLINIC_12, 1, seed=500))
    asked = situation.request
    limit = goals.ANY_ANSWER_MS
    no_wish = replace(asked, wishes=replace(asked.wishes, start=None))
    one_time = replace(no_wish, wishes=replace(no_wish.wishes, same_time=True))
    full = calendar(ClinicSettings(chairs=12, load=130, fall=0), 1)
    wishless, stopped, anchored = interleaved(
        [
            partial(replace(situation, request=no_wish).plans, 3),
            partial(Situation(full, built(full), asked).plans, 3),
            partial(replace(situation, request=one_time).plans, 1),
        ]
    )
    return [
        Figure(name="three plans without a wished hour", value=wishless, unit="ms", goal=limit),
        Figure(name="why there is no plan, and ways out", value=stopped, unit="ms", goal=limit),
        Figure(name="one time of day as a wish, exact", value=anchored, unit="ms", goal=limit),
    ]


def hundred_chairs(number: int) -> list[Figure]:
    rows = measured(
        situations(CLINIC_100, number, seed=900),
        lambda one: [one.best_cost, partial(one.plans, 5), one.three_weeks_of_starts],
    )
    best, five, starts = zip(*rows, strict=True)
    where = f"{len(rows)} requests, 100 chairs x 8 weeks, near-day load 92 %"
    return [
        Figure(name="best plan, median", value=median(best), unit="ms", conditions=where),
        Figure(
            name="best plan, p95",
            value=percentile(best, 95),
            unit="ms",
            goal=goals.BEST_P95_MS,
            conditions=where,
        ),
        Figure(name="top 5, median", value=median(five), unit="ms", conditions=where),
        Figure(
            name="top 5, p95",
            value=percentile(five, 95),
            unit="ms",
            goal=goals.TOP_FIVE_P95_MS,
            conditions=where,
        ),
        Figure(
            name="all free starts, 3 weeks",
            value=median(starts),
            unit="ms",
            goal=goals.ALL_STARTS_MS,
            conditions=where,
        ),
    ]


def measured(found: Iterator[Situation], sides: Sides) -> list[list[float]]:
    """Milliseconds of each side, for the requests that have a plan."""
    return [interleaved(sides(one)) for one in found if one.best_cost() is not None]
