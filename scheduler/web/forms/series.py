"""The wishes for a series as the desk types them; `to_query` is what they mean."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import BooleanField, Field, HiddenField, SelectField
from wtforms.validators import ValidationError

from scheduler.errors import Invalid
from scheduler.planning.request import TimeWindow
from scheduler.services.series_query import GapChange, SeriesQuery
from scheduler.web.forms.away import AwayField
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import (
    DayField,
    LineField,
    Required,
    WallTimeField,
    WeekdaysField,
    WholeNumberField,
)
from scheduler.web.forms.wall import clock_text, day_text

PARTS = ("prep", "premed", "infusion", "recovery", "discharge")
"""Parts whose minutes may be set for one series, where the template gives a range."""
MOST_ID = 2**31 - 1
ALIASES = {
    "gap": "gap_most",
    "minutes": "minutes_infusion",
    "window": "starts_until",
    "protocol_version": "protocol_version_id",
    "chair_id": "wished_chair_id",
    "patient": "patient_id",
    "template": "protocol_version_id",
}
"""Names that a service may give to what stands in another field here."""


class PickField(SelectField):
    """One of a list; what is not in it (any more) is refused in plain words. `data` is a str."""

    def __init__(
        self, label: str = "", gone: str = "Choose one of the list.", **kwargs: Any
    ) -> None:
        super().__init__(label, choices=[], **kwargs)
        self.type = "SelectField"  # drawn as one
        self.gone = gone

    def pre_validate(self, _form: Any) -> None:
        if str(self.data or "") not in {str(choice.value) for choice in self.choices}:
            raise ValidationError(self.gone)

    @property
    def number(self) -> int | None:
        return as_id(self.data)


class MinutesFields:
    """Other minutes than the template's, for the parts that may have them; empty keeps what is."""

    minutes_prep = WholeNumberField("Prep", most=600)
    minutes_premed = WholeNumberField("Premedication", most=600)
    minutes_infusion = WholeNumberField("Infusion", most=600)
    minutes_recovery = WholeNumberField("Recovery", most=600)
    minutes_discharge = WholeNumberField("Discharge", most=600)

    def minutes(self) -> dict[str, int]:
        found = {part: getattr(self, f"minutes_{part}").data for part in PARTS}
        return {part: minutes for part, minutes in found.items() if minutes is not None}


