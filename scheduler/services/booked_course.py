"""The visits of a patient's course that a new phase may go on from."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from scheduler.extensions import db
from scheduler.models import ProtocolVersion, Visit
from scheduler.planning.phase_spacing import Booked
from scheduler.services.actor import Actor
from scheduler.services.scope import scoped
from scheduler.services.series_query import SeriesQuery

GIVEN_UP = ("cancelled", "no_show", "released", "displaced", "entered_in_error", "proposed")
"""States in which a visit counts for no gap: it did not and will not take place."""


def visits_of_template(
    query: SeriesQuery, version: ProtocolVersion, actor: Actor, without: tuple[int, ...]
) -> list[Visit]:
    """The patient's visits of the same template that took place or will, in order of their
    dates."""
    same = select(ProtocolVersion.id).where(ProtocolVersion.protocol_id == version.protocol_id)
    rows = scoped(Visit, actor).where(
        Visit.patient_id == query.patient_id,
        Visit.protocol_version_id.in_(same),
        Visit.state.not_in(GIVEN_UP),
        Visit.id.not_in(without),
    )
    return sorted(db.session.scalars(rows), key=lambda visit: (visit.starts_on, visit.id))


def dates_of(visits: list[Visit]) -> tuple[date, ...]:
    return tuple(sorted({visit.starts_on for visit in visits}))


def course(visits: list[Visit], first_phase: str) -> Booked:
    """The newest course: from the first visit of the newest series of the template's first phase
    on; without such a visit all of them."""
    begins = [visit for visit in visits if visit.phase == first_phase]
    since = date.min
    if begins:
        newest = begins[-1]
        mine = newest.series_id is not None
        since = min(v.starts_on for v in begins if v is newest or (mine and _same(v, newest)))
    return Booked(visits=tuple((v.phase, v.starts_on) for v in visits if v.starts_on >= since))


def _same(visit: Visit, other: Visit) -> bool:
    return visit.series_id == other.series_id
