"""A form's one-time number: the same form sent twice has one effect and one answer (trust I5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime


class FormToken(OfClinic, Model):
    """`result` names what the first use made, such as "series:17"."""

    __tablename__ = "form_tokens"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    result: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
