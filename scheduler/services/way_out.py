"""From the planner's relaxed request back to the fields of the desk's question."""

from __future__ import annotations

from typing import Any

from scheduler.planning.plan import WayOut
from scheduler.planning.request import SeriesRequest
from scheduler.planning.reseat_plan import RESEAT
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.spacing import Spacing
from scheduler.services.series_query import GapChange


def changes(asked: SeriesRequest, way: WayOut) -> dict[str, Any]:
    """Fields of SeriesQuery to replace so that the question becomes the relaxed one."""
    relaxed = way.request
    found: dict[str, Any] = {"reseat": True} if way.kind == RESEAT else {}
    if relaxed.weekday_sets != asked.weekday_sets:
        found["any_weekdays"] = ANY_DAY in relaxed.sets
    if relaxed.patient.weekdays != asked.patient.weekdays:
        found["weekdays"] = frozenset()
    if relaxed.patient.window != asked.patient.window:
        found["window"] = relaxed.patient.window
    if relaxed.latest_on != asked.latest_on:
        found["latest_on"] = relaxed.latest_on
    if relaxed.chair_kind != asked.chair_kind:
        found["chair_kind"] = relaxed.chair_kind
    return found | _limits(asked.spacing, relaxed.spacing)


def _limits(asked: Spacing, relaxed: Spacing) -> dict[str, Any]:
    """What only a provider may allow (domain H5 to H7)."""
    found: dict[str, Any] = {}
    if relaxed.gap != asked.gap:
        found["gap"] = GapChange(least=relaxed.gap.hard_min, most=relaxed.gap.hard_max)
    if relaxed.max_days != asked.max_days:
        found["max_days"] = relaxed.max_days
    if relaxed.max_per_7d != asked.max_per_7d:
        found["max_per_7d"] = relaxed.max_per_7d
    return found
