"""What the desk says when it moves or cancels a visit."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import BooleanField, HiddenField, RadioField, SelectChoice
from wtforms.validators import ValidationError

from scheduler.errors import Invalid
from scheduler.planning.opening import exists, is_ambiguous, local
from scheduler.services.cancelling import REASON_CODES, CancelRequest
from scheduler.services.moving import MoveRequest
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import DayField, LineField, Required, WallTimeField
from scheduler.web.forms.series import MinutesFields, PickField, as_id, field_name
from scheduler.web.forms.text import clean_line
from scheduler.web.forms.wall import clock_text, day_text

WHY_MOVED = ("Patient asked", "Clinic asked", "Clinical reason", "Weather", "Other")
WHY_CANCELLED = dict(
    zip(
        REASON_CODES,
        ("Patient asked", "Clinic cannot", "Clinical reason", "Booked twice or by mistake"),
        strict=True,
    )
)


class MoveForm(MinutesFields, Form):
    """A new day, time and chair for one visit. `version` is the visit's that the person saw."""

    token = HiddenField()
    version = HiddenField()
    starts_on = DayField("New day", [Required("Say the new day.")])
    starts = WallTimeField("At", [Required("Say the new time.")])
    chair_id = PickField("Chair", gone="This chair is not in service. Choose another one.")
    why = PickField("Why", gone="Choose why.")
    words = LineField("In your words", most=400)
    override = BooleanField("Move it although a rule of the series breaks")

    def start_with(self, asked: Mapping[str, str]) -> None:
        """A place that a link names, ISO: `starts_on`, `starts`, `chair_id`. Nonsense is left
        out."""
        for name, reads in (("starts_on", date), ("starts", time)):
            with suppress(ValueError):
                if name in asked:
                    self[name].data = reads.fromisoformat(asked[name])
        if asked.get("chair_id", "").isdecimal():
            self.chair_id.data = asked["chair_id"]

    def refuse_time(self, zone: ZoneInfo, now: datetime) -> None:
        """A day that is past, and a wall time that its day does not have or has twice."""
        on, wall = self.starts_on.data, self.starts.data
        if on and (said := past_day(zone, on, now)):
            self.starts_on.errors = [*self.starts_on.errors, said]
        elif on and wall is not None and (said := strange_time(zone, on, wall)):
            self.starts.errors = [*self.starts.errors, said]

    def refuse(self, error: Invalid) -> None:
        name = {"reason": "words"}.get(error.field or "", field_name(error))
        super().refuse(Invalid(error.message, field=name))

    def to_request(self, visit_id: int) -> MoveRequest:
        words = f"{self.why.data}: {self.words.data}" if self.words.data else self.why.data
        return MoveRequest(
            visit_id=visit_id,
            starts_on=self.starts_on.data,
            starts=self.starts.data,
            chair_id=self.chair_id.number,
            minutes=self.minutes(),
            reason=words,
            version=as_id(self.version.data) or 0,
            override=self.override.data,
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
            raise ValidationError("Say why.")

    def to_request(self) -> CancelRequest:
        return CancelRequest(
            reason_code=self.reason_code.data,
            reason=self.reason.data,
            version=as_id(self.version.data) or 0,
            token=self.token.data or "",
        )


def dragged(visit_id: int, sent: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> MoveRequest:
    """What the board sends: `starts_local` is the site's wall time, "2027-01-13T09:00".

    Raises Invalid with a sentence for the board's note.
    """
    starts = _wall_instant(str(sent.get("starts_local") or ""))
    said = past_day(zone, starts.date(), now) or strange_time(zone, starts.date(), starts.time())
    if said:
        raise Invalid(said, field="starts_local")
    return MoveRequest(
        visit_id=visit_id,
        starts_on=starts.date(),
        starts=starts.time(),
        chair_id=as_id(sent.get("chair_id")),
        reason=clean_line(str(sent.get("reason") or ""))[:400],
        version=as_id(sent.get("version")) or 0,
        override=sent.get("override") in (True, "y", "true", "1"),
    )


def past_day(zone: ZoneInfo, on: date, now: datetime) -> str | None:
    """A sentence if the site's date has gone by."""
    today = local(zone, now).date()
    return f"This day is past. Today is {day_text(today)}." if on < today else None


def strange_time(zone: ZoneInfo, on: date, wall: time) -> str | None:
    """A sentence if the site's clock never shows this time on that day, or shows it twice."""
    what = f"{clock_text(wall)} on {day_text(on)}"
    if not exists(zone, on, wall):
        return f"There is no {what}: the clocks jump over it. Choose a time before or after."
    if is_ambiguous(zone, on, wall):
        return f"{what} comes twice: the clocks go back. Choose a time before or after."
    return None


def _wall_instant(typed: str) -> datetime:
    try:
        return datetime.strptime(typed[:16], "%Y-%m-%dT%H:%M")  # noqa: DTZ007  wall time, by name
    except ValueError:
        raise Invalid("This is no place on the board.", field="starts_local") from None
