"""Preparation from several hands: patient over order over template over site, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from scheduler.errors import Invalid
from scheduler.planning.preparation import PrepSet

Partial = Mapping[str, Any]
"""Fields of PrepSet that somebody set; what is absent is left to the next layer."""
ORDER = ("patient", "order", "template", "site")
"""Who decides, first one first (domain E)."""
FIELDS = tuple(field.name for field in fields(PrepSet))
NOTHING_ASKED = asdict(PrepSet())
MOST_MINUTES = {
    "fasting_solids_minutes": 48 * 60,
    "limit_fluids_minutes": 24 * 60,
    "nasal_products_gap_minutes": 24 * 60,
    "alcohol_before_minutes": 168 * 60,
    "alcohol_after_minutes": 168 * 60,
    "arrive_early_minutes": 240,
}
"""Elapsed minutes, both ends allowed, from 0: not asked for."""
CHOICES: dict[str, tuple[str | None, ...]] = {
    "driver": ("none", "recommended", "required"),
    "no_driving_until": (None, "next_day_after_sleep"),
    "clothing": (None, "comfortable_arm_access"),
    "medicines": (None, "provider_reviewed_list"),
}


@dataclass(frozen=True, kw_only=True)
class Layers:
    """What each hand set. A site's fields count only where the template asks for nothing."""

    patient: Partial
    order: Partial
    template: Partial
    site: Partial

    def resolved(self) -> PrepSet:
        return resolved(self.patient, self.order, self.template, self.site)

    def source(self, field: str) -> str:
        """Whose value holds, one of ORDER; "" where nobody asks for anything."""
        return next((one for one in ORDER if field in getattr(self, one)), "")

    def under(self, layer: str) -> Layers:
        """What would hold without this layer and those above it."""
        above = ORDER[: ORDER.index(layer) + 1]
        kept = {name: {} if name in above else getattr(self, name) for name in ORDER}
        return Layers(**kept)


def resolved(*layers: Partial) -> PrepSet:
    """The first layer that has a field decides it; an explicit 0 or "none" is a decision too."""
    found: dict[str, Any] = {}
    for layer in layers:
        found = {**layer, **found}
    return PrepSet.from_plain(found)


def stated(prep: PrepSet) -> dict[str, Any]:
    """What a template asks for: a field that it leaves at nothing is the site's to fill."""
    return {name: value for name, value in asdict(prep).items() if value != NOTHING_ASKED[name]}


def differing(before: PrepSet, after: PrepSet) -> tuple[str, ...]:
    """Names of the fields in which two preparations differ."""
    return tuple(name for name in FIELDS if getattr(before, name) != getattr(after, name))


def checked(layer: Partial) -> dict[str, Any]:
    """The layer as plain data. Raises Invalid at the field that is unknown or out of its range."""
    for name, value in layer.items():
        if name not in FIELDS:
            raise Invalid("This is no rule of preparation.", field=name)
        if not _fits(name, value):
            raise Invalid("This value does not fit here.", field=name)
    return dict(layer)


def _fits(name: str, value: Any) -> bool:
    if name in MOST_MINUTES:
        number = isinstance(value, int) and not isinstance(value, bool)
        return number and 0 <= value <= MOST_MINUTES[name]
    return value in CHOICES[name] if name in CHOICES else isinstance(value, bool)
