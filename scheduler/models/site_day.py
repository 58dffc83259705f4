"""One row for each site's day: its lock and its version (house decision 2)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import OfClinic


class SiteDay(OfClinic, Model):
    """Whatever changes that day changes under this row and bumps `version`."""

    __tablename__ = "site_days"

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0, server_default="0")
