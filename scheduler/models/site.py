"""A place where patients are treated: its zone, its public face, and its planning settings."""

from __future__ import annotations

from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, String, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import OfClinic


class Site(OfClinic, Model):
    """`public_name` and `sender_address` are what patients and their calendars see: both
    discreet.

    `preset` names the planner's weights, `weights` holds the site's own where they differ. A
    provider on site is there for `patients_per_provider` sedating patients at a time (domain H9); a
    nurse watches at most `max_sedating_per_nurse` (H8), None: the shares alone decide; no visit
    starts after the wall time `latest_start` (H15). `capacity_version` rises with every change of
    chairs, hours, closures, staff, equipment or these limits.
    """

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
    preset: Mapped[str] = mapped_column(
        String(20), default="fill_early", server_default=text("'fill_early'")
    )
    weights: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    patients_per_provider: Mapped[int] = mapped_column(default=4, server_default=text("4"))
    max_sedating_per_nurse: Mapped[int | None]
    latest_start: Mapped[time | None]
    capacity_version: Mapped[int] = mapped_column(default=1, server_default=text("1"))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)
