"""What a plan of one phase keeps for one patient: gaps, named visits, fixed days (domain E)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from scheduler.errors import Invalid
from scheduler.planning.phase import Phase
from scheduler.planning.phase_rules import (
    PhaseChoice,
    cycle_step,
    is_endless,
    is_spaced,
    rules_of,
    step_of,
    within,
)
from scheduler.planning.request import Weights
from scheduler.planning.schedules import DailyRun, Every, Gap, Offsets
from scheduler.planning.spacing import Anchored, Spacing, gap_from

NOT_FLAGGED = 36_500
SPACED_DAY_PRICE, SPACED_GAP_PRICE = 1, 40


@dataclass(frozen=True, kw_only=True)
class Booked:
    """The visits of a course that took place or will: (phase id, local date), in order of dates."""

    visits: tuple[tuple[str, date], ...] = ()

    @property
    def first_on(self) -> date | None:
        return self.visits[0][1] if self.visits else None

    @property
    def last_on(self) -> date | None:
        return self.visits[-1][1] if self.visits else None

    def of_phase(self, phase_id: str) -> tuple[date, ...]:
        return tuple(on for phase, on in self.visits if phase == phase_id)

    def without(self, phase_id: str) -> Booked:
        return Booked(visits=tuple(one for one in self.visits if one[0] != phase_id))

    def named(self, ref: str) -> date | None:
        """The date of "phase#3", if that visit is booked."""
        phase_id, _, number = ref.partition("#")
        dates = self.of_phase(phase_id)
        place = int(number or 1) - 1
        return dates[place] if place < len(dates) else None


NOTHING = Booked()


def runs_of(phase: Phase, choice: PhaseChoice) -> int:
    """How many runs are planned now; 1 where nothing repeats."""
    cycle = phase.schedule.cycle if isinstance(phase.schedule, DailyRun) else None
    return 1 if cycle is None else choice.runs or cycle.times.default or 1


def visits_of(phase: Phase, choice: PhaseChoice) -> int:
    """How many visits a plan of the phase has in all."""
    if isinstance(phase.schedule, Offsets):
        return len(_days(phase.schedule, choice))
    return rules_of(phase, choice).count * runs_of(phase, choice)


def followed(phase: Phase, booked: Booked, earliest_on: date, *, is_first: bool) -> Booked:
    """What the phase goes on from. The template's first phase begins a new course, unless it has no
    end and its own last visit is not too long ago."""
    if not is_first:
        return booked
    own = booked.of_phase(phase.id)
    if not own or not is_endless(phase):
        return NOTHING
    ends = [_reaches_until(one) for one in _links(phase, step_of(phase), booked)]
    return booked if all(end is None or end >= earliest_on for end in ends) else NOTHING


@dataclass(frozen=True, kw_only=True)
class Start:
    """What a phase goes on from, and whether it is the template's first one."""

    booked: Booked = NOTHING
    is_first: bool = True


def spacing_of(
    phase: Phase, choice: PhaseChoice, start: Start = Start(), gap: Gap | None = None
) -> Spacing:
    """Everything that the dates of a plan keep, its visits numbered from 1.

    `gap` takes the place of the phase's own one (in days beyond calendar months, where it counts in
    months). Raises Invalid (field "phase") where the visit that its days count from is not booked.
    """
    rules = rules_of(phase, choice)
    own, months = step_of(phase, choice.n)
    gap = gap or own
    if isinstance(phase.schedule, Offsets):
        anchored = tuple(_fixed_days(phase, phase.schedule, choice, start))
    else:
        anchored = (*_links(phase, (gap, months), start.booked), *_repeats(phase, choice))
    return Spacing(
        gap=gap,
        months=months,
        anchored=anchored,
        max_per_7d=rules.max_per_7d,
        max_days=rules.span_max_days,
        soft_max_days=rules.span_soft_max_days,
    )


def overdue(spacing: Spacing, earliest_on: date) -> Anchored | None:
    """A visit whose last possible day by a fixed date lies before the first day that is asked
    for."""
    for one in spacing.anchored:
        end = _reaches_until(one)
        if end is not None and end < earliest_on:
            return one
    return None


def _reaches_until(one: Anchored) -> date | None:
    """The last day that the visit may have by its fixed date; None: no limit."""
    if one.on is None or one.gap.hard_max is None:
        return None
    return one.on + timedelta(days=gap_from(one.gap, one.months, one.on).hard_max or 0)


