"""The form of a chair, room or bay."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, SelectChoice, SelectField

from scheduler.services.chairs import ChairRequest
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import LineField, Required, WholeNumberField

KINDS = [
    SelectChoice("chair", "Chair"),
    SelectChoice("room", "Room"),
    SelectChoice("bay", "Recovery bay"),
]


class ChairForm(Form):
    name = LineField("Name", [Required("What is written on it?")], most=40)
    kind = SelectField("Kind", choices=KINDS, default="chair")
    position = WholeNumberField("Place on the board", [Required()], least=1, most=999, default=1)
    in_service = BooleanField("In service", default=True)
    version = HiddenField()

    def to_request(self) -> ChairRequest:
        return ChairRequest(
            name=self.name.data,
            kind=self.kind.data,
            in_service=self.in_service.data,
            position=self.position.data or 1,
        )
