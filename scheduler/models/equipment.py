"""Pumps and monitors of a site: how many there are, and when some are out of use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime

EQUIPMENT_KINDS = ("pump", "monitor")
_KIND = "kind IN ('pump', 'monitor')"


class Equipment(OfClinic, Model):
    """A site owns `count` of a kind; a kind without a row is not counted there (domain H10)."""

    __tablename__ = "equipment"
    __table_args__ = (
        CheckConstraint("count >= 0", name="count"),
        CheckConstraint(_KIND, name="kind"),
        UniqueConstraint("organisation_id", "site_id", "kind", name="uq_equipment_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    count: Mapped[int]


class EquipmentOutage(OfClinic, Model):
    """`number` of a kind are out of use for [starts_at, ends_at); `reason` is shown to staff."""

    __tablename__ = "equipment_outages"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="positive"),
        CheckConstraint(_KIND, name="kind"),
        CheckConstraint("number > 0", name="number"),
        Index("ix_equipment_outages_span", "organisation_id", "site_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(200), default="")
