"""One patient's course of one version of a series template."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime
from scheduler.models.patient import Patient
from scheduler.models.protocol import ProtocolVersion

SERIES_STATUSES = (
    "draft", "proposed", "awaiting_clearance", "active", "paused", "induction_done",
    "maintenance", "completed", "discontinued", "lost_to_follow_up", "transferred",
)  # fmt: skip


class Series(OfClinic, Model):
    """One phase of the version, booked as one thing. `version` rises with every committed change.

    `rules` are the limits it was booked under (gap, per 7 days, span, count), plain; `overrides`
    lists what was set differently from the template: [{what, value, who, why, at}]. `prep` is what
    the order says of the preparation where it differs from the template (domain E).
    """

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    protocol_version_id: Mapped[int] = mapped_column(ForeignKey("protocol_versions.id"), index=True)
    phase: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(30), default="active")
    count: Mapped[int]
    rules: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    wishes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    overrides: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    prep: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    earliest_on: Mapped[date]
    created_by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    patient: Mapped[Patient] = relationship()
    protocol_version: Mapped[ProtocolVersion] = relationship()
