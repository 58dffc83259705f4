"""The form of a clearance: what it is, and until when it covers visits."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField

from scheduler.models import Clearance
from scheduler.services.clearances import ClearanceRequest, fingerprint
from scheduler.web.forms.fields import DayField, LineField, Required
from scheduler.web.forms.once import OnceForm


class ClearanceForm(OnceForm):
    """A day that has passed is fine: it says that the clearance has ended."""

    what = LineField("What", [Required("Say what was cleared.")], most=120)
    until = DayField("Valid until", [Required("Write the last day it covers.")])
    was = HiddenField()

    def to_request(self) -> ClearanceRequest:
        return ClearanceRequest(what=self.what.data, until=self.until.data)

    @classmethod
    def of(cls, clearance: Clearance) -> ClearanceForm:
        data: dict[str, Any] = {"what": clearance.what, "until": clearance.until}
        return cls(formdata=None, data={**data, "was": fingerprint(clearance)})
