"""Forms that ask from when until when: dates and wall times in, a UTC span out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from wtforms.validators import ValidationError

from scheduler.planning import opening
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import DayField, Required, WallTimeField
from scheduler.web.forms.wall import clock_text, day_text

DAY = timedelta(days=1)
MIDNIGHT = time()


class SpanForm(Form):
    """Without times it is whole days. A wall time that the clocks skip is refused."""

    first_on = DayField("From", [Required("Say from which day.")])
    first_time = WallTimeField("At")
    last_on = DayField("Until")
    last_time = WallTimeField("At")
    zone: ZoneInfo

    def in_zone(self, zone: ZoneInfo) -> Self:
        self.zone = zone
        return self

    def validate_first_time(self, field: Any) -> None:
        self._refuse_skipped(self.first_on.data, field.data)

    def validate_last_time(self, field: Any) -> None:
        self._refuse_skipped(self._last_on, field.data)

    def validate_last_on(self, field: Any) -> None:
        if field.data and self.first_on.data and field.data < self.first_on.data:
            raise ValidationError(f"This is before {day_text(self.first_on.data)}.")

    @property
    def _last_on(self) -> date | None:
        if self.last_on.typed and self.last_on.data is None:
            return None  # it cannot be read, which is said there
        last: date | None = self.last_on.data or self.first_on.data
        return last

    def _refuse_skipped(self, on: date | None, at: time | None) -> None:
        if on and at and not opening.exists(self.zone, on, at):
            instead = opening.local(self.zone, opening.instant(self.zone, on, at))
            raise ValidationError(
                f"On {day_text(on)} the clocks skip {clock_text(at)}."
                f" Write {clock_text(instead.time())}."
            )

    def to_span(self) -> tuple[datetime, datetime]:
        """Of a wall time that comes twice, it starts at the first and ends at the second.

        "12:00 am" as the end, or none, is the end of the last day.
        """
        first, last = self.first_on.data, self.last_on.data or self.first_on.data
        starts_at = opening.instant(self.zone, first, self.first_time.data or MIDNIGHT)
        ends = self.last_time.data or MIDNIGHT
        on = last + DAY if ends == MIDNIGHT else last
        ends_at = datetime.combine(on, ends.replace(fold=1), self.zone)
        return starts_at, ends_at.astimezone(UTC)


def typed_span(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """The span as it would be typed; whole days have no times."""
    starts, ends = opening.local(zone, starts_at), opening.local(zone, ends_at)
    to_midnight = ends.time() == MIDNIGHT
    whole_days = to_midnight and starts.time() == MIDNIGHT
    return {
        "first_on": starts.date(),
        "first_time": None if whole_days else starts.time().replace(second=0, microsecond=0),
        "last_on": ends.date() - DAY if to_midnight else ends.date(),
        "last_time": None if whole_days else ends.time().replace(second=0, microsecond=0),
    }