def _links(phase: Phase, step: tuple[Gap, int], booked: Booked) -> Iterator[Anchored]:
    """The first visit after what is booked already. Only "every" keeps its largest gap here: other
    phases begin when they can."""
    schedule, own = phase.schedule, booked.of_phase(phase.id)
    (gap, months), on = step, booked.last_on
    if isinstance(schedule, Every) and schedule.first_ref and not own:
        on = booked.named(schedule.first_ref)
        if on is None:
            raise _not_booked(schedule.first_ref)
    if on is None:
        return
    if isinstance(schedule, DailyRun) and schedule.cycle is not None and own:
        gap, months = cycle_step(schedule.cycle)
        on = _run_start(own, gap_widest(phase))
    elif isinstance(schedule, DailyRun):
        gap = replace(gap, soft_max=NOT_FLAGGED, hard_max=None)
    elif not isinstance(schedule, Every):
        gap = replace(gap, hard_max=None)
    yield Anchored(number=1, gap=gap, months=months, on=on)


def gap_widest(phase: Phase) -> int:
    return rules_of(phase).gap.hard_max or 1


def _run_start(dates: tuple[date, ...], widest: int) -> date:
    """The first day of the run that the last of these dates belongs to."""
    start = dates[-1]
    for on in reversed(dates):
        if (start - on).days > widest:
            break
        start = on
    return start


def _repeats(phase: Phase, choice: PhaseChoice) -> Iterator[Anchored]:
    """The first visit of each later run counts from the first visit of the run before."""
    schedule = phase.schedule
    if not isinstance(schedule, DailyRun) or schedule.cycle is None:
        return
    (gap, months), each = cycle_step(schedule.cycle), rules_of(phase, choice).count
    for run in range(1, runs_of(phase, choice)):
        yield Anchored(number=run * each + 1, gap=gap, months=months, of=(run - 1) * each + 1)


def _days(schedule: Offsets, choice: PhaseChoice) -> list[int]:
    optional = schedule.optional_days if choice.with_optional_days else ()
    return sorted({*schedule.days, *optional})


def _fixed_days(
    phase: Phase, schedule: Offsets, choice: PhaseChoice, start: Start
) -> Iterator[Anchored]:
    """Each visit counts from day 0: a booked visit, or the plan's own first visit."""
    days, zero = _days(schedule, choice), _day_zero(phase, schedule, start)
    for number, day in enumerate(days, 1):
        if zero is not None:
            yield Anchored(number=number, gap=within(day, schedule.tol), on=zero)
        elif number > 1:
            yield Anchored(number=number, gap=within(day - days[0], schedule.tol), of=1)


def _day_zero(phase: Phase, schedule: Offsets, start: Start) -> date | None:
    """None: the days count from the plan's own first visit."""
    booked = start.booked
    if schedule.ref == "phase_start" or (schedule.ref == "series_start" and start.is_first):
        return None
    if schedule.ref == "series_start":
        on = booked.first_on
    elif schedule.ref == "phase_prev_last":
        on = booked.without(phase.id).last_on
    else:
        on = booked.named(schedule.ref)
    if on is None:
        raise _not_booked(schedule.ref)
    return on


def _not_booked(ref: str) -> Invalid:
    phase_id, _, number = ref.partition("#")
    known = {"series_start": "the first visit of the series"}
    known["phase_prev_last"] = "the last visit of the phase before"
    visit = known.get(ref, f"visit {number or 1} of the phase '{phase_id.replace('_', ' ')}'")
    message = f"The days of this phase count from {visit}. It is not booked for this patient."
    return Invalid(f"{message} Book that first.", field="phase")


def prices_for(phase: Phase, weights: Weights) -> Weights:
    """The site's prices, as they suit the phase (planner "spaced phases").

    The price of a day's delay keeps a course from dragging on. Where each visit is due on a day it
    would draw all of them to the least gap: there a day off the target costs more than any delay.
    """
    if not is_spaced(phase):
        return weights
    gap = max(weights.gap, SPACED_GAP_PRICE, 2 * weights.early)
    return replace(weights, day=min(weights.day, SPACED_DAY_PRICE), gap=gap)


def target_gaps(spacing: Spacing, count: int, first_on: date) -> list[int | None]:
    """Days since the visit before, for each visit of a plan on its target days from `first_on` on;
    None for the first one."""
    dates: list[date] = [first_on]
    for number in range(2, count + 1):
        anchor = spacing.anchor_of.get(number)
        gap, months, base = spacing.gap, spacing.months, dates[-1]
        if anchor is not None:
            gap, months = anchor.gap, anchor.months
            base = anchor.on or dates[(anchor.of or 1) - 1]
        due = base + timedelta(days=gap_from(gap, months, base).target)
        dates.append(max(due, dates[-1] + timedelta(days=1)))
    return [None, *((b - a).days for a, b in pairwise(dates))][:count]


def least_gap_only(gap: Gap) -> Spacing:
    """For one visit at a time: it keeps the least gap to the earlier ones, no limit after it."""
    return Spacing(gap=replace(gap, hard_max=None))
