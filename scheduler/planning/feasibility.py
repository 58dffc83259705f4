"""Can a phase exist at all on a site's open weekdays (domain H16)? If not: why, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from scheduler.planning.laying import is_open_ended
from scheduler.planning.phase import Phase
from scheduler.planning.phase_rules import PhaseChoice, PhaseRules, rules_of
from scheduler.planning.protocol import Protocol
from scheduler.planning.reading.plain import Problem
from scheduler.planning.schedules import (
    ANY_DAY,
    UNIT_DAYS,
    Choice,
    Cycle,
    DailyRun,
    Every,
    Offsets,
    Quota,
    Spread,
)

LONGEST_PLAN_DAYS = 1_096
"""Three years: a phase with a planned end that needs longer cannot be booked as one plan."""
PERIODS = 3  # visits that show whether an open phase can go on
NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def infeasible(phase: Phase, open_weekdays: Iterable[int] = ANY_DAY) -> Problem | None:
    """Why no plan of this phase can exist, its path counted from the phase; None if one can.

    `open_weekdays` (0 is Monday) are the days on which the site opens in an ordinary week.
    """
    days = frozenset(open_weekdays) & ANY_DAY
    if not days:
        return Problem(
            ("schedule",), "The clinic has no opening hours, so no visit can take place."
        )
    if isinstance(phase.schedule, Offsets):
        return _fixed_days(phase.schedule, days)
    if isinstance(phase.schedule, Quota) and (problem := _sets(phase.schedule, days)):
        return problem
    choices = (
        phase.schedule.n if isinstance(phase.schedule, Every) else Choice(options=(0,), default=0)
    )
    for n in choices.options:
        if problem := _spaced(phase, rules_of(phase, PhaseChoice(n=n or None)), days):
            return problem
    return _cycle(phase, days) if isinstance(phase.schedule, DailyRun) else None


def infeasible_phases(
    protocol: Protocol, open_weekdays: Iterable[int] = ANY_DAY
) -> tuple[Problem, ...]:
    """One problem for each phase that cannot exist, with paths from the document's root."""
    days = tuple(open_weekdays)
    found = ((place, infeasible(phase, days)) for place, phase in enumerate(protocol.phases))
    return tuple(Problem(("phases", place, *one.path), one.message) for place, one in found if one)


@dataclass(frozen=True)
class _Question:
    """How many days does the shortest plan take? On `weekdays` only; span is left out."""

    count: int
    low: int
    high: int | None
    per_7: int | None
    weekdays: frozenset[int]

    def least_span(self) -> int | None:
        """Last minus first date of the shortest plan, or None if there is no plan of any length.

        Exact: only the weekday and the visits of the last seven days matter for what may follow,
        and a gap that can lose a week without meeting that limit is never part of a shortest plan.
        """
        longest = max(self.low, 7) + 6
        high = longest if self.high is None else min(self.high, longest)
        layer: dict[tuple[int, tuple[int, ...]], int] = {(day, ()): 0 for day in self.weekdays}
        for _ in range(self.count - 1):
            layer = self._after(layer, high)
        return min(layer.values(), default=None)

    def _after(
        self, layer: dict[tuple[int, tuple[int, ...]], int], high: int
    ) -> dict[tuple[int, tuple[int, ...]], int]:
        reached: dict[tuple[int, tuple[int, ...]], int] = {}
        for (weekday, recent), spent in layer.items():
            for gap in range(self.low, high + 1):
                seen = (0, *recent) if self.per_7 is not None else ()
                lately = tuple(back + gap for back in seen if back + gap < 7)
                state = ((weekday + gap) % 7, lately)
                crowded = self.per_7 is not None and len(lately) + 1 > self.per_7
                if state[0] in self.weekdays and not crowded:
                    reached[state] = min(spent + gap, reached.get(state, spent + gap))
        return reached


def _sets(quota: Quota, days: frozenset[int]) -> Problem | None:
    if any(one & days for one in quota.weekday_sets):
        return None
    message = f"The clinic opens on {_days(days)}; no weekday set has one of these days."
    return Problem(("schedule", "weekday_sets"), message)


def _spaced(phase: Phase, rules: PhaseRules, days: frozenset[int]) -> Problem | None:
    """Gap, weekly limit, weekday sets and span against each other."""
    is_open = is_open_ended(phase)
    count = PERIODS + 1 if is_open else rules.count
    sets = [one & days for one in rules.weekday_sets if one & days]
    asked = [
        _Question(count, rules.gap.hard_min, rules.gap.hard_max, rules.max_per_7d, weekdays)
        for weekdays in sets
    ]
    spans = [span for one in asked if (span := one.least_span()) is not None]
    if not spans:
        return _never(asked[-1], phase)
    needed = min(spans)
    if rules.span_max_days is not None and needed > rules.span_max_days and not is_open:
        return _too_long(phase, rules, asked[spans.index(needed)], needed)
    if needed > LONGEST_PLAN_DAYS and not is_open:
        visits = f"{_visits(count)}, {_reasons(asked[0], needed)},"
        message = f"{visits} take {needed:,} days; a plan reaches {LONGEST_PLAN_DAYS:,}."
        return Problem(("schedule", "count"), message)
    return None


