"""A series request in plain words and numbers: `SeriesRequest` for whoever has no template."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, time

from scheduler.planning.request import (
    FILL_EARLY,
    PatientLimits,
    SeriesRequest,
    TimeWindow,
    Weights,
    Wishes,
)
from scheduler.planning.schedules import ANY_DAY, Gap
from scheduler.planning.spacing import Spacing
from scheduler.planning.visit import VisitShape

NOT_FLAGGED = 36_500
"""No gap is so long; flags are a template's matter."""
NO_WISHES = Wishes()


@dataclass(frozen=True, kw_only=True)
class Question:
    """`count` visits of the shape `visit`; the first may have its own.

    `gap` is (least, target, most) in local dates between two visits; most None: no limit. `per_7d`:
    at most so many visits on the dates [d, d+6]. `span_days`: at most so many days from the first
    date to the last. Weekdays are 0 for Monday to 6; all visits keep to one of `weekday_sets`, best
    first (none: any day), and to `weekdays`, the patient's own days (none: any). Chair starts lie
    in `window`, [from, until) by the site's clock; None is no limit. The patient cannot come on
    `blackouts`. Wishes are priced by `weights`, never required.
    """

    visit: VisitShape
    earliest_on: date
    count: int = 6
    first_visit: VisitShape | None = None
    gap: tuple[int, int, int | None] = (2, 3, 7)
    per_7d: int | None = None
    span_days: int | None = None
    weekday_sets: Sequence[Collection[int]] = ()
    weekdays: Collection[int] = ()
    window: tuple[time | None, time | None] = (None, None)
    blackouts: Collection[date] = ()
    wishes: Wishes = NO_WISHES
    weights: Weights = FILL_EARLY

    def __post_init__(self) -> None:
        least, target, most = self.gap
        if least > target or (most is not None and most < least):
            raise ValueError("a gap is (least, target, most): least <= target, least <= most")

    def request(self) -> SeriesRequest:
        rest = [self.visit] * (self.count - 1)
        return SeriesRequest(
            shapes=(self.first_visit or self.visit, *rest) if self.count > 0 else (),
            earliest_on=self.earliest_on,
            spacing=self._spacing(),
            weekday_sets=tuple(frozenset(days) for days in self.weekday_sets) or (ANY_DAY,),
            patient=PatientLimits(
                weekdays=frozenset(self.weekdays) or ANY_DAY,
                window=TimeWindow(starts_from=self.window[0], starts_until=self.window[1]),
                blackouts=frozenset(self.blackouts),
            ),
            wishes=self.wishes,
            weights=self.weights,
        )

    def _spacing(self) -> Spacing:
        least, target, most = self.gap
        soft_max = NOT_FLAGGED if most is None else most
        gap = Gap(hard_min=least, target=target, soft_max=soft_max, hard_max=most)
        return Spacing(gap=gap, max_per_7d=self.per_7d, max_days=self.span_days)
