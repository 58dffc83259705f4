"""What the pages about one layer of preparation show: a site's, an order's, a patient's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduler.models import Patient, Series, Site, Visit
from scheduler.planning.prep_layers import FIELDS, Layers
from scheduler.planning.words.prep_fields import PrepRow, asked, rows, value_words
from scheduler.services import preparation, scope
from scheduler.services.actor import Actor
from scheduler.services.protocol_files import parsed

NOTHING = Layers(patient={}, order={}, template={}, site={})


@dataclass(frozen=True, kw_only=True)
class LayerPage:
    """One layer with what holds without it: `below` are words by field, None where that differs
    from visit to visit. `visits` are the coming ones that a change would reach."""

    layer: str
    values: Mapping[str, Any]
    version: int
    below: Mapping[str, str] | None
    visits: int


def of_site(site_id: int, actor: Actor) -> tuple[Site, LayerPage]:
    """Raises NotFound, NotAllowed."""
    actor.require("edit_preparation")
    site = scope.find(Site, site_id, actor)
    page = LayerPage(
        layer="site", values=site.prep or {}, version=site.messages_version, below=None, visits=0
    )
    return site, page


def of_order(series_id: int, actor: Actor, *, now: datetime) -> tuple[Series, LayerPage]:
    """Raises NotFound, NotAllowed."""
    actor.require("edit_preparation")
    series = scope.find(Series, series_id, actor)
    ahead = [one for one in preparation.coming(series.patient, now) if one.series_id == series.id]
    page = LayerPage(
        layer="order",
        values=series.prep or {},
        version=series.version,
        below=_below(order_layers(series, actor), "order"),
        visits=len(ahead),
    )
    return series, page


def of_patient(patient_id: int, actor: Actor, *, now: datetime) -> tuple[Patient, LayerPage]:
    """Raises NotFound, NotAllowed."""
    actor.require("edit_preparation")
    patient = scope.find(Patient, patient_id, actor)
    ahead = preparation.coming(patient, now)
    shown = [_below(preparation.layers_of(visit), "patient") for visit in ahead]
    alike = bool(shown) and all(one == shown[0] for one in shown)
    page = LayerPage(
        layer="patient",
        values=patient.prep or {},
        version=patient.version,
        below=shown[0] if alike else None,
        visits=len(ahead),
    )
    return patient, page


def order_layers(series: Series, actor: Actor) -> Layers:
    """All layers as they hold for this series."""
    site = scope.find(Site, series.site_id, actor)
    protocol = parsed(series.protocol_version.document)
    return preparation.layers(protocol, site, series.patient, series)


def order_rows(series: Series, actor: Actor) -> tuple[PrepRow, ...]:
    """For the series page: what is asked, and by whom."""
    return asked(order_layers(series, actor))


def visit_rows(visit: Visit) -> tuple[PrepRow, ...]:
    """For the page of one visit, read already by somebody who may see it."""
    return asked(preparation.layers_of(visit))


def _below(layers: Layers, layer: str) -> dict[str, str]:
    under = layers.under(layer)
    found = {row.field: f"{row.words} ({row.source})" for row in rows(under)}
    prep = under.resolved()
    nobody = {name for name in FIELDS if not under.source(name)}
    return found | {name: value_words(name, getattr(prep, name)) for name in nobody}
