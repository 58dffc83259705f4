"""A worker's sign of life, and whether the delivery of mail is paused (trust fact 5, I13)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import UTCDateTime


class Heartbeat(Model):
    """One row per worker process; no clinic's data, so no organisation."""

    __tablename__ = "heartbeats"

    worker: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    paused_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused_why: Mapped[str] = mapped_column(String(300), default="")
