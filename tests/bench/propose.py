"""Suite `propose`: is the best plan the proven optimum, how fast is it, what does greedy miss."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from statistics import median

from tests.bench import goals, propose_speed
from tests.bench.cadences import CADENCES, cadence_request
from tests.bench.figures import Figure
from tests.bench.greedy import greedy_dates
from tests.bench.instances import built, mixed_request
from tests.bench.situations import CLINIC_12, CLINIC_100, SHORT_DAYS, Situation, situations
from tests.bench.stopwatch import REPEATS, interleaved
from tests.oracle.referee import Candidate, Referee, candidates, optimum
from tests.oracle.series import plain


def run(*, quick: bool) -> list[Figure]:
    return [
        *exactness(24 if quick else 300),
        *every_cadence(21 if quick else 300),
        *against_solver(
            "12 chairs x 8 weeks, load 85 %", situations(CLINIC_12, 2 if quick else 20)
        ),
        *against_solver(
            "8 chairs, 6 h days, grid 10", situations(SHORT_DAYS, 3 if quick else 12), goal=None
        ),
        *([] if quick else largest()),
        *propose_speed.twelve_chairs(8 if quick else 80),
        *propose_speed.odd_questions(),
        *propose_speed.hundred_chairs(4 if quick else 60),
    ]


def exactness(number: int) -> list[Figure]:
    """Small instances of every kind: the same feasibility and cost as the proven optimum."""
    wrong = missed = greedy_missed = feasible = 0
    for seed in range(1000, 1000 + number):
        facts, asked = mixed_request(seed)
        days = built(facts)
        best, least = Situation(facts, days, asked).best_cost(), optimum(plain(facts), asked)
        wrong += best != least
        if least is not None:
            feasible += 1
            missed += best is None
            greedy_missed += not greedy_dates(days, asked)
    where = f"{number} small instances, {feasible} with a plan"
    share = 100 * greedy_missed / max(feasible, 1)
    return [
        exact("cost unlike the proven optimum", wrong, where),
        exact("series missed", missed, where),
        Figure(name="series that first fit misses", value=share, unit="%", conditions=where),
    ]


def every_cadence(number: int) -> list[Figure]:
    """Weeks, months, fixed days, runs, cycles, spread, named visits, in turn."""
    wrong = feasible = 0
    for seed in range(number):
        facts, asked = cadence_request(seed)
        days = built(facts)
        best = Situation(facts, days, asked).best_cost()
        least = optimum(plain(facts), asked, one_a_day=True)
        wrong += best != least
        feasible += least is not None
    where = f"{number} instances of {len(CADENCES)} cadences, {feasible} with a plan"
    return [exact("cost unlike the proven optimum, every cadence", wrong, where)]


def against_solver(
    name: str,
    found: Iterator[Situation],
    repeats: int = REPEATS,
    goal: float | None = goals.SOLVER_RATIO,
) -> list[Figure]:
    """The best plan against CP-SAT (build and solve, 2 workers), taking turns on each instance."""
    pairs, wrong = [], 0
    for situation in found:
        starts = candidates(plain(situation.facts), situation.request)
        if not all(starts):
            wrong += situation.best_cost() is not None
            continue
        solve = partial(solved, situation, starts)
        wrong += situation.best_cost() != solve()
        pairs.append(interleaved([situation.best_cost, solve], repeats))
    where = f"{len(pairs)} instances, {name}"
    ratio = median(own / solver for own, solver in pairs)
    own, solver = (median(side) for side in zip(*pairs, strict=True))
    return [
        exact("cost unlike the proven optimum", wrong, where),
        Figure(
            name="best plan / CP-SAT",
            value=ratio,
            unit="x",
            goal=goal,
            strict=True,
            conditions=where,
        ),
        Figure(name="  best plan, median", value=own, unit="ms", conditions=where),
        Figure(name="  CP-SAT, median", value=solver, unit="ms", conditions=where),
    ]


def solved(situation: Situation, starts: list[list[Candidate]]) -> int | None:
    return Referee(situation.request, starts).optimum()


def largest() -> list[Figure]:
    where, goal = "100 chairs x 8 weeks, load 92 %", goals.SOLVER_RATIO_HUNDRED
    return against_solver(where, situations(CLINIC_100, 4), repeats=2, goal=goal)


def exact(name: str, wrong: int, where: str) -> Figure:
    return Figure(name=name, value=wrong, unit="plans", goal=0, strict=True, conditions=where)
