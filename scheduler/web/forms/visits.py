"""What the desk says when it moves or cancels a visit."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import HiddenField, RadioField, SelectChoice

from scheduler.planning.opening import exists, is_ambiguous
from scheduler.services.cancelling import CancelRequest
from scheduler.services.moving import MoveRequest
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import DayField, LineField, Required, WallTimeField
from scheduler.web.forms.series import PickField, as_id
from scheduler.web.forms.wall import clock_text, day_text

WHY_MOVED = ("Patient asked", "Clinic asked", "Clinical reason", "Weather", "Other")
WHY_CANCELLED = {
    "patient": "Patient asked",
    "clinic": "Clinic cannot",
    "clinical": "Clinical reason",
    "duplicate": "Booked twice or by mistake",
}


class MoveForm(Form):
    """A new day, time and chair for one visit. `version` is the visit's that the person saw."""

    token = HiddenField()
    version = HiddenField()
    starts_on = DayField("New day", [Required("Say the new day.")])
    starts = WallTimeField("At", [Required("Say the new time.")])
    chair_id = PickField("Chair", gone="This chair is not in service. Choose another one.")
    why = PickField("Why", gone="Choose why.")
    words = LineField("In your words", most=400)

    def refuse_strange_time(self, zone: ZoneInfo) -> None:
        """A wall time that this day does not have, or has twice, is no place to put a visit."""
        on, wall = self.starts_on.data, self.starts.data
        said = strange_time(zone, on, wall) if on and wall is not None else None
        if said:
            self.starts.errors = [*self.starts.errors, said]

    def refuse_past(self, now: datetime, zone: ZoneInfo) -> None:
        today = now.astimezone(zone).date()
        if self.starts_on.data and self.starts_on.data < today:
            said = f"This day is past. Today is {day_text(today)}."
            self.starts_on.errors = [*self.starts_on.errors, said]

    def to_request(self) -> MoveRequest:
        words = f"{self.why.data}: {self.words.data}" if self.words.data else self.why.data
        return MoveRequest(
            chair_id=self.chair_id.number,
            starts_on=self.starts_on.data,
            starts=self.starts.data,
            reason=words,
            version=as_id(self.version.data) or 0,
            token=self.token.data or "",
        )


class CancelForm(Form):
    """Why a visit, or what is left of a series, is cancelled."""

    token = HiddenField()
    version = HiddenField()
    reason_code = RadioField(
        "Why",
        choices=[SelectChoice(code, text) for code, text in WHY_CANCELLED.items()],
        validate_choice=False,
    )
    reason = LineField("In your words", most=400)

    def validate_reason_code(self, field: Any) -> None:
        if field.data not in WHY_CANCELLED:
            raise ValueError("Say why.")

    def to_request(self) -> CancelRequest:
        return CancelRequest(
            reason_code=self.reason_code.data,
            reason=self.reason.data,
            version=as_id(self.version.data) or 0,
            token=self.token.data or "",
        )


def strange_time(zone: ZoneInfo, on: date, wall: time) -> str | None:
    """A sentence if the site's clock never shows this time on that day, or shows it twice."""
    what = f"{clock_text(wall)} on {day_text(on)}"
    if not exists(zone, on, wall):
        return f"There is no {what}: the clocks jump over it. Choose a time before or after."
    if is_ambiguous(zone, on, wall):
        return f"{what} comes twice: the clocks go back. Choose a time before or after."
    return None