def _too_long(phase: Phase, rules: PhaseRules, asked: _Question, needed: int) -> Problem:
    """5 visits, least gap 3 days, cannot fit in 10 days: 12 are needed; in the unit of its
    field."""
    both_ends = (
        isinstance(phase.schedule, Spread) and rules.span_max_days == phase.schedule.within_days - 1
    )
    extra = 1 if both_ends else 0
    path = ("schedule", "within_days") if both_ends else ("span", "max_days")
    allowed = (rules.span_max_days or 0) + extra
    days = "1 day" if allowed == 1 else f"{allowed} days"
    visits = f"{_visits(asked.count)}, {_reasons(asked, needed)},"
    message = f"{visits} cannot fit in {days}: {needed + extra} are needed."
    return Problem(path, message)


def _reasons(asked: _Question, needed: int) -> str:
    """The rules without which the plan would be shorter, in words."""
    relaxed = {
        f"least gap {asked.low} days" if asked.low > 1 else "one a day": replace(asked, low=1),
        f"at most {asked.per_7} in 7 days": replace(asked, per_7=None),
        f"only on {_days(asked.weekdays)}": replace(asked, weekdays=ANY_DAY),
    }
    binding = [
        words
        for words, other in relaxed.items()
        if other != asked and (other.least_span() or 0) < needed
    ]
    return ", ".join(binding or ["one a day" if asked.low == 1 else f"least gap {asked.low} days"])


def _never(asked: _Question, phase: Phase) -> Problem:
    """No plan of any length: the greatest gap stops it."""
    if isinstance(phase.schedule, DailyRun):
        key = "run_on" if phase.schedule.run_on == "calendar_days" else "max_break_days"
        opens = f"the clinic opens on {_days(asked.weekdays)}"
        message = f"{_visits(asked.count)} in a row are not possible: {opens}."
        return Problem(("schedule", key), message)
    limits = [f"{asked.low} to {asked.high} days between two visits"]
    if asked.per_7 is not None and replace(asked, per_7=None).least_span() is not None:
        limits.append(f"at most {asked.per_7} in 7 days")
    if asked.weekdays != ANY_DAY:
        limits.append(f"only on {_days(asked.weekdays)}")
    key = "gap_rel" if isinstance(phase.schedule, Every) and phase.schedule.gap_rel else "gap"
    return Problem(
        ("schedule", key, "hard_max"),
        f"{_visits(asked.count)} with {', '.join(limits)} do not exist.",
    )


def _fixed_days(schedule: Offsets, days: frozenset[int]) -> Problem | None:
    """Some weekday of day 0 must leave an open day for each of the fixed days."""
    tol = schedule.tol
    for start in range(7):
        reach = (range(day - tol.before, day + tol.after + 1) for day in schedule.days)
        if all(any((start + on) % 7 in days for on in around) for around in reach):
            return None
    shown = ", ".join(str(day) for day in schedule.days)
    closed = f"whatever the first day, one of days {shown} falls on a closed day"
    message = f"The clinic opens on {_days(days)}: {closed}."
    return Problem(("schedule", "tol"), message)


def _cycle(phase: Phase, days: frozenset[int]) -> Problem | None:
    """A run ends before the next one starts."""
    run = phase.schedule
    if not isinstance(run, DailyRun) or run.cycle is None:
        return None
    rules = rules_of(phase)
    asked = _Question(rules.count, rules.gap.hard_min, rules.gap.hard_max, None, days)
    needed = asked.least_span() or 0
    if needed < _cycle_days(run.cycle):
        return None
    starts = f"the next run starts after {_cycle_days(run.cycle)}"
    message = f"{_visits(rules.count)} take {needed + 1} days; {starts}."
    return Problem(("schedule", "cycle", "n"), message)


def _cycle_days(cycle: Cycle) -> int:
    return int(cycle.n * UNIT_DAYS[cycle.unit]) + cycle.tol.after


def _visits(count: int) -> str:
    return "1 visit" if count == 1 else f"{count} visits"


def _days(days: frozenset[int]) -> str:
    """Mon, Tue, Fri; a run of three or more as Mon to Fri."""
    ordered = sorted(days)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{NAMES[ordered[0]]} to {NAMES[ordered[-1]]}"
    return ", ".join(NAMES[day] for day in ordered)
