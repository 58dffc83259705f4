"""Cadences in words: what a manager picks, what a list shows, what a phase means."""

from __future__ import annotations

from scheduler.planning.phase import Phase, counts, gap_of
from scheduler.planning.schedules import (
    ANY_DAY,
    Count,
    DailyRun,
    Every,
    Offsets,
    Quota,
    Schedule,
    Spread,
)

KIND_LABELS = {
    "quota": "Times a week",
    "every": "Every so many weeks or months",
    "offsets": "On fixed days",
    "daily_run": "Day after day",
    "spread": "A number within some days",
    "on_demand": "When needed",
}
KIND_HELP = {
    "quota": "Three a week for two weeks: visits keep to one set of weekdays.",
    "every": "Each visit follows the one before at a regular distance.",
    "offsets": "Day 0, 14 and 42 after a named day.",
    "daily_run": "Consecutive days, also as blocks that come again.",
    "spread": "Five visits within 14 days, spaced evenly.",
    "on_demand": "One visit at a time, with a recall when it is due.",
}
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
REFS = {
    "series_start": "the first visit of the series",
    "phase_start": "the first visit of the phase",
    "phase_prev_last": "the last visit of the phase before",
}


def count_words(count: Count) -> str:
    if count.default is None:
        return "no planned end"
    if count.is_fixed:
        return "1 visit" if count.default == 1 else f"{count.default} visits"
    return f"{count.default} visits ({count.minimum} to {count.maximum})"


def short(phase: Phase) -> str:
    """For a tab or a list: "6 visits", "4 weekly", "on demand"."""
    schedule = phase.schedule
    if isinstance(schedule, Every):
        unit = {"day": "daily", "week": "weekly", "month": "monthly"}[schedule.unit]
        number = "" if schedule.count.default is None else f"{schedule.count.default} "
        return (
            f"{number}{unit}" if schedule.n.default == 1 else f"{number}every {interval(schedule)}"
        )
    if isinstance(schedule, Offsets):
        return f"{len(schedule.days)} on fixed days"
    return "on demand" if schedule.kind == "on_demand" else count_words(_count(schedule))


def _count(schedule: Schedule) -> Count:
    return (
        schedule.count
        if isinstance(schedule, Quota | DailyRun | Spread | Every)
        else Count.fixed(1)
    )


def interval(schedule: Every) -> str:
    """ "week", "8 weeks", "4, 6 or 8 weeks" """
    if schedule.n.options == (1,):
        return schedule.unit
    options = [str(number) for number in schedule.n.options]
    several = schedule.n.options[-1] != 1
    numbers = f"{', '.join(options[:-1])} or {options[-1]}" if len(options) > 1 else options[0]
    usual = f" (usually {schedule.n.default})" if len(options) > 1 else ""
    return f"{numbers} {schedule.unit}{'s' if several else ''}{usual}"


def pattern(phase: Phase) -> str:
    """One sentence without its full stop: "3 a week, 6 visits"."""
    schedule = phase.schedule
    if isinstance(schedule, Quota):
        return f"{schedule.per_week} a week, {count_words(schedule.count)}"
    if isinstance(schedule, Every):
        first = f", counted from {named(schedule.first_ref)}" if schedule.first_ref else ""
        return f"every {interval(schedule)}, {count_words(schedule.count)}{first}"
    if isinstance(schedule, Offsets):
        return _fixed_days(schedule)
    if isinstance(schedule, DailyRun):
        return _run(schedule)
    if isinstance(schedule, Spread):
        return f"{count_words(schedule.count)} within {schedule.within_days} days"
    return "one visit at a time, when needed"


def _fixed_days(schedule: Offsets) -> str:
    days = ", ".join(str(day) for day in schedule.days)
    text = f"day {days} after {named(schedule.ref)}"
    if schedule.optional_days:
        text += f", if ordered also day {', '.join(str(day) for day in schedule.optional_days)}"
    tol = schedule.tol
    return text + (
        f", up to {tol.before} earlier or {tol.after} later" if tol.before or tol.after else ""
    )


def _run(schedule: DailyRun) -> str:
    on = "clinic days" if schedule.run_on == "clinic_days" else "calendar days"
    text = f"{count_words(schedule.count)} on consecutive {on}"
    if schedule.cycle:
        cycle = schedule.cycle
        unit = cycle.unit if cycle.n == 1 else f"{cycle.n} {cycle.unit}s"
        times = "" if cycle.times.default is None else f", {cycle.times.default} times"
        text += f", again every {unit}{times}"
    return text


def named(ref: str) -> str:
    """Where days are counted from: "induction#1" is visit 1 of induction."""
    if ref in REFS:
        return REFS[ref]
    phase, _, number = ref.partition("#")
    return f"visit {number} of {phase.replace('_', ' ')}"


def gap_words(phase: Phase) -> str:
    """ "2 to 7, best 2, flagged over 4" """
    gap = gap_of(phase)
    reach = (
        f"{gap.hard_min} or more" if gap.hard_max is None else f"{gap.hard_min} to {gap.hard_max}"
    )
    text = f"{reach}, best {gap.target}, flagged over {gap.soft_max}"
    return text + (f", recall after {gap.recall_after}" if gap.recall_after else "")


def weekday_words(sets: tuple[frozenset[int], ...]) -> str:
    """ "Mon Wed Fri; Tue Thu Sat; any other" """
    if sets == (ANY_DAY,):
        return "any day"
    return "; ".join(set_words(one) for one in sets)


def set_words(days: frozenset[int]) -> str:
    return "any other" if days == ANY_DAY else " ".join(DAY_NAMES[day] for day in sorted(days))


def visits_of(phase: Phase) -> int:
    """How many visits a plan of this phase has at first."""
    return counts(phase).default
