"""What each visit counts from, read plainly from a request: neighbours, named visits, dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from scheduler.planning.request import SeriesRequest
from scheduler.planning.schedules import Gap


@dataclass(frozen=True)
class Rule:
    """The visit at `place` of the whole series counts from the one at place `of`, or from `on`."""

    place: int
    of: int | None
    on: date | None
    gap: Gap
    months: int

    def base(self, on: date) -> int:
        """The ordinal that the gap's days are added to."""
        return months_on(on, self.months).toordinal()


def rules(request: SeriesRequest) -> Iterator[Rule]:
    """Of the visits that take part in a new one's distances; fixed ones among themselves are left
    out."""
    before, spacing = len(request.after), request.spacing
    total = before + len(request.shapes) + len(request.before)
    first = request.first_number or before + 1
    numbers = list(request.numbered) or [first - before + place for place in range(total)]
    new = range(before, before + len(request.shapes))
    for place, number in enumerate(numbers):
        rule = _rule(request, place, number, numbers) or (
            Rule(place, place - 1, None, spacing.gap, spacing.months) if place else None
        )
        if rule and _has_base(rule) and (place in new or rule.of in new):
            yield rule


def _rule(request: SeriesRequest, place: int, number: int, numbers: list[int]) -> Rule | None:
    for one in request.spacing.anchored:
        if one.number == number:
            of = numbers.index(one.of) if one.of in numbers else None
            return Rule(place, of, one.on if one.of is None else None, one.gap, one.months)
    return None


def _has_base(rule: Rule) -> bool:
    return rule.of is not None or rule.on is not None


def months_on(on: date, months: int) -> date:
    """The same day of a later month; a day that the month does not have gives its last one."""
    year, month = on.year + (on.month - 1 + months) // 12, (on.month - 1 + months) % 12 + 1
    for day in range(on.day, 0, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")
