"""The form of a site's own limits on its plans."""

from __future__ import annotations

from wtforms import HiddenField

from scheduler.models import Site
from scheduler.services.site_limits import MOST, Limits
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import Required, WallTimeField, WholeNumberField


class LimitsForm(Form):
    """Field names are those of the limits; an empty one that is not required is no limit."""

    patients_per_provider = WholeNumberField(
        "Sedating patients of one provider", [Required("How many?")], least=1, most=MOST
    )
    max_sedating_per_nurse = WholeNumberField("Sedating patients of one nurse", least=1, most=MOST)
    latest_start = WallTimeField("Last start of the day")
    version = HiddenField()

    def to_limits(self) -> Limits:
        return Limits(
            patients_per_provider=self.patients_per_provider.data,
            max_sedating_per_nurse=self.max_sedating_per_nurse.data,
            latest_start=self.latest_start.data,
        )

    @classmethod
    def of(cls, site: Site) -> LimitsForm:
        return cls(formdata=None, obj=site)