class SeriesForm(MinutesFields, Form):
    """Field names are those of SeriesQuery, so that a refusal finds its field."""

    token = HiddenField()
    patient_id = HiddenField("Patient")
    who = LineField("Patient", most=200)
    site_id = PickField("Site")
    protocol_version_id = PickField(
        "Series template", gone="This template is not in use any more. Choose another one."
    )
    phase = PickField("Phase", gone="This template has no such phase. Choose another one.")
    single = BooleanField("One visit only")
    interval = PickField("How often", gone="This phase has no such interval. Choose another one.")
    runs = WholeNumberField("Runs", least=1, most=100)
    with_optional_days = BooleanField("With the optional visits")
    earliest_on = DayField("Not before", [Required("Say the first day that works.")])
    latest_on = DayField("Done by")
    weekdays = WeekdaysField("Days that work")
    starts_from = WallTimeField("Start between")
    starts_until = WallTimeField("and")
    wished_start = WallTimeField("Best at about")
    wished_chair_id = PickField("Chair", gone="This chair is not in service. Choose another one.")
    away = AwayField("Dates away")
    arrives_from = WallTimeField("Driver: from")
    leaves_by = WallTimeField("until")
    same_time = BooleanField("Same time at every visit")
    same_chair = BooleanField("Same chair at every visit")
    any_weekdays = BooleanField("Any mix of weekdays, not only those of the template")
    chair_kind = PickField("Kind of chair")
    reseat = BooleanField("Others may change chairs, at their times")
    count = WholeNumberField("Visits", least=1, most=100)
    gap_least = WholeNumberField("Least days between", least=0, most=400)
    gap_most = WholeNumberField("Most days between", least=0, most=400)
    max_per_7d = WholeNumberField("Most visits in 7 days", least=1, most=7)
    max_days = WholeNumberField("Most days from first to last", least=0, most=400)
    ordered_by = LineField("Ordered by", most=200)
    reason = LineField("Why", most=500)

    count_is_free = False
    """Of a phase without an end, any number of visits may be planned now."""

    def validate_latest_on(self, field: Field) -> None:
        if field.data and self.earliest_on.data and field.data < self.earliest_on.data:
            raise ValidationError(f"This is before {day_text(self.earliest_on.data)}.")

    def validate_starts_until(self, field: Field) -> None:
        if field.data and self.starts_from.data and field.data <= self.starts_from.data:
            raise ValidationError(f"This is not after {clock_text(self.starts_from.data)}.")

    def validate_leaves_by(self, field: Field) -> None:
        if field.data and self.arrives_from.data and field.data <= self.arrives_from.data:
            raise ValidationError(f"This is not after {clock_text(self.arrives_from.data)}.")

    def validate_gap_most(self, field: Field) -> None:
        if field.data is not None and field.data < (self.gap_least.data or 0):
            raise ValidationError("This is less than the least gap.")

    def validate_reason(self, field: Field) -> None:
        if self.is_changed and not field.data:
            raise ValidationError("Say why this series differs from its template.")

    def refuse_past(self, today: date) -> None:
        """`today` is the site's date."""
        if self.earliest_on.data and self.earliest_on.data < today:
            said = f"This day is past. Today is {day_text(today)}."
            self.earliest_on.errors = [*self.earliest_on.errors, said]

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from what the template says."""
        changes = [self.gap_least, self.gap_most, self.max_per_7d, self.max_days]
        changes += [] if self.count_is_free else [self.count]
        return any(one.data is not None for one in changes) or bool(self.minutes())

    def refuse(self, error: Invalid) -> None:
        """At its field, also where the service has another word for it."""
        super().refuse(Invalid(error.message, field=field_name(error)))

    def to_query(self) -> SeriesQuery:
        """Call it after `validate()`, with a patient chosen."""
        limits = (self.gap_least.data, self.gap_most.data)
        gap = GapChange(least=limits[0], most=limits[1]) if limits != (None, None) else None
        return SeriesQuery(
            site_id=self.site_id.number or 0,
            patient_id=as_id(self.patient_id.data) or 0,
            protocol_version_id=self.protocol_version_id.number or 0,
            phase=self.phase.data,
            earliest_on=self.earliest_on.data,
            latest_on=self.latest_on.data,
            weekdays=frozenset(self.weekdays.data or ()),
            window=TimeWindow(
                starts_from=self.starts_from.data,
                starts_until=self.starts_until.data,
                arrives_from=self.arrives_from.data,
                leaves_by=self.leaves_by.data,
            ),
            wished_start=self.wished_start.data,
            wished_chair_id=self.wished_chair_id.number,
            same_time=bool(self.same_time.data),
            same_chair=bool(self.same_chair.data),
            any_weekdays=bool(self.any_weekdays.data),
            chair_kind=self.chair_kind.data or None,
            away=self.away.days,
            single=bool(self.single.data),
            reseat=bool(self.reseat.data),
            interval=self.interval.number,
            runs=self.runs.data,
            with_optional_days=bool(self.with_optional_days.data),
            count=self.count.data,
            gap=gap,
            max_days=self.max_days.data,
            max_per_7d=self.max_per_7d.data,
            minutes=self.minutes(),
            reason=self.reason.data or "",
            ordered_by=self.ordered_by.data or "",
        )


def field_name(error: Invalid) -> str:
    """The field of our forms that a service's word for it means."""
    name = str(error.field or "").removeprefix("parts.")
    return f"minutes_{name}" if name in PARTS else ALIASES.get(name, name)


def as_id(typed: Any) -> int | None:
    """The id in a hidden field or a select; anything that cannot be one is None."""
    text = str(typed or "")
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        return None
    number = int(text)
    return number if 0 < number <= MOST_ID else None
