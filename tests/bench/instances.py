"""Invented clinics and requests, from a seed: the same seed and settings give the same instance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from scheduler.planning.day_facts import ChairFacts, DayFacts, Held
from scheduler.planning.daybook import Day
from scheduler.planning.interval import Interval
from scheduler.planning.opening import instant
from scheduler.planning.request import PatientLimits, SeriesRequest, TimeWindow, Wishes
from scheduler.planning.schedules import ANY_DAY, Gap
from scheduler.planning.slots.plane import slots
from scheduler.planning.spacing import Spacing
from scheduler.planning.visit import Part, VisitShape

DAY = timedelta(days=1)
NEW_YORK = ZoneInfo("America/New_York")
TWO_TO_SEVEN = Gap(hard_min=2, target=3, soft_max=5, hard_max=7)
DAILY = Gap(hard_min=1, target=1, soft_max=3, hard_max=4)
TIGHT = Gap(hard_min=3, target=3, soft_max=4, hard_max=4)
OPEN = Gap(hard_min=2, target=4, soft_max=6)
THREE_A_WEEK = (frozenset({0, 2, 4}), frozenset({1, 3, 5}), ANY_DAY)
TWO_A_WEEK = (frozenset({0, 3}), frozenset({1, 4}), frozenset({0, 2}))
MIX = ((60, 30), (90, 30), (120, 25), (180, 15))
"""(minutes of the visit, share of visits in percent)."""


@dataclass(frozen=True, kw_only=True)
class ClinicSettings:
    """A clinic day and how full it is: `load` percent on day 0, `fall` percent less at the end."""

    chairs: int = 12
    weeks: int = 8
    load: int = 85
    fall: int = 35
    opens: time = time(8)
    closes: time = time(18)
    grid: int = 5
    turnaround: int = 10
    mix: tuple[tuple[int, int], ...] = MIX
    patients_per_nurse: int = 4
    nurse_share: int = 25
    sick_percent: int = 15
    outage_percent: int = 2
    closures: int = 2
    weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    zone: ZoneInfo = NEW_YORK
    first_on: date = date(2027, 1, 4)

    @property
    def nurses(self) -> int:
        return -(-self.chairs // self.patients_per_nurse)

    def shape(self, minutes: int) -> VisitShape:
        care = Part(name="infusion", minutes=minutes, nurse=((minutes, self.nurse_share),))
        return VisitShape(parts=(care, Part(name="turnaround", minutes=self.turnaround)))

    def any_shape(self, rng: Random) -> VisitShape:
        lengths, shares = zip(*self.mix, strict=True)
        return self.shape(rng.choices(lengths, shares)[0])

    @property
    def bookable(self) -> tuple[int, ...]:
        """Chair claims of the mix, in minutes."""
        return tuple(sorted(minutes + self.turnaround for minutes, _ in self.mix))

    @property
    def shortest(self) -> int:
        return self.bookable[0]


@dataclass(frozen=True, kw_only=True)
class RequestSettings:
    count: int = 6
    gap: Gap = TWO_TO_SEVEN
    per_week: int | None = 3
    span: int | None = 20
    limited_percent: int = 50
    first_longer: bool = False
    sets: tuple[frozenset[int], ...] = (ANY_DAY,)


def calendar(settings: ClinicSettings, seed: int) -> dict[date, DayFacts]:
    """Every date of the horizon; the booked share falls linearly to its end."""
    rng = Random(seed)
    dates = [settings.first_on + DAY * n for n in range(settings.weeks * 7)]
    open_days = [on for on in dates if on.weekday() in settings.weekdays]
    closed = set(rng.sample(open_days, min(settings.closures, len(open_days))))
    found = {}
    for place, on in enumerate(dates):
        empty = _empty_day(settings, on, on in closed, rng)
        load = settings.load * (100 - settings.fall * place // len(dates)) // 100
        found[on] = replace(empty, held=_filled(settings, empty, load, rng))
    return found


def built(facts: dict[date, DayFacts]) -> dict[date, Day]:
    return {on: Day.build(one) for on, one in facts.items()}


def _empty_day(settings: ClinicSettings, on: date, closed: bool, rng: Random) -> DayFacts:
    zone = settings.zone
    opens, closes = instant(zone, on, settings.opens), instant(zone, on, settings.closes)
    hours = (Interval(opens, closes),) if on.weekday() in settings.weekdays else ()
    chairs = tuple(
        ChairFacts(
            chair_id=number,
            name=f"Chair {number}",
            open=() if closed or rng.randrange(100) < settings.outage_percent else hours,
        )
        for number in range(1, settings.chairs + 1)
    )
    nurses = settings.nurses - (rng.randrange(100) < settings.sick_percent)
    return DayFacts(
        on=on,
        zone=zone,
        chairs=chairs,
        cover=_cover(opens, closes, max(nurses, 1)) if hours else (),
        hours=hours,
        grid_minutes=settings.grid,
        start_step_minutes=settings.grid,
        shortest_chair_minutes=settings.shortest,
        bookable_minutes=settings.bookable,
    )


def _cover(opens: datetime, closes: datetime, nurses: int) -> tuple[tuple[Interval, int], ...]:
    """Three quarters of the nurses in the fifth hour: lunch."""
    noon, one = opens + timedelta(hours=4), opens + timedelta(hours=5)
    if one >= closes:
        return ((Interval(opens, closes), nurses),)
    spans = (Interval(opens, noon), Interval(noon, one), Interval(one, closes))
    return tuple(zip(spans, (nurses, -(-nurses * 3 // 4), nurses), strict=True))


def _filled(settings: ClinicSettings, facts: DayFacts, load: int, rng: Random) -> tuple[Held, ...]:
    """Visits at random free starts until the wanted share is booked or nothing fits any more."""
    day = Day.build(facts)
    wanted = load * sum(span.minutes for chair in facts.chairs for span in chair.open) // 100
    booked = misses = 0
    while booked < wanted and misses < 20:
        shape = settings.any_shape(rng)
        start = _random_start(day, shape, rng)
        if start is None:
            misses += 1
            continue
        day.book(shape, *start)
        booked += shape.chair_minutes
    return tuple(day.held)


def _random_start(day: Day, shape: VisitShape, rng: Random) -> tuple[int, datetime] | None:
    """A free start of a random chair, the next chairs after it if that one is full."""
    plane, chairs = day.starts(day.footprint(shape)), day.facts.chairs
    first = rng.randrange(len(chairs)) if plane else 0
    for chair in (*chairs[first:], *chairs[:first]) if plane else ():
        free = list(slots(day.chair_slots(plane, chair)))
        if free:
            return chair.chair_id, day.grid.at(rng.choice(free))
    return None


def request(clinic: ClinicSettings, settings: RequestSettings, seed: int) -> SeriesRequest:
    """Half of the patients have weekday or half-day limits; all wish a time of day."""
    rng = Random(seed)
    shape = clinic.any_shape(rng)
    first = clinic.shape(shape.stay_minutes + 20) if settings.first_longer else shape
    wish = clinic.opens.hour * 60 + 15 * rng.randrange(32)
    return SeriesRequest(
        shapes=(first, *[shape] * (settings.count - 1)),
        earliest_on=clinic.first_on + DAY * rng.randrange(5),
        spacing=Spacing(gap=settings.gap, max_per_7d=settings.per_week, max_days=settings.span),
        weekday_sets=settings.sets,
        patient=_limits(clinic, rng)
        if rng.randrange(100) < settings.limited_percent
        else PatientLimits(),
        wishes=Wishes(
            start=time(min(wish // 60, 23), wish % 60),
            chair_id=rng.randrange(1, clinic.chairs + 1) if rng.random() < 0.3 else None,
        ),
    )


def _limits(clinic: ClinicSettings, rng: Random) -> PatientLimits:
    kind, noon = rng.randrange(3), time((clinic.opens.hour + clinic.closes.hour) // 2)
    if kind == 0:
        return PatientLimits(window=TimeWindow(starts_until=noon))
    if kind == 1:
        return PatientLimits(window=TimeWindow(starts_from=noon))
    return PatientLimits(weekdays=frozenset(rng.sample(sorted(clinic.weekdays), 3)))


def mixed(seed: int) -> tuple[ClinicSettings, RequestSettings]:
    """A small clinic and a request: day lengths, grids, mixes, staffing, gaps, clocks vary."""
    rng = Random(f"mixed {seed}")
    clinic = ClinicSettings(
        chairs=rng.randint(2, 5),
        weeks=rng.choice([3, 4]),
        load=rng.choice([10, 30, 50, 75]),
        closes=rng.choice([time(13), time(16), time(18)]),
        grid=rng.choice([5, 10, 10, 15, 7]),
        turnaround=rng.choice([0, 10, 15]),
        mix=rng.choice([MIX, ((45, 50), (100, 50)), ((75, 60), (150, 40))]),
        patients_per_nurse=rng.choice([2, 3, 4]),
        nurse_share=rng.choice([25, 33, 50]),
        weekdays=frozenset(rng.choice([range(5), range(6), range(7)])),
        zone=rng.choice([NEW_YORK, NEW_YORK, ZoneInfo("Europe/Berlin")]),
        first_on=rng.choice([date(2027, 1, 4), date(2027, 3, 8), date(2026, 10, 19)]),
    )
    asked = RequestSettings(
        count=rng.randint(1, 7),
        gap=rng.choice([TWO_TO_SEVEN, TWO_TO_SEVEN, DAILY, TIGHT, OPEN]),
        per_week=rng.choice([2, 3, 3, 5, None]),
        span=rng.choice([14, 20, 20, None]),
        limited_percent=50,
        first_longer=rng.random() < 0.5,
        sets=rng.choice([(ANY_DAY,), THREE_A_WEEK, TWO_A_WEEK]),
    )
    return clinic, asked


def mixed_request(seed: int) -> tuple[dict[date, DayFacts], SeriesRequest]:
    """Some requests continue a series, some fill a place between visits that stay."""
    rng = Random(f"fixed {seed}")
    clinic, asked = mixed(seed)
    wanted = request(clinic, asked, seed)
    first = wanted.earliest_on
    kind = rng.randrange(4)
    if kind == 0:
        ago = sorted(rng.sample(range(1, 9), rng.randint(1, 3)), reverse=True)
        wanted = replace(wanted, after=tuple(first - DAY * days for days in ago))
    if kind == 1:
        ahead = sorted(rng.sample(range(4, 16), rng.randint(1, 2)))
        fixed = tuple(first + DAY * days for days in ahead)
        wanted = replace(wanted, shapes=wanted.shapes[:2], before=fixed)
    return calendar(clinic, seed), wanted
