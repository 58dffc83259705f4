"""Laying the phases of a template onto real days, one after the other, as if chairs were free."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from scheduler.planning.calendar_months import months_later
from scheduler.planning.example_dates import Dates, Limits, Window, best_dates, exists
from scheduler.planning.phase import Phase, gap_of
from scheduler.planning.phase_rules import PhaseChoice, PhaseRules, rules_of, step_of
from scheduler.planning.schedules import (
    UNIT_DAYS,
    Cycle,
    DailyRun,
    Every,
    Gap,
    Offsets,
    OnDemand,
    Quota,
    Spread,
    Tolerance,
)

IsOpen = Callable[[date], bool]
OPEN_EXAMPLES = 3  # visits that an example shows of a phase without end
OPEN_CYCLES = 2
BEYOND_DAYS = (
    28  # how far past soft_max an example looks for an open day where the template names no limit
)
SET_COST = 8  # planner "Exactly": w_set * place


@dataclass(frozen=True, kw_only=True)
class PhaseDates:
    """An example plan of one phase. `late` lists the numbers whose gap passes soft_max (domain
    H7)."""

    phase_id: str
    dates: tuple[date, ...] = ()
    optional_dates: tuple[date, ...] = ()
    goes_on: bool = False  # more of the same follow
    late: tuple[int, ...] = ()
    recall_on: date | None = None
    refused: str | None = None  # why there is no full plan; then dates is empty

    @property
    def span_days(self) -> int:
        """Last date minus first date."""
        return (self.dates[-1] - self.dates[0]).days if self.dates else 0


@dataclass
class Walk:
    """What is known while phases are laid: the first day of all, and the visits so far."""

    first_on: date
    is_open: IsOpen
    choices: Mapping[str, PhaseChoice] = field(default_factory=dict)
    visits: dict[str, tuple[date, ...]] = field(default_factory=dict)

    @property
    def last_on(self) -> date | None:
        return max((days[-1] for days in self.visits.values() if days), default=None)

    def named(self, ref: str | None) -> date | None:
        """The date of "phase#3", if the walk has it."""
        name, _, number = (ref or "").partition("#")
        days = self.visits.get(name, ())
        return days[int(number) - 1] if number and int(number) <= len(days) else None

    def choice(self, phase: Phase) -> PhaseChoice:
        return self.choices.get(phase.id, PhaseChoice())


def lay(phase: Phase, walk: Walk) -> PhaseDates:
    """The phase's dates after what has been laid; its first one is on `first_on` if nothing has."""
    if walk.last_on is None and not walk.is_open(walk.first_on):
        return PhaseDates(
            phase_id=phase.id, refused=f"The clinic is closed on {day_words(walk.first_on)}."
        )
    if isinstance(phase.schedule, Offsets):
        return _fixed_days(phase, phase.schedule, walk)
    if isinstance(phase.schedule, DailyRun):
        return _runs(phase, phase.schedule, walk)
    return _spaced(phase, walk)


def can_lay(phase: Phase, walk: Walk) -> bool:
    """Is there a full plan from the first day on? The same answer as `lay`, found faster."""
    schedule = phase.schedule
    if isinstance(schedule, Offsets) or (isinstance(schedule, DailyRun) and schedule.cycle):
        return lay(phase, walk).refused is None
    choice = walk.choice(phase)
    rules = rules_of(phase, choice)
    limits = limits_of(phase, rules, choice)
    return any(
        exists(limits, walk.first_on, _open_on(walk.is_open, weekdays))
        for weekdays in rules.weekday_sets
    )


def day_words(on: date) -> str:
    """Wed 6 Jan."""
    return f"{on:%a} {on.day} {on:%b}"


def _spaced(phase: Phase, walk: Walk) -> PhaseDates:
    """Quota, spread, every, on demand: visits held together by the gap to the one before."""
    choice = walk.choice(phase)
    goes_on = is_open_ended(phase)
    rules = rules_of(phase, choice)
    if goes_on and choice.count is None:
        rules = replace(rules, count=max(OPEN_EXAMPLES, 2 * rules.count - 1))
    limits = limits_of(phase, rules, choice)
    firsts = list(_first_days(phase, limits, walk))
    plans = [
        (plan.cost + SET_COST * place, plan)
        for place, weekdays in enumerate(rules.weekday_sets)
        if (plan := best_dates(limits, firsts, _open_on(walk.is_open, weekdays)))
    ]
    if not plans:
        return PhaseDates(phase_id=phase.id, refused=_why_none(rules, walk))
    best = min(plans, key=lambda found: (found[0], found[1].days))[1]
    return _laid(phase, best, rules.gap, goes_on=goes_on)


def is_open_ended(phase: Phase) -> bool:
    """No number of visits is planned: it goes on until a provider ends it."""
    return isinstance(phase.schedule, Every | Quota) and phase.schedule.count.is_open


def limits_of(phase: Phase, rules: PhaseRules, choice: PhaseChoice) -> Limits:
    """Dense phases go early at the planner's prices; spaced ones stay near their target day."""
    dense = isinstance(phase.schedule, Quota | Spread | DailyRun)
    return Limits(
        count=rules.count,
        window=_window(phase, rules.gap, choice),
        max_per_7d=rules.max_per_7d,
        span=rules.span_max_days,
        w_day=20 if dense else 1,
        w_gap=2 if dense else 40,
    )


def _window(phase: Phase, gap: Gap, choice: PhaseChoice) -> Callable[[int], Window]:
    """Constant days, but calendar months where a phase counts in months from the visit before."""
    high = (
        gap.hard_max
        if gap.hard_max is not None
        else max(gap.soft_max, gap.recall_after or 0) + BEYOND_DAYS
    )
    fixed = Window(low=gap.hard_min, target=gap.target, high=high)
    own, months = step_of(phase, choice.n)
    if not months:
        return lambda last: fixed

    def by_calendar(last: int) -> Window:
        shift = months_later(date.fromordinal(last), months).toordinal() - last
        later = own.target + shift - fixed.target
        return Window(low=fixed.low + later, target=fixed.target + later, high=fixed.high + later)

    return by_calendar


