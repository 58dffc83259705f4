"""What a batch of outbox rows needs to be judged and told, read set by set instead of row by row.

Inside `read_together` the questions of outbox_rows and outbox_facts are answered from here for the
rows of the batch; what stands here was read in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import defer

from scheduler.extensions import db
from scheduler.models import Outbox, ProtocolVersion, Site, Visit
from scheduler.models.visit import PLANNED_STATES

PLACE = "outbox_together"


@dataclass
class Together:
    """`visits`, `series`, `patients`: the ids that were asked about; others are not known here."""

    visits: set[int]
    series: set[int]
    patients: set[int]
    last_left: dict[tuple[int, str], Outbox] = field(default_factory=dict)
    coming: dict[int, list[Visit]] = field(default_factory=dict)
    asked: set[int | None] = field(default_factory=set)
    last_leaves_at: dict[int, datetime] = field(default_factory=dict)


def known() -> Together | None:
    found: Together | None = db.session.info.get(PLACE)
    return found


@contextmanager
def read_together(rows: Sequence[Outbox], now: datetime) -> Iterator[Together]:
    """For rows whose visit and patient are loaded; inside a transaction."""
    found = Together(
        visits={row.visit_id for row in rows if row.visit_id is not None},
        series={row.series_id for row in rows if row.series_id is not None and _of_series(row)},
        patients={row.patient_id for row in rows},
    )
    kept = _read(rows, found, now)
    db.session.info[PLACE] = found
    try:
        yield found
    finally:
        del db.session.info[PLACE], kept


def _of_series(row: Outbox) -> bool:
    return row.visit_id is None


def _read(rows: Sequence[Outbox], found: Together, now: datetime) -> Sequence[object]:
    """Sites and template versions, for the caller to hold: a session's memory is weak."""
    for told in db.session.scalars(_left(found.visits)):
        if told.visit_id is not None:
            found.last_left[told.visit_id, told.recipient] = told
    for visit in db.session.scalars(_coming(found.series, now)):
        if visit.series_id is not None:
            found.coming.setdefault(visit.series_id, []).append(visit)
    found.asked |= set(db.session.scalars(_asked(found.visits)))
    for patient_id, leaves_at in db.session.execute(_last_leaves(found.patients)):
        found.last_leaves_at[patient_id] = leaves_at
    versions = {row.visit.protocol_version_id for row in rows if row.visit is not None}
    sites = select(Site).where(Site.id.in_({row.site_id for row in rows}))
    templates = select(ProtocolVersion).where(ProtocolVersion.id.in_(versions))
    return [*db.session.scalars(sites), *db.session.scalars(templates)]


def _left(visits: set[int]) -> Select[Outbox]:
    return (
        select(Outbox)
        .where(
            Outbox.visit_id.in_(visits),
            Outbox.method.is_not(None),
            or_(Outbox.state == "sent", Outbox.may_have_left),
        )
        .options(defer(Outbox.body))
        .order_by(Outbox.sequence, Outbox.id)
    )


def _coming(series: set[int], now: datetime) -> Select[Visit]:
    return (
        select(Visit)
        .where(Visit.series_id.in_(series), Visit.state.in_(PLANNED_STATES), Visit.starts_at > now)
        .options(defer(Visit.overrides))
        .order_by(Visit.starts_at, Visit.id)
    )


def _asked(visits: set[int]) -> Select[int | None]:
    """Visits whose three-day reminder left."""
    return select(Outbox.visit_id).where(
        Outbox.visit_id.in_(visits), Outbox.kind == "r3", Outbox.state == "sent"
    )


def _last_leaves(patients: set[int]) -> Select[int, datetime]:
    """When the last visit of each patient is over, as planned now."""
    return (
        select(Visit.patient_id, func.max(Visit.leaves_at))
        .where(Visit.patient_id.in_(patients), Visit.state.in_(PLANNED_STATES))
        .group_by(Visit.patient_id)
    )
