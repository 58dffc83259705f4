"""A clinic's own words for what patients read; where there are none, the shipped text holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime


class MessageText(OfClinic, Model):
    """Rows are added and never changed; the highest `version` of a key holds, and an empty `text`
    means the shipped one again. `key` is as in the shipped texts, such as "r4.sms"."""

    __tablename__ = "message_texts"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "site_id", "language", "key", "version", name="uq_message_texts"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    language: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
