"""The clinic's organisation: the tenant that every other row belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import UTCDateTime


class Organisation(Model):
    """`zone_data`: the version of the time zone rules that coming visits were computed with."""

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    zone_data: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
