"""The first lock of every change that concerns one patient (house decision 2)."""

from __future__ import annotations

from scheduler.extensions import db
from scheduler.models import Patient
from scheduler.services import scope
from scheduler.services.actor import Actor


def lock_patient(patient_id: int, actor: Actor) -> None:
    """First thing inside `transaction()`; NO KEY, like site_days.lock_days."""
    row = scope.scoped(Patient, actor).where(Patient.id == patient_id)
    db.session.execute(
        row.with_for_update(key_share=True).execution_options(populate_existing=True)
    )
