"""Suite `scale`: how the time of the best plan grows with chairs, days and slots, and the widest
questions that can be asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import log
from statistics import median

from scheduler.planning.request import FILL_EARLY, SeriesRequest, Weights, Wishes
from scheduler.planning.schedules import Gap
from scheduler.planning.series import propose
from scheduler.planning.spacing import Spacing
from tests.bench import goals
from tests.bench.figures import Figure
from tests.bench.instances import ClinicSettings, RequestSettings, built, calendar, request
from tests.bench.situations import Situation
from tests.bench.stopwatch import interleaved

BASE = ClinicSettings(chairs=20, weeks=8, load=70)
ENDLESS = Gap(hard_min=1, target=1, soft_max=36_500)
Sized = tuple[int, ClinicSettings]


def run(*, quick: bool) -> list[Figure]:
    number = 6 if quick else 24
    chairs = (10, 100) if quick else (10, 300)
    by_days = [(weeks * 7, replace(BASE, weeks=weeks)) for weeks in (4, 16 if quick else 32)]
    by_chairs = [(n, replace(BASE, chairs=n)) for n in chairs]
    by_slots = [(600 // grid, replace(BASE, grid=grid, weeks=4)) for grid in (10, 1)]
    no_delay = replace(FILL_EARLY, early=0, day=0)
    return [
        growth("chairs", by_chairs, number, goals.CHAIRS_EXPONENT),
        growth("days", by_days, number, goals.DAYS_EXPONENT),
        growth("days, delay free", by_days, number, weights=no_delay),
        growth("slots a day", by_slots, number, goals.SLOTS_EXPONENT),
        *widest(ClinicSettings(chairs=60 if quick else 300, weeks=30 if quick else 52, load=8)),
    ]


def growth(
    what: str,
    sizes: Sequence[Sized],
    number: int,
    goal: float | None = None,
    weights: Weights = FILL_EARLY,
) -> Figure:
    """The exponent between the smallest and the largest: time ~ size ** exponent. Both sides take
    turns; requests that have a plan in both."""
    (small, first), (large, second) = sizes
    ratios = []
    for one, other in zip(*(asked(one, number, weights) for one in (first, second)), strict=True):
        if one.best_cost() is None or other.best_cost() is None:
            continue
        times = interleaved([one.best_cost, other.best_cost])
        ratios.append(times[1] / times[0])
    return Figure(
        name=f"growth with {what}, exponent",
        value=log(median(ratios)) / log(large / small),
        unit="",
        goal=goal,
        strict=goal is not None,
        conditions=f"{small} to {large}, {len(ratios)} requests, load {BASE.load} %",
    )


def asked(clinic: ClinicSettings, number: int, weights: Weights) -> Iterator[Situation]:
    """The same requests on one calendar."""
    facts = calendar(clinic, 5)
    days = built(facts)
    for seed in range(number):
        wanted = replace(request(clinic, RequestSettings(), seed), weights=weights)
        yield Situation(facts, days, wanted)


def widest(clinic: ClinicSettings) -> list[Figure]:
    """Long series, every visit of another length, gaps without limit, anchors over everything."""
    days = built(calendar(clinic, 1))
    shapes = tuple(clinic.shape(60 + number) for number in range(200))
    open_gaps, usual = Spacing(gap=ENDLESS), Spacing(gap=replace(ENDLESS, hard_min=3, hard_max=9))
    ask = partial(SeriesRequest, earliest_on=min(days))
    anchored = Wishes(same_time=True, same_chair=True)
    requests = {
        "200 visits, one shape": ask(shapes=shapes[:1] * 200, spacing=open_gaps),
        "200 visits, 200 shapes": ask(shapes=shapes, spacing=open_gaps),
        "40 visits, one time and chair": ask(
            shapes=shapes[:40], spacing=open_gaps, wishes=anchored
        ),
        "300 visits, no plan": ask(shapes=shapes[:1] * 300, spacing=usual),
    }
    where = f"{clinic.chairs} chairs x {clinic.weeks} weeks"
    return [
        Figure(
            name=f"whole answer: {name}",
            value=interleaved([partial(propose, days, one)], repeats=3)[0],
            unit="ms",
            goal=goals.ANY_ANSWER_MS,
            conditions=where,
        )
        for name, one in requests.items()
    ]
