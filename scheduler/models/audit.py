"""Who did what when: rows are added and never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime


class AuditEntry(OfClinic, Model):
    """`subject` is a kind and an id, such as "visit:12"; never a patient's data (trust I19)."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "organisation_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    by_name: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(500), default="")
