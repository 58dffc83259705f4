"""The form of an absence or an extra shift."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from wtforms import HiddenField, SelectChoice, SelectField

from scheduler.models import CoverChange
from scheduler.services.staffing import MOST, StaffRequest
from scheduler.web.forms.fields import LineField, Required, WholeNumberField
from scheduler.web.forms.span import SpanForm, typed_span

AWAY, EXTRA = "away", "extra"
KINDS = ((AWAY, "Away"), (EXTRA, "Extra shift"))
ROLE_NAMES = (("nurse", "Nurse"), ("provider", "Provider"))


class StaffForm(SpanForm):
    """Without times somebody is away, or there, for whole days."""

    kind = SelectField("What", choices=[SelectChoice(*one) for one in KINDS])
    role = SelectField("Role", choices=[SelectChoice(*one) for one in ROLE_NAMES])
    number = WholeNumberField("How many", [Required("How many?")], least=1, most=MOST)
    who = LineField("Who", [Required("Say who: staff will ask.")], most=120)
    reason = LineField("Reason", most=150)
    was = HiddenField()

    def to_request(self) -> StaffRequest:
        starts_at, ends_at = self.to_span()
        sign = -1 if self.kind.data == AWAY else 1
        return StaffRequest(
            role=self.role.data,
            starts_at=starts_at,
            ends_at=ends_at,
            number=sign * self.number.data,
            who=self.who.data,
            reason=self.reason.data,
        )

    @classmethod
    def of(cls, row: CoverChange, zone: ZoneInfo) -> StaffForm:
        """As it would be typed."""
        form = cls(
            formdata=None,
            kind=AWAY if row.number < 0 else EXTRA,
            role=row.role,
            number=abs(row.number),
            who=row.who,
            reason=row.reason,
            **typed_span(row.starts_at, row.ends_at, zone),
        )
        return form.in_zone(zone)
