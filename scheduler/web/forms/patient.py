"""The form of a patient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from wtforms import BooleanField, FieldList, FormField, HiddenField, RadioField, SelectChoice
from wtforms import Form as Inner
from wtforms.validators import ValidationError

from scheduler.models import Patient
from scheduler.services.own.consents import FLAGS
from scheduler.services.patients import NEEDS, NOT_ALLOWED, Away, PatientRequest, request_of
from scheduler.web.forms.fields import (
    DayField,
    EmailField,
    LineField,
    LinesField,
    PhoneField,
    Required,
    WallTimeField,
    WeekdaysField,
)
from scheduler.web.forms.once import OnceForm

CHANNELS = [
    SelectChoice("email", "E-mail"),
    SelectChoice("sms", "Text message"),
    SelectChoice("voice", "Automatic call"),
    SelectChoice("letter", "Letter"),
    SelectChoice("phone", "A person calls"),
]
LANGUAGES = [SelectChoice("en", "English"), SelectChoice("es", "Español")]
CALENDARS = [
    SelectChoice("invites", "Invitations by e-mail"),
    SelectChoice("feed", "Subscribes to the calendar feed"),
]
MOST_AWAY = 40


class AwayRow(Inner):
    starts_on = DayField("From")
    ends_on = DayField("Until")
    reason = LineField("Why", most=100)

    @property
    def is_blank(self) -> bool:
        return not (self.starts_on.typed or self.ends_on.typed or self.reason.data)

    def check(self) -> None:
        """One date alone is one day."""
        if self.starts_on.data is None and not self.starts_on.errors:
            self.starts_on.errors = ["From which day?"]
        first, last = self.starts_on.data, self.ends_on.data
        if first and last and last < first:
            self.ends_on.errors = [*self.ends_on.errors, "This is before it begins."]


class PatientForm(OnceForm):
    first_name = LineField("First name", [Required("Write the first name.")], most=100)
    last_name = LineField("Last name", [Required("Write the last name.")], most=100)
    birth_on = DayField("Born on", [Required("Write the birth date, such as 14 Mar 1979.")])
    channel = RadioField("Reach by", choices=CHANNELS, default="email")
    email = EmailField("E-mail")
    phone = PhoneField("Phone")
    address = LinesField("Postal address", most=400)
    email_ok = BooleanField("E-mail", default=True)
    sms_ok = BooleanField("Text messages")
    voice_ok = BooleanField("Automatic calls")
    no_voicemail = BooleanField("Leave no voicemail")
    language = RadioField("Language", choices=LANGUAGES, default="en")
    calendar = RadioField("Calendar", choices=CALENDARS, default="invites")
    weekdays = WeekdaysField("Days that work")
    band_from = WallTimeField("Not before")
    band_until = WallTimeField("Not after")
    driver_name = LineField("Usual driver", most=100)
    driver_phone = PhoneField("Driver's phone")
    driver_ok = BooleanField("The patient agrees that we text the driver")
    neutral_alarms = BooleanField("Neutral calendar alarms")
    desk_note = LinesField("Note for the desk", most=2000)
    away = FieldList(FormField(AwayRow), max_entries=MOST_AWAY)
    version = HiddenField()

    def blank_row(self) -> AwayRow:
        """What the page clones for one row more."""
        return AwayRow(prefix="away-__N__-")

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        valid = super().validate(*args, **kwargs)
        for row in self._rows():
            row.check()
        self._check_reach()
        return valid and not self.wrong()

    def _check_reach(self) -> None:
        """The chosen way must be there and allowed; what is there but cannot be read has been
        said."""
        channel = self.channel.data
        way: Any = self[NEEDS[channel]] if channel in NEEDS else None
        if way is not None and not way.data and not way.errors:
            way.errors = ["This is how the patient is to be reached, so it is needed."]
        consent: Any = self[FLAGS[channel]] if channel in FLAGS else None
        if consent is not None and not consent.data:
            consent.errors = [NOT_ALLOWED]

    def refuse_future_birth(self, today: date) -> bool:
        """`today` is the clinic's own date."""
        if self.birth_on.data and self.birth_on.data > today:
            self.birth_on.errors = [*self.birth_on.errors, "This day is still to come."]
            return True
        return False

    def validate_band_until(self, field: Any) -> None:
        if field.data and self.band_from.data and field.data <= self.band_from.data:
            raise ValidationError("This is before the band begins.")

    def _rows(self) -> Iterator[AwayRow]:
        return (entry.form for entry in self.away if not entry.form.is_blank)

    def to_request(self) -> PatientRequest:
        return PatientRequest(
            first_name=self.first_name.data,
            last_name=self.last_name.data,
            birth_on=self.birth_on.data,
            email=self.email.data or "",
            phone=self.phone.data or "",
            address=self.address.data,
            channel=self.channel.data,
            weekdays=tuple(self.weekdays.data or ()),
            band_from=self.band_from.data,
            band_until=self.band_until.data,
            driver_name=self.driver_name.data,
            driver_phone=self.driver_phone.data or "",
            driver_ok=self.driver_ok.data,
            email_ok=self.email_ok.data,
            sms_ok=self.sms_ok.data,
            voice_ok=self.voice_ok.data,
            no_voicemail=self.no_voicemail.data,
            language=self.language.data,
            calendar=self.calendar.data,
            neutral_alarms=self.neutral_alarms.data,
            note=self.desk_note.data,
            away=tuple(self._away()),
        )

    def _away(self) -> Iterator[Away]:
        for row in self._rows():
            first = row.starts_on.data
            yield Away(starts_on=first, ends_on=row.ends_on.data or first, reason=row.reason.data)

    @classmethod
    def of(cls, patient: Patient) -> PatientForm:
        request = request_of(patient)
        return cls(
            formdata=None,
            data={**asdict(request), "desk_note": patient.note, "version": patient.version},
        )
