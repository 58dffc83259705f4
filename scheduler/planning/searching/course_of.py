"""From a request to its course: dates as whole days, references as steps and pins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scheduler.planning.request import SeriesRequest
from scheduler.planning.schedules import Gap
from scheduler.planning.searching.course import Course, GapRange, Pin, Step
from scheduler.planning.searching.offers import SCALE


def course_of(request: SeriesRequest, last_on: date | None) -> Course | None:
    """The request in whole days from its earliest day; None if the calendar ends before it."""
    if last_on is None:
        return None
    if request.latest_on is not None:
        last_on = min(last_on, request.latest_on)
    horizon = (last_on - request.earliest_on).days
    if horizon < 0:
        return None
    spacing, weights = request.spacing, request.weights
    asked, most = _Asked(request, horizon), spacing.max_days
    return Course(
        count=len(request.shapes),
        horizon=horizon,
        steps=tuple(asked.steps()),
        pins=tuple(asked.pins()),
        most_days=min(max(asked.cap if most is None else most, 0), asked.cap),
        per_week=spacing.max_per_7d,
        after=asked.after,
        before=asked.before,
        early_price=weights.early * SCALE,
        day_price=weights.day * SCALE,
    )


class _Asked:
    """What each visit of a request counts from. Without a largest gap the calendar is the limit."""

    def __init__(self, request: SeriesRequest, horizon: int) -> None:
        self.request, self.spacing = request, request.spacing
        self.after, self.before = (
            tuple((on - request.earliest_on).days for on in fixed)
            for fixed in (request.after, request.before)
        )
        self.cap = max((horizon, *self.before)) - min((0, *self.after))
        numbers = request.all_numbers
        self.new = {number: place for place, number in enumerate(request.numbers)}
        self.fixed = dict(zip(numbers, self.after, strict=False))
        self.fixed |= dict(zip(reversed(numbers), reversed(self.before), strict=False))
        self.previous = dict(zip(numbers[1:], numbers, strict=False))

    def steps(self) -> Iterator[Step]:
        """How the new visits count from each other; without a reference only the order is kept."""
        for number, place in list(self.new.items())[1:]:
            of, reach = self._reference(number)
            if isinstance(of, int) and of in self.new and reach is not None:
                yield Step(self.new[of], reach)
            else:
                yield Step(place - 1, GapRange(1, 1, self.cap))

    def pins(self) -> Iterator[Pin]:
        """Distances between a new visit and a fixed day, either way round."""
        for number, place in self.new.items():
            of, reach = self._reference(number)
            day = (of - self.request.earliest_on).days if isinstance(of, date) else None
            day = self.fixed.get(of) if isinstance(of, int) else day
            if day is not None and reach is not None:
                yield Pin(place, day, reach)
        for number, day in self.fixed.items():
            of, reach = self._reference(number)
            if isinstance(of, int) and of in self.new and reach is not None:
                yield Pin(self.new[of], day, reach, follows=True)

    def _reference(self, number: int) -> tuple[int | date | None, GapRange | None]:
        """The visit or the date that this visit counts from."""
        spacing, anchor = self.spacing, self.spacing.anchor_of.get(number)
        if anchor is None:
            of: int | date | None = self.previous.get(number)
            return of, self._gaps(spacing.gap, spacing.months)
        of = anchor.on if anchor.of is None else anchor.of
        return of, self._gaps(anchor.gap, anchor.months)

    def _gaps(self, gap: Gap, months: int) -> GapRange:
        return GapRange(
            least=gap.hard_min if months else max(1, gap.hard_min),
            target=gap.target,
            most=self.cap if gap.hard_max is None else min(gap.hard_max, self.cap),
            price=self.request.weights.gap * SCALE,
            months=months,
            origin=self.request.earliest_on.toordinal(),
        )
