"""A simulated clinic: empty days, patients who ask for series and single visits, all from a
seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from statistics import mean

from scheduler.planning.daybook import Day
from scheduler.planning.request import SeriesRequest
from tests.bench.instances import (
    DAY,
    ClinicSettings,
    RequestSettings,
    built,
    calendar,
    request,
)

TWELVE_CHAIRS = ClinicSettings()
SERIES = 6
HORIZON_OF_CLOSURES = 8
"""A clinic's `closures` are those of eight weeks."""


@dataclass(frozen=True, kw_only=True)
class SimulationSettings:
    """`demand` is percent of the open chair minutes that are asked for; `singles_percent` of the
    visits are single ones, the others stand in series of six."""

    clinic: ClinicSettings = TWELVE_CHAIRS
    demand: int = 100
    warm_up_weeks: int = 8
    weeks: int = 20
    horizon_weeks: int = 8
    singles_percent: int = 10
    seed: int = 1

    @property
    def measured(self) -> tuple[date, date]:
        """First measured date and the one after the last."""
        first = self.clinic.first_on + DAY * 7 * self.warm_up_weeks
        return first, first + DAY * 7 * self.weeks


def empty_days(settings: SimulationSettings) -> dict[date, Day]:
    """All dates that may ever be booked, with their sick nurses, outages and closures."""
    clinic = settings.clinic
    weeks = settings.warm_up_weeks + settings.weeks + settings.horizon_weeks + 1
    closures = clinic.closures * weeks // HORIZON_OF_CLOSURES
    return built(calendar(replace(clinic, weeks=weeks, load=0, closures=closures), settings.seed))


def open_minutes(day: Day) -> int:
    """Chair minutes in which the site is open: out of service is not open."""
    return sum(span.minutes for chair in day.facts.chairs for span in chair.open)


def arrivals(
    settings: SimulationSettings, days: Mapping[date, Day]
) -> dict[date, list[SeriesRequest]]:
    """Requests by the date on which they come: a Poisson stream on working days. They wish for an
    hour, none for a chair; their earliest day is one of the next five."""
    rng, clinic = Random(f"arrivals {settings.seed}"), settings.clinic
    visits = settings.demand / 100 * _visits_a_day(clinic, days)
    rates = {
        SERIES: visits * (100 - settings.singles_percent) / 100 / SERIES,
        1: visits * settings.singles_percent / 100,
    }
    found, number = {}, 0
    for on in sorted(days):
        asked: list[SeriesRequest] = []
        for count, rate in rates.items() if on.weekday() in clinic.weekdays else ():
            for _ in range(_poisson(rng, rate)):
                number += 1
                asked.append(_request(settings, on, count, number))
        rng.shuffle(asked)
        found[on] = asked
    return found


def _visits_a_day(clinic: ClinicSettings, days: Mapping[date, Day]) -> float:
    """As many as would fill the chairs of a working day, closures and outages counted."""
    working = [open_minutes(day) for on, day in days.items() if on.weekday() in clinic.weekdays]
    shares = sum(share for _, share in clinic.mix)
    claim = sum((minutes + clinic.turnaround) * share for minutes, share in clinic.mix) / shares
    return mean(working) / claim


def _request(settings: SimulationSettings, on: date, count: int, number: int) -> SeriesRequest:
    clinic = replace(settings.clinic, first_on=on + DAY)
    asked = request(clinic, RequestSettings(count=count), settings.seed * 1_000_003 + number)
    return replace(asked, wishes=replace(asked.wishes, chair_id=None))


def _poisson(rng: Random, rate: float) -> int:
    """How many of a stream come in one day."""
    number, passed = 0, rng.expovariate(rate) if rate else 2.0
    while passed < 1:
        number += 1
        passed += rng.expovariate(rate)
    return number
