"""The form of one layer of preparation: an empty field leaves the rule to the next layer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField, SelectChoice, SelectField

from scheduler.planning.prep_layers import CHOICES, FIELDS, MOST_MINUTES
from scheduler.planning.words.prep_fields import DRIVERS, LABELS, value_words
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import TypedField

_SPAN = re.compile(r"([0-9]{1,4}(?:[.,][0-9]{1,2})?)\s*(h|hours?|min|minutes?)?", re.IGNORECASE)


class SpanField(TypedField):
    """Elapsed time typed as "4 h", "30 min" or "none"; a bare number is of `unit`. `data` is
    minutes or None."""

    def __init__(self, label: str, *, most: int, unit: str = "h", **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.most, self.unit = most, unit

    def read(self, typed: str) -> int:
        if typed.casefold() in {"none", "no"}:
            return 0
        found = _SPAN.fullmatch(typed)
        if found is None:
            raise ValueError('Write hours or minutes, such as "4 h" or "30 min"; "none" for none.')
        number = float(found[1].replace(",", "."))
        minutes = number * (60 if (found[2] or self.unit).lower().startswith("h") else 1)
        if minutes != int(minutes):
            raise ValueError("Use whole minutes.")
        if minutes > self.most:
            raise ValueError(f"At most {self.most // 60} hours.")
        return int(minutes)

    def write(self, value: int) -> str:
        return value_words("any_minutes", value)


def _span(name: str) -> SpanField:
    unit = "min" if name == "arrive_early_minutes" else "h"
    return SpanField(LABELS[name], most=MOST_MINUTES[name], unit=unit)


def _choice(name: str) -> SelectField:
    """The values are those of the layer, or yes and no where there is one thing to ask for."""
    if name == "driver":
        named = [SelectChoice(value, DRIVERS[value]) for value in ("required", "recommended")]
        named.append(SelectChoice("none", DRIVERS["none"]))
    else:
        named = [SelectChoice("yes", "yes"), SelectChoice("no", "no")]
    left = SelectChoice("", "as without this")
    return SelectField(LABELS[name], choices=[left, *named], default="")


class PrepForm(Form):
    """Field names are those of PrepSet."""

    fasting_solids_minutes = _span("fasting_solids_minutes")
    limit_fluids_minutes = _span("limit_fluids_minutes")
    nasal_products_gap_minutes = _span("nasal_products_gap_minutes")
    alcohol_before_minutes = _span("alcohol_before_minutes")
    alcohol_after_minutes = _span("alcohol_after_minutes")
    arrive_early_minutes = _span("arrive_early_minutes")
    driver = _choice("driver")
    no_driving_until = _choice("no_driving_until")
    clothing = _choice("clothing")
    medicines = _choice("medicines")
    hydrate = _choice("hydrate")
    infection_check = _choice("infection_check")
    version = HiddenField()

    def to_layer(self) -> dict[str, Any]:
        """Only what was set; "none" and "no" are set too."""
        found = {name: _value(name, self[name].data) for name in FIELDS}
        return {name: value for name, value in found.items() if value is not LEFT}

    @classmethod
    def of(cls, layer: Mapping[str, Any], version: int) -> PrepForm:
        shown = {name: _typed(name, layer[name]) for name in layer}
        return cls(formdata=None, data={**shown, "version": version})

    def spans(self) -> list[Any]:
        return [self[name] for name in MOST_MINUTES]

    def choices(self) -> list[Any]:
        return [self[name] for name in FIELDS if name not in MOST_MINUTES]


LEFT = object()


def _value(name: str, data: Any) -> Any:
    if data in (None, ""):
        return LEFT
    if name in MOST_MINUTES or name == "driver":
        return data
    if name in CHOICES:
        return CHOICES[name][1] if data == "yes" else None
    return data == "yes"


def _typed(name: str, value: Any) -> Any:
    if name in MOST_MINUTES or name == "driver":
        return value
    return "yes" if value else "no"
