"""How the dates of a series lie to each other: gaps, visits in 7 days, span (domain H5-H7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from scheduler.planning.explain import count_words, day_words
from scheduler.planning.schedules import Gap

NO_GAP_RULE = Gap(hard_min=1, target=1, soft_max=36_500)
"""Two visits of one series never share a day; nothing more."""


@dataclass(frozen=True, kw_only=True)
class Spacing:
    """Gaps are differences of clinic-local dates; None means no limit.

    `max_per_7d`: at most so many visits on the dates [d, d+6], for every d. `max_days` and
    `soft_max_days` limit last date - first date: the first is hard, the second only flags.
    """

    gap: Gap = NO_GAP_RULE
    max_per_7d: int | None = None
    max_days: int | None = None
    soft_max_days: int | None = None

    @property
    def least_gap(self) -> int:
        return max(1, self.gap.hard_min)


NO_LIMITS = Spacing()


@dataclass(frozen=True)
class BrokenRule:
    """What the dates of a series break. `number` is the visit that comes too early or too late.

    A soft one (`hard` is False) may be planned and booked, and is flagged for the provider.
    `involved` are the numbers of all visits that it is about.
    """

    rule: str
    number: int
    hard: bool
    sentence: str
    involved: tuple[int, ...] = ()


def judge(
    dates: Sequence[date], spacing: Spacing, numbers: Sequence[int] | None = None
) -> tuple[BrokenRule, ...]:
    """Every rule that these dates break, in the order of visits; `dates` are in visit order.

    `numbers` names the visits ("session 5"); without it they count from 1.
    """
    named = list(zip(numbers or range(1, len(dates) + 1), dates, strict=True))
    found = [*_gaps(named, spacing), *_weeks(named, spacing), *_span(named, spacing)]
    return tuple(sorted(found, key=lambda broken: broken.number))


Named = list[tuple[int, date]]


def _gaps(named: Named, spacing: Spacing) -> Iterator[BrokenRule]:
    gap = spacing.gap
    for (before, previous_on), (number, on) in pairwise(named):
        days = (on - previous_on).days
        if days <= 0:
            sentence = (
                f"Session {number} on {day_words(on)} would not be after"
                f" session {before} on {day_words(previous_on)}."
            )
            yield BrokenRule("H5", number, True, sentence, (before, number))
            continue
        where = (
            f"Session {number} on {day_words(on)} would be {count_words(days, 'day')}"
            f" after session {before}."
        )
        if days < spacing.least_gap:
            least = f"The least gap is {count_words(spacing.least_gap, 'day')}."
            yield BrokenRule("H5", number, True, f"{where} {least}", (before, number))
        elif gap.hard_max is not None and days > gap.hard_max:
            most = f"The largest gap is {count_words(gap.hard_max, 'day')}."
            yield BrokenRule("H7", number, True, f"{where} {most}", (before, number))
        elif days > gap.soft_max:
            usual = f"More than {count_words(gap.soft_max, 'day')} is flagged for the provider."
            yield BrokenRule("H7", number, False, f"{where} {usual}", (before, number))


def _weeks(named: Named, spacing: Spacing) -> Iterator[BrokenRule]:
    """One for each visit that is one too many in the 7 days that end with it."""
    most = spacing.max_per_7d
    if most is None:
        return
    in_order = sorted(named, key=lambda pair: pair[1])
    for place, (number, on) in enumerate(in_order):
        week = [other for other in in_order[: place + 1] if (on - other[1]).days <= 6]
        if len(week) > most:
            sentence = (
                f"Session {number} on {day_words(on)} would be number {len(week)} in the 7 days"
                f" from {day_words(week[0][1])}. At most {count_words(most, 'session')}"
                f" {'is' if most == 1 else 'are'} allowed."
            )
            yield BrokenRule("H6", number, True, sentence, tuple(n for n, _ in week))


def _span(named: Named, spacing: Spacing) -> Iterator[BrokenRule]:
    if not named:
        return
    first, first_on = min(named, key=lambda pair: pair[1])
    number, last_on = max(named, key=lambda pair: pair[1])
    days = (last_on - first_on).days
    where = f"From {day_words(first_on)} to session {number} on {day_words(last_on)} it would be"
    if spacing.max_days is not None and days > spacing.max_days:
        most = f"{count_words(days, 'day')}. At most {spacing.max_days} are allowed."
        yield BrokenRule("span", number, True, f"{where} {most}", (first, number))
    elif spacing.soft_max_days is not None and days > spacing.soft_max_days:
        usual = f"{count_words(days, 'day')}. More than {spacing.soft_max_days} is flagged."
        yield BrokenRule("span", number, False, f"{where} {usual}", (first, number))
