"""A place where patients are treated: its zone, its public face, and its planning settings."""

from __future__ import annotations

from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, String, false, text
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

    `prep` is the site's own preparation where it differs from the template's, `ladder` its changes
    of the reminders (domain G), `discreet_words` what must not leave in the clear beside the words
    that never may. `sms_on`, `voice_on`: a provider is there for them. `self_service`: what a
    patient may do about another time, "off", "ask" or "move". `messages_version` rises with every
    change of these. `prep_waits`: coming visits do not all have the site's changed preparation yet.
    `ladder_behind`: patients with a higher id still have reminders by the ladder as it was; None:
    nobody has.
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
    prep: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    ladder: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    discreet_words: Mapped[list[str]] = mapped_column(
        JSON, default=list, server_default=text("'[]'")
    )
    sms_on: Mapped[bool] = mapped_column(default=False, server_default=false())
    voice_on: Mapped[bool] = mapped_column(default=False, server_default=false())
    self_service: Mapped[str] = mapped_column(
        String(10), default="move", server_default=text("'move'")
    )
    messages_version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    prep_waits: Mapped[bool] = mapped_column(default=False, server_default=false())
    ladder_behind: Mapped[int | None]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)
