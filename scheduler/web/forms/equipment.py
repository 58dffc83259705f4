"""Forms of equipment: how many a site has, and what is out of use."""

from __future__ import annotations

from wtforms import HiddenField, SelectChoice, SelectField

from scheduler.services.equipment import MOST, OutageRequest
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import LineField, Required, WholeNumberField
from scheduler.web.forms.span import SpanForm

KINDS = (("pump", "Pumps"), ("monitor", "Monitors"))


class CountsForm(Form):
    """An empty field: nobody counts them here, and no plan waits for one."""

    pumps = WholeNumberField("Pumps", most=MOST)
    monitors = WholeNumberField("Monitors", most=MOST)
    was = HiddenField()

    def counted(self) -> dict[str, int | None]:
        return {"pump": self.pumps.data, "monitor": self.monitors.data}


class OutageForm(SpanForm):
    """Without times they are out of use for whole days."""

    kind = SelectField("What", choices=[SelectChoice(*one) for one in KINDS])
    number = WholeNumberField("How many", [Required("How many?")], least=1, most=MOST)
    reason = LineField("Reason", [Required("Staff will ask why.")], most=150)

    def to_request(self) -> OutageRequest:
        starts_at, ends_at = self.to_span()
        return OutageRequest(
            kind=self.kind.data,
            number=self.number.data,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=self.reason.data,
        )
