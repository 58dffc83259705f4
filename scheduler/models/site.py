"""A place where patients are treated: its zone, its public face, and its planning settings."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import OfClinic


class Site(OfClinic, Model):
    """`public_name` and `sender_address` are what patients and their calendars see: both
    discreet."""

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    public_name: Mapped[str] = mapped_column(String(200))
    zone_name: Mapped[str] = mapped_column(String(64))  # IANA, such as America/New_York
    address: Mapped[str] = mapped_column(String(500), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    sender_address: Mapped[str] = mapped_column(String(254))
    grid_minutes: Mapped[int] = mapped_column(default=5)
    start_step_minutes: Mapped[int] = mapped_column(default=15)  # offered starts, in clock minutes
    horizon_days: Mapped[int] = mapped_column(default=84)  # how far ahead plans look
    version: Mapped[int] = mapped_column(default=1)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)
