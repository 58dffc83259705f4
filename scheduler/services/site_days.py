"""Locks a patient and a site's days in the one order that cannot deadlock (house decision 2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from scheduler.extensions import db
from scheduler.models import Patient, SiteDay


def lock_days(
    organisation_id: int, patient_ids: Iterable[int], days: Iterable[tuple[int, date]]
) -> None:
    """Patients by id, then (site_id, on) in order; bumps each day's version.

    Called first thing inside `transaction()`; what was read before must be read again after it.
    """
    session, wanted = db.session(), sorted(set(days))
    if not wanted:
        return  # nothing to protect; an INSERT without rows would be one of defaults
    by_id = select(Patient.id).where(Patient.id.in_(set(patient_ids))).order_by(Patient.id)
    # NO KEY: foreign-key checks of others need not wait
    session.execute(by_id.with_for_update(key_share=True))
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    rows = [{"organisation_id": organisation_id, "site_id": site, "on": on} for site, on in wanted]
    session.execute(make(SiteDay).on_conflict_do_nothing(), rows)
    in_order = (
        select(SiteDay)
        .where(tuple_(SiteDay.site_id, SiteDay.on).in_(wanted))
        .order_by(SiteDay.site_id, SiteDay.on)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    for day in session.scalars(in_order):
        day.version += 1
