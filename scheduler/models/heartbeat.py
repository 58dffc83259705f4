"""A worker's sign of life, and which of its ways out is in trouble (trust fact 5, I13)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import UTCDateTime


class Heartbeat(Model):
    """One row per worker process; no clinic's data, so no organisation.

    `sent_at`: when a message last left by its hands. `phone_...`: the provider of texts and calls.
    """

    __tablename__ = "heartbeats"

    worker: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    paused_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paused_why: Mapped[str] = mapped_column(String(300), default="")
    phone_paused_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    phone_paused_why: Mapped[str] = mapped_column(
        String(300), default="", server_default=text("''")
    )
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
