"""Why no change makes a series legal: the one rule without which there would be one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scheduler.planning.explain import count_words, day_words, list_words, weekday_words
from scheduler.planning.plan import Stopped
from scheduler.planning.replanning.answer import answer_of
from scheduler.planning.replanning.standing import Away, RunningSeries
from scheduler.planning.replanning.task import Task, is_away
from scheduler.planning.request import TimeWindow
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.spacing import Spacing, judge

ENDLESS = 36_500
"""Days."""
NOWHERE = "No place keeps every rule of the series"


def no_way(task: Task) -> Stopped:
    """The first rule whose absence would give a change, with what that change would break."""
    change = task.change
    if isinstance(change, Away) and change.until_on is None:
        gone = [v.number for v in task.series.visits if is_away(change, v.on)]
        if gone:
            named = f"session{'s' * (len(gone) > 1)} {list_words(map(str, gone))}"
            sentence = f"Without a day on which the patient is back, {named} can have no date."
            return Stopped("H17", day_words(change.from_on), sentence)
    for rule, relaxed, words in _relaxed(task.series):
        without = Task(task.room, relaxed, change)
        solved = without.solved() if without.refused is None else None
        if solved is not None:
            visits = answer_of(without, solved).visits
            broken = judge([v.on for v in visits], task.series.spacing, [v.number for v in visits])
            hard = [one for one in broken if one.hard and one.rule == rule]
            if hard:
                where = day_words(next(v.on for v in visits if v.number == hard[0].number))
                return Stopped(rule, where, f"{NOWHERE}. {hard[0].sentence}")
            return Stopped(rule, "", f"{NOWHERE}. {words}")
    searched = _searched(task)
    return Stopped("H1", searched, f"{NOWHERE}: the days are full {searched}.".replace(" .", "."))


def _searched(task: Task) -> str:
    if not task.days:
        return ""
    return f"from {day_words(min(task.days))} to {day_words(max(task.days))}"


def _relaxed(series: RunningSeries) -> Iterator[tuple[str, RunningSeries, str]]:
    """Each rule left out once: its id, the series without it, what to say about it."""
    spacing, patient = series.spacing, series.patient
    for rule, looser, words in _looser(spacing):
        yield rule, replace(series, spacing=looser), words
    if patient.weekdays and patient.weekdays != ANY_DAY:
        any_day = replace(patient, weekdays=ANY_DAY)
        words = f"The patient's days are {weekday_words(patient.weekdays)}."
        yield "weekday", replace(series, patient=any_day), words
    if not patient.window.is_open:
        any_time = replace(patient, window=TimeWindow())
        words = "The patient's hours leave no free start."
        yield "window", replace(series, patient=any_time), words
    if series.latest_on is not None:
        words = f"It ends after {day_words(series.latest_on)}."
        yield "horizon", replace(series, latest_on=None), words
    if patient.blackouts:
        words = "The days on which the patient cannot come stand in the way."
        yield "H17", replace(series, patient=replace(patient, blackouts=frozenset())), words


def _looser(spacing: Spacing) -> Iterator[tuple[str, Spacing, str]]:
    gap = spacing.gap
    if any(one.hard_max is not None for one in (gap, *(a.gap for a in spacing.anchored))):
        yield "H7", spacing.later(ENDLESS), "A gap would be too long."
    if spacing.max_days is not None:
        most = f"At most {count_words(spacing.max_days, 'day')} from first to last."
        yield "span", replace(spacing, max_days=None), most
    if spacing.max_per_7d is not None:
        most = f"At most {count_words(spacing.max_per_7d, 'session')} in 7 days."
        yield "H6", replace(spacing, max_per_7d=None), most
    if spacing.least_gap > 1 or spacing.anchored:
        near = tuple(replace(a, gap=replace(a.gap, hard_min=1)) for a in spacing.anchored)
        looser = replace(spacing, gap=replace(gap, hard_min=1), anchored=near)
        yield "H5", looser, "A gap would be too short."
