"""Who takes a patient home, as the desk notes it from a call."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField

from scheduler.models import Patient, Visit
from scheduler.services.own.answer_rows import Driver
from scheduler.services.own.answers import Asked
from scheduler.web.forms.fields import LineField, PhoneField, Required
from scheduler.web.forms.once import OnceForm
from scheduler.web.forms.series import as_id


class DriverForm(OnceForm):
    """`version` is the visit's that the person saw."""

    driver_name = LineField("Who drives", [Required("Write who drives.")], most=200)
    driver_phone = PhoneField("Phone", [Required("Write a number: the driver must be reachable.")])
    driver_ok = BooleanField("May be sent a text message")
    version = HiddenField()

    def start_with(self, visit: Visit, patient: Patient) -> None:
        """Who was named for this visit, else who usually drives."""
        named = visit if visit.driver_name else patient
        self.driver_name.data, self.driver_ok.data = named.driver_name, named.driver_ok
        self.driver_phone.data = named.driver_phone
        self.version.data = str(visit.version)

    def driver(self) -> Driver:
        return Driver(
            name=self.driver_name.data or "",
            phone=self.driver_phone.data or "",
            may_text=bool(self.driver_ok.data),
        )

    def asked(self, visit_id: int) -> Asked:
        return Asked(
            visit_id=visit_id,
            version=as_id(self.version.data) or 0,
            token=self.form_token.data or "",
        )