def _first_days(phase: Phase, limits: Limits, walk: Walk) -> Iterable[tuple[date, int]]:
    """(day, cost) of each place for the phase's first visit: `first_on`, or the gap from the visit
    it counts from."""
    last = walk.last_on
    if last is None:
        yield walk.first_on, 0
        return
    counted = walk.named(phase.schedule.first_ref) if isinstance(phase.schedule, Every) else None
    origin = (counted or last).toordinal()
    window = limits.window(origin)
    for day in range(max(origin + window.low, last.toordinal() + 1), origin + window.high + 1):
        late = day - origin - window.low
        yield (
            date.fromordinal(day),
            limits.w_gap * abs(day - origin - window.target) + limits.w_day * late,
        )


def _open_on(is_open: IsOpen, weekdays: frozenset[int]) -> IsOpen:
    return lambda on: on.weekday() in weekdays and is_open(on)


def _why_none(rules: PhaseRules, walk: Walk) -> str:
    first = walk.first_on
    if walk.last_on is None and not any(first.weekday() in days for days in rules.weekday_sets):
        return f"No weekday set has a {first:%A}."
    if walk.last_on is None:
        return f"From {day_words(first)} no plan keeps every rule on the days that are open."
    return f"After {day_words(walk.last_on)} no plan keeps every rule on the days that are open."


def _laid(phase: Phase, plan: Dates, gap: Gap, *, goes_on: bool) -> PhaseDates:
    pairs = zip(plan.days, plan.days[1:], strict=False)
    late = tuple(number for number, (a, b) in enumerate(pairs, 2) if (b - a).days > gap.soft_max)
    recall = plan.days[-1] + timedelta(days=gap.recall_after) if gap.recall_after else None
    on_demand = isinstance(phase.schedule, OnDemand)
    return PhaseDates(
        phase_id=phase.id,
        dates=plan.days,
        goes_on=goes_on or on_demand,
        late=late,
        recall_on=recall,
    )


def _runs(phase: Phase, run: DailyRun, walk: Walk) -> PhaseDates:
    """Consecutive days, and the same again each cycle counted from the start of the run before."""
    choice = walk.choice(phase)
    rules = rules_of(phase, choice)
    limits = limits_of(phase, rules, choice)
    plan = best_dates(limits, _first_days(phase, limits, walk), walk.is_open)
    if plan is None:
        return PhaseDates(phase_id=phase.id, refused=_why_none(rules, walk))
    days = list(plan.days)
    if run.cycle is None:
        return PhaseDates(phase_id=phase.id, dates=plan.days)
    start = plan.days[0]
    for _ in range((run.cycle.times.default or OPEN_CYCLES) - 1):
        again = _next_run(run.cycle, limits, start, days[-1], walk.is_open)
        if again is None:
            refused = f"No run of {rules.count} days fits into the cycle after {day_words(start)}."
            return PhaseDates(phase_id=phase.id, refused=refused)
        start = again.days[0]
        days += again.days
    return PhaseDates(phase_id=phase.id, dates=tuple(days), goes_on=run.cycle.times.is_open)


def _next_run(
    cycle: Cycle, limits: Limits, start: date, last: date, is_open: IsOpen
) -> Dates | None:
    """The run that starts nearest to one cycle after `start`."""
    around = _around(_cycles_later(start, cycle.n, cycle.unit), cycle.tol)
    return best_dates(
        limits, [(day, 1000 * abs(off)) for day, off in around if day > last], is_open
    )


def _cycles_later(on: date, n: int, unit: str) -> date:
    return months_later(on, n) if unit == "month" else on + timedelta(days=n * int(UNIT_DAYS[unit]))


def _around(target: date, tol: Tolerance) -> list[tuple[date, int]]:
    return [(target + timedelta(days=off), off) for off in range(-tol.before, tol.after + 1)]


def _fixed_days(phase: Phase, schedule: Offsets, walk: Walk) -> PhaseDates:
    """Fixed days after a named one; each visit takes the open day nearest to its own within the
    tolerance."""
    base = _base(phase, schedule, walk)
    found: dict[bool, list[date]] = {True: [], False: []}
    earliest = walk.last_on or date.min
    for days in sorted({*schedule.days, *schedule.optional_days}):
        planned = days in schedule.days
        target = base + timedelta(days=days)
        around = [] if target < earliest else _around(target, schedule.tol)
        if walk.last_on is None and days == schedule.days[0]:
            around = [(walk.first_on, 0)]
        places = [(abs(off), day) for day, off in around if day > earliest and walk.is_open(day)]
        if places:
            earliest = min(places)[1]
            found[planned].append(earliest)
        elif planned:
            refused = f"The clinic is closed around {day_words(target)}, day {days}."
            return PhaseDates(phase_id=phase.id, refused=refused)
    return PhaseDates(
        phase_id=phase.id, dates=tuple(found[True]), optional_dates=tuple(found[False])
    )


def _base(phase: Phase, schedule: Offsets, walk: Walk) -> date:
    """Day 0 of fixed days."""
    last = walk.last_on
    if last is None:
        return walk.first_on - timedelta(days=schedule.days[0])
    if schedule.ref == "series_start":
        return min(days[0] for days in walk.visits.values() if days)
    if schedule.ref == "phase_start":
        return last + timedelta(days=gap_of(phase).target - schedule.days[0])
    return walk.named(schedule.ref) or last
