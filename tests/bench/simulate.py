"""Suite `simulate`: weeks of a clinic, request by request: how full, how soon, how near the wish.

For other settings: `python3 -m tests.bench.simulate_settings --help`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import mean

from scheduler.planning.daybook import Day
from scheduler.planning.interval import MINUTE
from scheduler.planning.request import FILL_EARLY, PATIENT_COMFORT, SeriesRequest, Weights
from tests.bench.figures import Figure
from tests.bench.goals import OF_THE_DAY_BOUND_PERCENT, OFF_THE_WISH_RATIO
from tests.bench.instances import DAY, ClinicSettings
from tests.bench.simulate_booking import Booker, FirstFit, Place, Planner
from tests.bench.simulate_bound import day_bound
from tests.bench.simulate_clinic import SimulationSettings, arrivals, empty_days, open_minutes

BOOKERS: dict[str, Booker] = {
    "first fit": FirstFit(),
    "fill early": Planner(FILL_EARLY),
    "fill early, no lost time": Planner(Weights(frag=0, tight=3)),
    "comfort with slivers": Planner(replace(PATIENT_COMFORT, frag=6, tight=0)),
    "patient comfort": Planner(PATIENT_COMFORT),
}
"""Patient comfort prices lost chair time; the two in the middle show what that price does."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Utilisation and shares in percent, the wait in days, the deviation in minutes; `bound` is the
    integer bound of the days as a share of their open chair minutes."""

    utilisation: float
    bound: float
    wait: float
    deviation: float
    placed: float


def run(*, quick: bool) -> list[Figure]:
    demands, seeds = ((110,), (1,)) if quick else ((90, 100, 110, 130), range(1, 6))
    names = ("first fit", "fill early", "patient comfort") if quick else tuple(BOOKERS)
    found: list[Figure] = []
    for demand in demands:
        settings = SimulationSettings(demand=demand)
        outcomes = {name: averaged(BOOKERS[name], settings, seeds) for name in names}
        where = f"12 chairs, demand {demand} %, 20 weeks, {len(seeds)} seed(s)"
        for name, outcome in outcomes.items():
            found += figures(f"{name}, {demand} %", outcome, where)
        found += goals(outcomes["patient comfort"], outcomes["first fit"], where, not quick)
    return found


def figures(name: str, outcome: Outcome, where: str) -> list[Figure]:
    """What came out, for the reader; the goals stand apart."""
    rows = (
        ("of the day bound", outcome.utilisation, "%"),
        ("days to the first visit", outcome.wait, "d"),
        ("off the wished time", outcome.deviation, "min"),
        ("visits placed", outcome.placed, "%"),
    )
    return [
        Figure(name=f"{name}: {what}", value=round(value, 1), unit=unit, conditions=where)
        for what, value, unit in rows
    ]


def goals(own: Outcome, first_fit: Outcome, where: str, strict: bool) -> list[Figure]:
    """All three at once, by one set of prices (planner); a single seed is noise and only warns."""
    used = Figure(
        name="patient comfort: of the day bound, goal",
        value=round(own.utilisation, 1),
        unit="%",
        goal=OF_THE_DAY_BOUND_PERCENT,
        more_is_better=True,
        strict=strict,
        conditions=where,
    )
    nearer = replace(
        used,
        name="patient comfort: off the wish / first fit's",
        value=round(own.deviation / first_fit.deviation, 3),
        unit="x",
        goal=OFF_THE_WISH_RATIO,
        more_is_better=False,
    )
    fewer = replace(
        nearer,
        name="patient comfort: fewer visits placed than first fit",
        value=round(first_fit.placed - own.placed, 1),
        unit="points",
        goal=0,
    )
    return [used, nearer, fewer]


def averaged(booker: Booker, settings: SimulationSettings, seeds: Iterable[int]) -> Outcome:
    every = [simulated(booker, replace(settings, seed=seed)) for seed in seeds]
    return Outcome(**{name: mean(vars(one)[name] for one in every) for name in vars(every[0])})


def simulated(booker: Booker, settings: SimulationSettings) -> Outcome:
    """Requests are booked as they come, on the days of the horizon that follow; those of the
    measured weeks count, and what stands on these weeks' days in the end."""
    days = empty_days(settings)
    asked, (first, until) = arrivals(settings, days), settings.measured
    answers: list[tuple[SeriesRequest, Sequence[Place]]] = []
    for on in sorted(days):
        ahead = {then: days[then] for then in _horizon(on, settings) if then in days}
        for request in asked[on] if on < until else ():
            places = booker.places(ahead, request)
            for (day, chair_id, starts_at), shape in zip(places, request.shapes, strict=False):
                day.book(shape, chair_id, starts_at)
            if on >= first:
                answers.append((request, places))
    measured = {on: day for on, day in days.items() if first <= on < until}
    return _outcome(settings.clinic, measured, answers)


def _horizon(on: date, settings: SimulationSettings) -> list[date]:
    return [on + DAY * ahead for ahead in range(1, 7 * settings.horizon_weeks + 1)]


def _outcome(
    clinic: ClinicSettings,
    days: Mapping[date, Day],
    answers: Sequence[tuple[SeriesRequest, Sequence[Place]]],
) -> Outcome:
    bound = sum(day_bound(clinic, day.facts) for day in days.values())
    held = sum(one.shape.chair_minutes for day in days.values() for one in day.held)
    placed = [(request, places) for request, places in answers if places]
    asked = sum(len(request.shapes) for request, _ in answers)
    return Outcome(
        utilisation=100 * held / bound,
        bound=100 * bound / sum(open_minutes(day) for day in days.values()),
        wait=mean((places[0][0].on - request.earliest_on).days for request, places in placed),
        deviation=mean(_off(request, place) for request, places in placed for place in places),
        placed=100 * sum(len(places) for _, places in placed) / asked,
    )


def _off(request: SeriesRequest, place: Place) -> int:
    """Minutes between the start and the wished time."""
    day, _, starts_at = place
    wish = request.wishes.start
    if wish is None:
        raise AssertionError("every request of the simulation wishes a time")
    return abs((starts_at - day.grid.midnight) // MINUTE - day.grid.wall_minute(wish))
