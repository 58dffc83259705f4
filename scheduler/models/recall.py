"""Recalls: a booster or another next visit that is due, and what came of asking (domain R11)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime
from scheduler.models.patient import Patient

RECALL_STATES = ("open", "booked", "stopped", "ended")


class Recall(OfClinic, Model):
    """`due_on` is the target date at the site; `overdue_on` the last date that is still good.

    `after_visit_id` is the visit that it counts from. `stopped`: the patient said no, `outcome`
    keeps why; `ended`: asked often enough.
    """

    __tablename__ = "recalls"
    __table_args__ = (
        Index("uq_recalls_after", "organisation_id", "after_visit_id", "phase", unique=True),
        Index("ix_recalls_due", "organisation_id", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    after_visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    protocol_version_id: Mapped[int] = mapped_column(ForeignKey("protocol_versions.id"))
    phase: Mapped[str] = mapped_column(String(80))
    due_on: Mapped[date]
    overdue_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10), default="open", server_default=text("'open'"))
    tries: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    outcome: Mapped[str] = mapped_column(String(300), default="", server_default=text("''"))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    patient: Mapped[Patient] = relationship()
