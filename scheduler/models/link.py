"""Links in messages: each opens one purpose for one patient until it expires (trust I23)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime

PURPOSES = ("page", "off", "driver", "feed", "chair")


class Link(OfClinic, Model):
    """Only the SHA-256 of the token is kept. `tries` counts wrong birth dates; after the last one
    the link is locked until `locked_until`."""

    __tablename__ = "links"
    __table_args__ = (
        Index("uq_links_token_hash", "organisation_id", "token_hash", unique=True),
        Index("ix_links_token_hash", "token_hash"),
        Index("ix_links_patient", "organisation_id", "patient_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(10))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))
    chair_id: Mapped[int | None] = mapped_column(ForeignKey("chairs.id"))
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    tries: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
