"""What the desk asks for when it plans a series or a visit: the typed request behind the form."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, time
from typing import Any

from scheduler.planning.request import TimeWindow


@dataclass(frozen=True, kw_only=True)
class GapChange:
    """Other limits than the template's, in days between local dates; None keeps the template's."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class SeriesQuery:
    """One phase of one template version for one patient, with the wishes for it.

    Dates and wall times are the site's. `weekdays` (Monday 0), `window` and `away` are firm, an
    empty set means any day; `wished_start` and `wished_chair_id` are priced wishes. `any_weekdays`
    lets the template's weekday sets go; `interval` chooses one of an "every" phase's numbers,
    `runs` how many runs of a cycle are planned now, `with_optional_days` adds a phase's optional
    visits; `single` asks for one visit whatever the cadence. With
    `reseat` other visits may take other chairs, at their times, where none is free. `count`, `gap`
    and `minutes` (part -> minutes, for every visit) differ from the template only
    with a `reason`; `ordered_by` names the prescriber where an order is needed.
    """

    site_id: int
    patient_id: int
    protocol_version_id: int
    phase: str
    earliest_on: date
    latest_on: date | None = None
    weekdays: frozenset[int] = frozenset()
    window: TimeWindow = field(default_factory=TimeWindow)
    wished_start: time | None = None
    wished_chair_id: int | None = None
    same_time: bool = False
    same_chair: bool = False
    chair_kind: str | None = None
    away: frozenset[date] = frozenset()
    any_weekdays: bool = False
    single: bool = False
    reseat: bool = False
    count: int | None = None
    interval: int | None = None
    runs: int | None = None
    with_optional_days: bool = False
    gap: GapChange | None = None
    max_days: int | None = None
    max_per_7d: int | None = None
    minutes: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    ordered_by: str = ""

    def wishes(self) -> dict[str, Any]:
        """What was asked for, for a JSON column, so that a later re-plan can ask again."""
        limits = asdict(self.window).items()
        return {
            "weekdays": sorted(self.weekdays),
            "window": {name: at.isoformat() for name, at in limits if at is not None},
            "start": self.wished_start.isoformat() if self.wished_start else None,
            "chair_id": self.wished_chair_id,
            "chair_kind": self.chair_kind,
            "same_time": self.same_time,
            "same_chair": self.same_chair,
            "away": sorted(on.isoformat() for on in self.away),
        }
