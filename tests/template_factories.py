"""Invented series templates for tests: plain documents to change, and what the library has."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from scheduler.planning.phase import Phase
from scheduler.planning.protocol import Protocol
from scheduler.planning.reading.protocol import from_plain
from scheduler.planning.schedules import Schedule
from scheduler.services.protocol_library import templates

Plain = dict[str, Any]
GAP = {"hard_min": 2, "target": 2, "soft_max": 4, "hard_max": 7}
PARTS = {
    "checkin": 10,
    "prep": 15,
    "infusion": 40,
    "recovery": 30,
    "discharge": 5,
    "turnaround": 15,
}


def built_in(template_id: str) -> Protocol:
    return next(one for one in templates() if one.id == template_id)


def plain_template(*phases: Plain, **changes: Any) -> Plain:
    """A small document; one phase of three visits a week unless phases are given."""
    return {
        "id": "invented",
        "title": {"internal": "Invented series"},
        "class": "sedating",
        "prep": {"fasting_solids_h": 4, "driver_required": True},
        "profiles": {"std": {"parts": dict(PARTS)}},
        "phases": [deepcopy(one) for one in phases] or [{"id": "main", "schedule": quota()}],
        **changes,
    }


def quota(**changes: Any) -> Plain:
    return {"type": "quota", "per_week": 3, "count": 6, "gap": dict(GAP), **changes}


def phase(schedule: Plain, **changes: Any) -> Plain:
    return {"id": "main", "schedule": schedule, **changes}


def template(*phases: Plain, **changes: Any) -> Protocol:
    return from_plain(plain_template(*phases, **changes))


def only_phase(schedule: Plain, **changes: Any) -> Phase:
    return template(phase(schedule, **changes)).first_phase


def schedule_of(protocol: Protocol, phase_id: str) -> Schedule:
    return protocol.phase(phase_id).schedule
