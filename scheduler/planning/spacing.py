"""How the dates of a series lie to each other: gaps, visits in 7 days, span (domain H5-H7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

from scheduler.planning.calendar_months import months_later
from scheduler.planning.explain import count_words, day_words
from scheduler.planning.schedules import Gap

NO_GAP_RULE = Gap(hard_min=1, target=1, soft_max=36_500)
"""Two visits of one series never share a day; nothing more."""


@dataclass(frozen=True, kw_only=True)
class Anchored:
    """A visit that does not count from the visit before it (domain E, `ref`).

    Visit `number` lies `gap` days after visit `of`, or after the date `on`; with `months` the gap's
    days are added to so many calendar months. It still comes after the visit before it. Where
    visit `of` does not take place nothing is left to count from, and only the order is kept.
    """

    number: int
    gap: Gap
    months: int = 0
    of: int | None = None
    on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Spacing:
    """Gaps are differences of clinic-local dates; None means no limit.

    `gap` is from one visit to the next; with `months` its days are added to so many calendar
    months after the visit before (31 Jan + 1 month is the last day of February). `anchored` are the
    visits that count from another one. `max_per_7d`: at most so many visits on the dates [d, d+6],
    for every d. `max_days` and `soft_max_days` limit last date - first date: the first is hard, the
    second only flags.
    """

    gap: Gap = NO_GAP_RULE
    months: int = 0
    anchored: tuple[Anchored, ...] = ()
    max_per_7d: int | None = None
    max_days: int | None = None
    soft_max_days: int | None = None

    @property
    def least_gap(self) -> int:
        return max(1, self.gap.hard_min)

    @cached_property
    def anchor_of(self) -> Mapping[int, Anchored]:
        """The anchored visits by their number."""
        return {one.number: one for one in self.anchored}

    def later(self, days: int) -> Spacing:
        """Every largest gap `days` longer: what a provider may allow beyond the template."""
        return replace(
            self,
            gap=_longer(self.gap, days),
            anchored=tuple(replace(one, gap=_longer(one.gap, days)) for one in self.anchored),
        )

    def to_plain(self) -> dict[str, Any]:
        """For a JSON column; what is not set is left out."""
        plain = {name: value for name, value in asdict(self).items() if name != "anchored"}
        if not self.months:
            del plain["months"]
        if self.anchored:
            plain["anchored"] = [
                {**asdict(one), "on": one.on and one.on.isoformat()} for one in self.anchored
            ]
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Spacing:
        """Reads `to_plain`; rows written before there were anchored visits have none."""
        anchored = tuple(
            Anchored(
                **{
                    **one,
                    "gap": Gap(**one["gap"]),
                    "on": date.fromisoformat(one["on"]) if one["on"] else None,
                }
            )
            for one in plain.get("anchored", ())
        )
        return cls(**{**plain, "gap": Gap(**plain["gap"]), "anchored": anchored})


def _longer(gap: Gap, days: int) -> Gap:
    return gap if gap.hard_max is None else replace(gap, hard_max=gap.hard_max + days)


def gap_from(gap: Gap, months: int, on: date) -> Gap:
    """The gap in days from this date on, calendar months counted."""
    return gap.later((months_later(on, months) - on).days) if months else gap


NO_LIMITS = Spacing()
Numbered = Sequence[tuple[int, date]]
"""Visits by number with their dates, in order."""


@dataclass(frozen=True)
class Distance:
    """What one visit counts from: visit `of` (None: a date alone) on the date `on`, at `gap`."""

    number: int
    of: int | None
    on: date
    gap: Gap


def distances(numbered: Numbered, spacing: Spacing) -> Iterator[Distance]:
    """What each visit counts from, in order; visits without anything to count from are left
    out."""
    dates = dict(numbered)
    for place, (number, _) in enumerate(numbered):
        anchor = spacing.anchor_of.get(number)
        if anchor is not None:
            on = anchor.on if anchor.of is None else dates.get(anchor.of)
            if on is not None:
                yield Distance(number, anchor.of, on, gap_from(anchor.gap, anchor.months, on))
        elif place:
            before, on = numbered[place - 1]
            yield Distance(number, before, on, gap_from(spacing.gap, spacing.months, on))


def off_target(numbered: Numbered, spacing: Spacing, new: Sequence[int]) -> int:
    """Days off the target, summed over the gaps that a new visit is part of (planner "cost")."""
    dates = dict(numbered)
    return sum(
        abs((dates[one.number] - one.on).days - one.gap.target)
        for one in distances(numbered, spacing)
        if one.number in new or one.of in new
    )


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


def _gaps(named: Numbered, spacing: Spacing) -> Iterator[BrokenRule]:
    dates = dict(named)
    counted = {one.number: one for one in distances(named, spacing)}
    for (before, previous_on), (number, on) in pairwise(named):
        if on <= previous_on and not (number in counted and counted[number].of == before):
            words = f"session {before} on {day_words(previous_on)}"
            yield _not_after(number, on, words, (before, number))
    for one in counted.values():
        yield from _gap(one, dates[one.number])


def _not_after(number: int, on: date, than: str, involved: tuple[int, ...]) -> BrokenRule:
    sentence = f"Session {number} on {day_words(on)} would not be after {than}."
    return BrokenRule("H5", number, True, sentence, involved)


def _gap(one: Distance, on: date) -> Iterator[BrokenRule]:
    days, gap, least = (on - one.on).days, one.gap, max(1, one.gap.hard_min)
    involved = (one.number,) if one.of is None else (one.of, one.number)
    since = day_words(one.on) if one.of is None else f"session {one.of}"
    if days <= 0:
        than = since if one.of is None else f"{since} on {day_words(one.on)}"
        yield _not_after(one.number, on, than, involved)
        return
    where = (
        f"Session {one.number} on {day_words(on)} would be"
        f" {count_words(days, 'day')} after {since}."
    )
    if days < least:
        words = f"The least gap is {count_words(least, 'day')}."
        yield BrokenRule("H5", one.number, True, f"{where} {words}", involved)
    elif gap.hard_max is not None and days > gap.hard_max:
        words = f"The largest gap is {count_words(gap.hard_max, 'day')}."
        yield BrokenRule("H7", one.number, True, f"{where} {words}", involved)
    elif days > gap.soft_max:
        words = f"More than {count_words(gap.soft_max, 'day')} is flagged for the provider."
        yield BrokenRule("H7", one.number, False, f"{where} {words}", involved)


def _weeks(named: Numbered, spacing: Spacing) -> Iterator[BrokenRule]:
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


def _span(named: Numbered, spacing: Spacing) -> Iterator[BrokenRule]:
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
