"""Suite `reaccommodate`: a day is shut; how many of its visits find places, and how fast."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from random import Random
from statistics import median

from scheduler.planning.reaccommodate import Reaccommodation, applied, reaccommodate
from tests.bench import goals
from tests.bench.closures import Closed, many
from tests.bench.figures import Figure
from tests.bench.instances import ClinicSettings
from tests.bench.stopwatch import milliseconds
from tests.oracle.resettling import most_placed

HUNDRED = ClinicSettings(chairs=100, weeks=4, load=85)
TWENTY = ClinicSettings(chairs=20, weeks=4, load=80)
FULL = ClinicSettings(chairs=20, weeks=4, load=92, fall=15)
SMALL = ClinicSettings(chairs=3, weeks=3, load=60, fall=0, grid=15, mix=((75, 60), (150, 40)))


def run(*, quick: bool) -> list[Figure]:
    return [
        *timed(
            "20-chair day, load 80 %",
            many(TWENTY, 3 if quick else 8),
            goal=goals.RESETTLE_TWENTY_MS,
        ),
        *timed(
            "100-chair day, load 85 %",
            many(HUNDRED, 1 if quick else 3),
            goal=goals.RESETTLE_HUNDRED_MS,
        ),
        *against_longer_search("20-chair day, load 92 %", many(FULL, 2 if quick else 5), quick),
        *against_solver(many(SMALL, 6 if quick else 20, seed=40)),
    ]


def timed(name: str, cases: Iterable[Closed], goal: float) -> list[Figure]:
    """One dry run each; its application gives what it said, or this raises."""
    times, lost, placed = [], [], 0
    for case in cases:
        times.append(milliseconds(partial(reaccommodate, case.days, case.affected)))
        answer = reaccommodate(case.days, case.affected)
        applied(case.days, answer)
        lost.append(len(case.affected))
        placed += len(case.affected) - len(answer.unplaced)
    where = f"{len(times)} closures, {name}, {min(lost)} to {max(lost)} displaced"
    share = 100 * placed / sum(lost)
    return [
        Figure(
            name="re-accommodation, median",
            value=median(times),
            unit="ms",
            goal=goal,
            conditions=where,
        ),
        Figure(name="  placed", value=share, unit="%", conditions=where),
    ]


def against_longer_search(name: str, cases: Iterable[Closed], quick: bool) -> list[Figure]:
    """The best known is the best of many runs with other orders and twenty times the tries."""
    own = best = 0
    for case in cases:
        placed = _placed(case, reaccommodate(case.days, case.affected).unplaced)
        own += placed
        best += max(placed, *(_long(case, seed) for seed in range(2 if quick else 8)))
    missing = 100 * (best - own) / max(best, 1)
    return [
        Figure(
            name="placements short of the best known",
            value=missing,
            unit="%",
            goal=goals.PLACED_SHORT_PERCENT,
            strict=True,
            conditions=f"{name}, {own} of {best}",
        )
    ]


def _long(case: Closed, seed: int) -> int:
    search = Reaccommodation(case.days, case.affected, tries=6_000)
    Random(seed).shuffle(search.jobs)
    return _placed(case, search.answer().unplaced)


def _placed(case: Closed, unplaced: tuple[object, ...]) -> int:
    return len(case.affected) - len(unplaced)


def against_solver(cases: Iterable[Closed]) -> list[Figure]:
    """Small closures against CP-SAT's proven most; there the other visits of a series stay."""
    own = proven = 0
    for case in cases:
        most = most_placed(case.days, case.affected)
        answer = reaccommodate(case.days, case.affected)
        own += min(_placed(case, answer.unplaced), most)
        proven += most
    missing = 100 * (proven - own) / max(proven, 1)
    return [
        Figure(
            name="placements short of CP-SAT's proven most",
            value=missing,
            unit="%",
            goal=goals.PLACED_SHORT_PERCENT,
            strict=True,
            conditions=f"small closures, {own} of {proven}",
        )
    ]
