"""The form of a closure: what is closed, from when until when."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from wtforms import HiddenField, SelectChoice, SelectField

from scheduler.models import Chair, Closure
from scheduler.services.closures import ClosureRequest
from scheduler.web.forms.fields import LineField, Required
from scheduler.web.forms.span import SpanForm, typed_span


class ClosureForm(SpanForm):
    """Without times whole days are closed."""

    chair_id = SelectField("What is closed", coerce=int)
    reason = LineField("Reason", [Required("Staff will ask why.")], most=150)
    was = HiddenField()

    def at(self, zone: ZoneInfo, chairs: list[Chair]) -> ClosureForm:
        """The site's zone, and what can be closed there."""
        names = [SelectChoice(str(one.id), f"{one.name} only") for one in chairs]
        self.chair_id.choices = [SelectChoice("0", "The whole site"), *names]
        return self.in_zone(zone)

    def to_request(self) -> ClosureRequest:
        starts_at, ends_at = self.to_span()
        return ClosureRequest(
            chair_id=self.chair_id.data or None,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=self.reason.data,
        )

    @classmethod
    def of(cls, closure: Closure, zone: ZoneInfo) -> ClosureForm:
        """The closure as it would be typed."""
        return cls(
            formdata=None,
            chair_id=closure.chair_id or 0,
            reason=closure.reason,
            **typed_span(closure.starts_at, closure.ends_at, zone),
        )
