"""The form of a closure: dates and wall times in, a UTC span out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import HiddenField, SelectChoice, SelectField
from wtforms.validators import ValidationError

from scheduler.models import Chair, Closure
from scheduler.planning import opening
from scheduler.services.closures import ClosureRequest
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import DayField, LineField, Required, WallTimeField
from scheduler.web.forms.wall import clock_text, day_text

DAY = timedelta(days=1)
MIDNIGHT = time()


class ClosureForm(Form):
    """Without times whole days are closed. A wall time that the clocks skip is refused."""

    chair_id = SelectField("What is closed", coerce=int)
    first_on = DayField("From", [Required("Say from which day.")])
    first_time = WallTimeField("At")
    last_on = DayField("Until")
    last_time = WallTimeField("At")
    reason = LineField("Reason", [Required("Staff will ask why.")], most=150)
    was = HiddenField()
    zone: ZoneInfo

    def at(self, zone: ZoneInfo, chairs: list[Chair]) -> ClosureForm:
        """The site's zone, and what can be closed there."""
        self.zone = zone
        names = [SelectChoice(str(one.id), f"{one.name} only") for one in chairs]
        self.chair_id.choices = [SelectChoice("0", "The whole site"), *names]
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

    def to_request(self) -> ClosureRequest:
        """Of a wall time that comes twice, the closure starts at the first and ends at the second.

        "12:00 am" as the end, or none, is the end of the last day.
        """
        first, last = self.first_on.data, self.last_on.data or self.first_on.data
        starts_at = opening.instant(self.zone, first, self.first_time.data or MIDNIGHT)
        ends = self.last_time.data or MIDNIGHT
        on = last + DAY if ends == MIDNIGHT else last
        ends_at = datetime.combine(on, ends.replace(fold=1), self.zone)
        return ClosureRequest(
            chair_id=self.chair_id.data or None,
            starts_at=starts_at,
            ends_at=ends_at.astimezone(UTC),
            reason=self.reason.data,
        )

    @classmethod
    def of(cls, closure: Closure, zone: ZoneInfo) -> ClosureForm:
        """The closure as it would be typed; whole days have no times."""
        starts, ends = opening.local(zone, closure.starts_at), opening.local(zone, closure.ends_at)
        to_midnight = ends.time() == MIDNIGHT
        whole_days = to_midnight and starts.time() == MIDNIGHT
        return cls(
            formdata=None,
            chair_id=closure.chair_id or 0,
            first_on=starts.date(),
            first_time=None if whole_days else starts.time().replace(second=0, microsecond=0),
            last_on=ends.date() - DAY if to_midnight else ends.date(),
            last_time=None if whole_days else ends.time().replace(second=0, microsecond=0),
            reason=closure.reason,
        )
