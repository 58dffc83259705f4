"""The page of the visits behind one figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scheduler.models import Chair
from scheduler.planning.utilisation import PRIME_HOURS
from scheduler.services.reports import VisitRow
from scheduler.web.filters import day, days_span, plural, weekday
from scheduler.web.report_address import ReportAsked
from scheduler.web.report_figures import hour_text


@dataclass(frozen=True, kw_only=True)
class RowsPage:
    """The visits behind one figure."""

    asked: ReportAsked
    visits: Sequence[VisitRow]
    chairs: Sequence[Chair]
    missed: bool
    outside: bool

    @property
    def title(self) -> str:
        head = "No-shows" if self.missed else "Outside opening" if self.outside else "Booked"
        minutes = self.outside_minutes if self.outside else self.booked_minutes
        return f"{head}: {plural(len(self.visits), 'visit')}, {plural(minutes, 'minute')}"

    @property
    def booked_minutes(self) -> int:
        return sum(visit.minutes.booked for visit in self.visits)

    @property
    def outside_minutes(self) -> int:
        return sum(visit.minutes.outside for visit in self.visits)

    @property
    def sub(self) -> str:
        """The slice in words."""
        only, period = self.asked.only, self.asked.period
        parts = [days_span(period.first_on, period.last_on)]
        if only.on:
            parts = [day(only.on)]
        if only.weekday is not None:
            parts.append(f"{weekday(only.weekday)}s")
        if only.hours == PRIME_HOURS:
            parts.append("10 am to 2 pm")
        elif only.hours:
            (hour,) = only.hours
            parts.append(f"{hour_text(hour)} to {hour_text((hour + 1) % 24)}")
        parts += [chair.name for chair in self.chairs if chair.id == only.chair_id]
        return ", ".join(parts) + "."

    @property
    def slice_args(self) -> dict[str, Any]:
        """What the address says beside period and chair, so that the export gives the same rows."""
        only = self.asked.only
        prime = only.hours == PRIME_HOURS
        return {
            "day": only.on.isoformat() if only.on else None,
            "weekday": only.weekday,
            "prime": 1 if prime else None,
            "hour": min(only.hours) if only.hours and not prime else None,
            "missed": 1 if self.missed else None,
            "outside": 1 if self.outside else None,
        }
