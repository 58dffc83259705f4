"""The form of how plans are chosen: a preset, or a price for each thing."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, RadioField, SelectChoice
from wtforms.validators import ValidationError

from scheduler.models import Site
from scheduler.planning.request import Weights
from scheduler.services.plan_prices import MOST, OWN, PRICES, PriceChoice, weights_of
from scheduler.web.forms.base import Form
from scheduler.web.forms.fields import WholeNumberField
from scheduler.web.price_words import ABOUT, GROUPS

LABELS = {name: label for _, group in GROUPS for name, (label, _) in group.items()}


def _price(name: str) -> WholeNumberField:
    return WholeNumberField(LABELS[name], most=MOST)


class PricesForm(Form):
    """Field names are those of the prices, so that a refusal finds its field."""

    preset = RadioField(
        "How plans are chosen",
        choices=[SelectChoice(key, title) for key, (title, _) in ABOUT.items()],
        validate_choice=False,
    )
    early = _price("early")
    day = _price("day")
    time = _price("time")
    chair = _price("chair")
    set = _price("set")
    gap = _price("gap")
    frag = _price("frag")
    tight = _price("tight")
    stagger = _price("stagger")
    prime = _price("prime")
    slack = _price("slack")
    version = HiddenField()

    def validate_preset(self, field: Any) -> None:
        if field.data not in ABOUT:
            raise ValidationError("Choose one of these.")

    def validate(self, extra_validators: Any = None) -> bool:
        """Prices that cannot be read stop nothing where a preset was chosen."""
        valid = super().validate(extra_validators)
        if valid or self.preset.data in (None, OWN) or self.preset.errors:
            return bool(valid)
        for name in PRICES:
            self[name].errors = []
        return not self.wrong()

    def weights(self) -> Weights:
        """As far as they can be read, for the example; what cannot be counts as the default."""
        typed = {name: self[name].data for name in PRICES}
        return Weights(**{name: price for name, price in typed.items() if price is not None})

    def to_choice(self) -> PriceChoice:
        typed = {name: self[name].data for name in PRICES}
        prices = {name: price for name, price in typed.items() if price is not None}
        return PriceChoice(preset=self.preset.data, prices=prices)

    @classmethod
    def of(cls, site: Site) -> PricesForm:
        prices = {name: getattr(weights_of(site), name) for name in PRICES}
        return cls(formdata=None, data={**prices, "preset": site.preset, "version": site.version})
