"""Each rule of preparation with its name and its value in staff's words, and who decided it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from scheduler.planning.prep_layers import FIELDS, Layers, Partial

LABELS = {
    "fasting_solids_minutes": "No food before",
    "limit_fluids_minutes": "No drinks before",
    "driver": "Someone takes the patient home",
    "no_driving_until": "No driving until the next morning",
    "alcohol_before_minutes": "No alcohol before",
    "alcohol_after_minutes": "No alcohol after",
    "clothing": "Loose sleeves",
    "medicines": "Medicines: the list of the order",
    "arrive_early_minutes": "Arrive early by",
    "nasal_products_gap_minutes": "No nose sprays before",
    "hydrate": "Drink plenty of water before",
    "infection_check": "Call before coming with a fever or infection",
}
DRIVERS = {"none": "not needed", "recommended": "better so", "required": "needed"}
SOURCES = {
    "patient": "patient's own",
    "order": "order",
    "template": "template",
    "site": "site",
    "": "nobody asks for it",
}


@dataclass(frozen=True, kw_only=True)
class PrepRow:
    """One rule: `words` is its value, `source` whose it is; `own` is the value of the one layer
    that is being looked at, "" where it leaves the rule to others."""

    field: str
    label: str
    words: str
    source: str
    own: str = ""


def value_words(field: str, value: Any) -> str:
    """ "4 h", "20 min", "needed", "yes"; "none" where nothing is asked."""
    if field == "arrive_early_minutes":
        return f"{value} min" if value else "by check-in"
    if field.endswith("_minutes"):
        return _span(value) if value else "none"
    if field == "driver":
        return DRIVERS[value]
    return "yes" if value else "no"


def _span(minutes: int) -> str:
    return f"{minutes / 60:g} h" if minutes % 15 == 0 else f"{minutes} min"


def rows(layers: Layers, fields: Iterable[str] = FIELDS, layer: str = "") -> tuple[PrepRow, ...]:
    """Every rule as it holds, and where that comes from. `layer`: whose own values to show too."""
    prep, own = layers.resolved(), getattr(layers, layer) if layer else {}
    return tuple(
        PrepRow(
            field=name,
            label=LABELS[name],
            words=value_words(name, getattr(prep, name)),
            source=SOURCES[layers.source(name)],
            own=value_words(name, own[name]) if name in own else "",
        )
        for name in fields
    )


def asked(layers: Layers) -> tuple[PrepRow, ...]:
    """Only the rules that somebody has set."""
    return tuple(row for row in rows(layers) if row.source != SOURCES[""])


def own_rows(layer: Partial) -> tuple[tuple[str, str], ...]:
    """(label, value) of what one layer sets."""
    return tuple((LABELS[name], value_words(name, layer[name])) for name in FIELDS if name in layer)
