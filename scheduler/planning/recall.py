"""When a patient is due for a next visit that is not booked yet, as a booster (domain F, R11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.planning.phase import Phase
from scheduler.planning.phase_rules import rules_of
from scheduler.planning.protocol import Protocol
from scheduler.planning.schedules import Every, OnDemand

MOST_TRIES = 3
"""After so many the patient is not asked any more; a person decides."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """In the site's dates: `on` is the target, `overdue_on` the last date that is still good."""

    phase: Phase
    on: date
    overdue_on: date


def goes_on(phase: Phase) -> bool:
    """Visits are booked a few at a time and none is the last one (boosters, maintenance)."""
    schedule = phase.schedule
    return isinstance(schedule, OnDemand) or (
        isinstance(schedule, Every) and schedule.count.is_open
    )


def due_after(protocol: Protocol, phase_id: str, last_on: date, *, ends: bool) -> Due | None:
    """What is due after a visit of this phase on that date; None if nobody is recalled for it.

    A visit on demand calls for the next one, and so does the last that is booked (`ends`) of a
    phase without end. The last visit of another phase calls for the phase on demand that follows
    it, optional ones between them passed over: who is booked there is not asked.
    """
    here = protocol.phase(phase_id)
    if isinstance(here.schedule, OnDemand) or (goes_on(here) and ends):
        return _due(here, last_on)
    if not ends:
        return None
    for phase in protocol.phases_from(phase_id)[1:]:
        if isinstance(phase.schedule, OnDemand):
            return _due(phase, last_on)
        if not phase.optional:
            return None
    return None


def _due(phase: Phase, last_on: date) -> Due | None:
    """None where the template has no recall."""
    gap = rules_of(phase).gap
    if gap.recall_after is None:
        return None
    return Due(
        phase=phase,
        on=last_on + timedelta(days=gap.target),
        overdue_on=last_on + timedelta(days=gap.soft_max),
    )
