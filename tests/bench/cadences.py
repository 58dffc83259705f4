"""Requests of every cadence, from a seed: months, named visits, runs and cycles, fixed days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from scheduler.planning.day_facts import DayFacts
from scheduler.planning.request import SeriesRequest
from scheduler.planning.schedules import Gap
from scheduler.planning.spacing import Anchored, Spacing
from tests.bench.instances import (
    MIX,
    NEW_YORK,
    ClinicSettings,
    RequestSettings,
    calendar,
    request,
)

DAY = timedelta(days=1)
CADENCES = ("weeks", "months", "offsets", "run", "cycle", "spread", "named")


def cadence_request(seed: int) -> tuple[dict[date, DayFacts], SeriesRequest]:
    """A small clinic and a request; one in three has visits that stay before or after the new
    ones."""
    rng = Random(f"cadence {seed}")
    count, spacing = cadence_spacing(seed)
    clinic = _clinic(CADENCES[seed % len(CADENCES)], rng)
    asked = RequestSettings(count=count, limited_percent=30, first_longer=rng.random() < 0.4)
    wanted = replace(request(clinic, asked, seed), spacing=spacing)
    return calendar(clinic, seed), _with_fixed(wanted, rng)


def _clinic(kind: str, rng: Random) -> ClinicSettings:
    return ClinicSettings(
        chairs=rng.randint(1, 2 if kind == "months" else 3),
        weeks=rng.choice([12, 14]) if kind == "months" else rng.choice([5, 7]),
        load=rng.choice([0, 10, 30, 60]),
        closes=rng.choice([time(13), time(14)]),
        grid=rng.choice([12, 15]),
        mix=rng.choice([MIX, ((45, 50), (100, 50))]),
        patients_per_nurse=rng.choice([2, 3]),
        weekdays=frozenset(rng.choice([range(5), range(6), range(7)])),
        zone=rng.choice([NEW_YORK, ZoneInfo("Europe/Berlin")]),
        first_on=rng.choice([date(2027, 1, 27), date(2027, 3, 8), date(2026, 10, 19)]),
        closures=rng.choice([0, 2, 5]),
    )


def cadence_spacing(seed: int) -> tuple[int, Spacing]:
    """How many visits, and what they keep."""
    rng, kind = Random(f"spacing {seed}"), CADENCES[seed % len(CADENCES)]
    per_week, span = rng.choice([None, None, None, 2, 3]), rng.choice([None, None, None, 24])
    if kind == "weeks":
        weeks = rng.choice([1, 1, 2])
        gap = Gap(hard_min=-2, target=0, soft_max=2, hard_max=rng.choice([2, 4, None]))
        return rng.randint(1, 5), Spacing(gap=gap.later(7 * weeks), max_days=span)
    if kind == "months":
        gap = Gap(
            hard_min=-rng.choice([1, 5, 40]), target=0, soft_max=3, hard_max=rng.choice([2, 9])
        )
        return rng.randint(2, 3), Spacing(gap=gap, months=rng.choice([1, 1, 2]))
    if kind == "offsets":
        return _offsets(rng, per_week, span)
    if kind == "spread":
        gap = Gap(hard_min=2, target=3, soft_max=5)
        return rng.randint(3, 5), Spacing(gap=gap, max_per_7d=3, max_days=13)
    if kind == "named":
        return _anywhere(rng, per_week)
    return _runs(rng, per_week, span, cycles=rng.randint(2, 3) if kind == "cycle" else 1)


def _around(days: int, rng: Random) -> Gap:
    before, after = rng.choice([(0, 0), (1, 1), (1, 2), (2, 4)])
    return Gap(hard_min=days - before, target=days, soft_max=days + after, hard_max=days + after)


def _offsets(rng: Random, per_week: int | None, span: int | None) -> tuple[int, Spacing]:
    """Fixed days after the first visit, or after a date before it."""
    days = sorted(rng.sample(range(1, 30), rng.randint(2, 4)))
    on = rng.choice([None, None, date(2027, 1, 24), date(2027, 3, 1), date(2026, 10, 12)])
    anchored = [
        Anchored(number=place, gap=_around(day, rng), of=None if on else 1, on=on)
        for place, day in enumerate(days, 1 if on else 2)
    ]
    count = len(days) + (0 if on else 1)
    return count, Spacing(anchored=tuple(anchored), max_per_7d=per_week, max_days=span)


def _runs(rng: Random, per_week: int | None, span: int | None, cycles: int) -> tuple[int, Spacing]:
    """Days on end, the same again from the start of the run before."""
    each = rng.randint(1, 4)
    widest = rng.choice([1, 3, 4])
    gap = Gap(hard_min=1, target=1, soft_max=widest, hard_max=widest)
    months = rng.choice([0, 0, 0, 1]) if cycles == 2 else 0
    apart = _around(0 if months else rng.choice([10, 14]), rng)
    anchored = tuple(
        Anchored(number=run * each + 1, gap=apart, months=months, of=(run - 1) * each + 1)
        for run in range(1, cycles)
    )
    limited = Spacing(gap=gap, anchored=anchored, max_per_7d=per_week, max_days=span)
    free = replace(limited, max_per_7d=None, max_days=None)
    return each * cycles, rng.choice([limited, free])


def _anywhere(rng: Random, per_week: int | None) -> tuple[int, Spacing]:
    """Visits that count from any one before them, more than one at a time."""
    count = rng.randint(3, 5)
    numbers = rng.sample(range(3, count + 1), rng.randint(1, count - 2))
    anchored = tuple(
        Anchored(number=number, gap=_around(rng.randint(5, 16), rng), of=rng.randint(1, number - 1))
        for number in numbers
    )
    gap = Gap(hard_min=1, target=3, soft_max=6, hard_max=rng.choice([7, 12]))
    return count, Spacing(gap=gap, anchored=anchored, max_per_7d=per_week)


def _with_fixed(wanted: SeriesRequest, rng: Random) -> SeriesRequest:
    """Some of the visits already have their dates: roughly where the rules want them."""
    total, split = len(wanted.shapes), rng.random()
    if total < 2 or split > 0.35:
        return wanted
    first = rng.randint(0, total - 1)
    last = rng.randint(first + 1, total)
    dates = _roughly(wanted, rng)
    return replace(
        wanted,
        shapes=wanted.shapes[first:last],
        after=tuple(dates[:first]),
        before=tuple(dates[last:]),
        first_number=first + 1,
        earliest_on=max([wanted.earliest_on, *(on + DAY for on in dates[:first])]),
    )


def _roughly(wanted: SeriesRequest, rng: Random) -> list[date]:
    """A date for every visit near its target; the calendar is not looked at."""
    spacing, dates = wanted.spacing, [wanted.earliest_on + DAY * rng.randint(0, 3)]
    for number in range(2, len(wanted.shapes) + 1):
        anchor = spacing.anchor_of.get(number)
        gap, months = (anchor.gap, anchor.months) if anchor else (spacing.gap, spacing.months)
        base = dates[-1] if anchor is None else anchor.on or dates[(anchor.of or 1) - 1]
        days = gap.target + round(months * 30.44) + rng.choice([0, 0, 0, 1, -1])
        dates.append(max(base + DAY * days, dates[-1] + DAY))
    return dates
