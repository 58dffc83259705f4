"""The form of a site."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import ValidationError

from scheduler.models import Site
from scheduler.planning import zones
from scheduler.services.sites import SiteRequest
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import (
    EmailField,
    LineField,
    LinesField,
    PhoneField,
    Required,
    WholeNumberField,
)

STEPS = [SelectChoice(str(step), f"every {step} minutes") for step in (5, 10, 15, 20, 30, 60)]

SELF_SERVICE = [
    SelectChoice("move", "Patients choose one where the rules allow it"),
    SelectChoice("ask", "Patients ask, the desk decides"),
    SelectChoice("off", "Patients call"),
]


class SiteForm(Form):
    name = LineField("Name", [Required("How do you call this place?")], most=100)
    public_name = LineField("Public name", [Required("Patients need a name.")], most=100)
    zone_name = LineField("Time zone", [Required("Visits need a time zone.")], most=64)
    address = LinesField("Address", most=300)
    phone = PhoneField("Phone")
    sender_address = EmailField("Sending address", [Required("Mails need a sender.")])
    start_step_minutes = SelectField("Visits start", choices=STEPS, coerce=int, default=15)
    horizon_days = WholeNumberField("Plan ahead", [Required()], least=14, most=365, default=84)
    sms_on = BooleanField("Text messages")
    voice_on = BooleanField("Automatic calls")
    self_service = RadioField("Another time", choices=SELF_SERVICE, default="move")
    version = HiddenField()

    def validate_zone_name(self, field: Any) -> None:
        if field.data and not zones.is_known(field.data):
            raise ValidationError(zones.refusal(field.data))

    def to_request(self) -> SiteRequest:
        return SiteRequest(
            name=self.name.data,
            public_name=self.public_name.data,
            zone_name=self.zone_name.data,
            address=self.address.data,
            phone=self.phone.data or "",
            sender_address=self.sender_address.data,
            start_step_minutes=self.start_step_minutes.data,
            horizon_days=self.horizon_days.data,
            sms_on=self.sms_on.data,
            voice_on=self.voice_on.data,
            self_service=self.self_service.data,
        )

    @classmethod
    def of(cls, site: Site) -> SiteForm:
        return cls(formdata=None, obj=site)
