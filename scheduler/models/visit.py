"""One appointment: a chair and a time, with its history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime
from scheduler.models.chair import Chair
from scheduler.models.patient import Patient
from scheduler.models.series import Series

VISIT_STATES = (
    "proposed", "held", "booked", "confirmed", "arrived", "roomed", "infusing", "recovering",
    "discharged", "not_treated", "stopped_early", "no_show", "cancelled", "displaced", "released",
    "entered_in_error",
)  # fmt: skip
"""domain F."""
PLANNED_STATES = ("booked", "confirmed")
"""States in which a visit still lies ahead and may be moved or cancelled."""
HOLDING_STATES = (
    "held", "booked", "confirmed", "arrived", "roomed", "infusing", "recovering",
    "discharged", "not_treated", "stopped_early",
)  # fmt: skip
"""States in which a visit has its claims; the claims themselves are the truth (house decision
1)."""


class Visit(OfClinic, Model):
    """Times are as in domain C rule 0; `local_starts` is the site's wall time, "2027-01-13T09:00".

    `shape` is the plain form of planning.visit.VisitShape, `prep` the resolved preparation; `uid`,
    `sequence`, `organizer` are what calendars know it by (calendar U1, U2, A1). `version` rises
    with every committed change, `changed_at` is when (calendar F4). `partstat` is what the
    patient's calendar answered last, stamped `partstat_at` there (I6, I7); `coming` is what the
    patient told us: "", "yes" or "no". `held_until`: the end of a hold.
    """

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint(
            "arrives_at <= starts_at AND starts_at < leaves_at AND leaves_at <= chair_until",
            name="order",
        ),
        UniqueConstraint("organisation_id", "uid", name="uq_visits_uid"),
        Index("ix_visits_day", "organisation_id", "site_id", "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    chair_id: Mapped[int] = mapped_column(ForeignKey("chairs.id"), index=True)
    bay_id: Mapped[int | None] = mapped_column(ForeignKey("chairs.id"))  # where it recovers
    protocol_version_id: Mapped[int] = mapped_column(ForeignKey("protocol_versions.id"), index=True)
    phase: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))  # for staff only
    number: Mapped[int] = mapped_column(default=1)  # in its series, from 1
    state: Mapped[str] = mapped_column(String(20), default="booked")
    arrives_at: Mapped[datetime] = mapped_column(UTCDateTime)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    leaves_at: Mapped[datetime] = mapped_column(UTCDateTime)
    chair_until: Mapped[datetime] = mapped_column(UTCDateTime)
    starts_on: Mapped[date]  # the site's local date
    local_starts: Mapped[str] = mapped_column(String(16))
    shape: Mapped[dict[str, Any]] = mapped_column(JSON)
    prep: Mapped[dict[str, Any]] = mapped_column(JSON)
    overrides: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    sedating: Mapped[bool] = mapped_column(default=False)
    uid: Mapped[str] = mapped_column(String(120))
    sequence: Mapped[int] = mapped_column(default=0)
    organizer: Mapped[str] = mapped_column(String(320))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    partstat: Mapped[str] = mapped_column(
        String(20), default="NEEDS-ACTION", server_default=text("'NEEDS-ACTION'")
    )
    partstat_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    coming: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))
    driver_name: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    driver_phone: Mapped[str] = mapped_column(String(40), default="", server_default=text("''"))
    driver_ok: Mapped[bool] = mapped_column(default=False, server_default=false())
    driver_says: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))
    held_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    patient: Mapped[Patient] = relationship()
    chair: Mapped[Chair] = relationship(foreign_keys=[chair_id])
    bay: Mapped[Chair | None] = relationship(foreign_keys=[bay_id])
    series: Mapped[Series | None] = relationship()
    history: Mapped[list[VisitHistory]] = relationship(
        back_populates="visit", order_by="VisitHistory.id"
    )

    @property
    def place(self) -> str:
        """ "Chair 2", or "Chair 2, then Bay 1"."""
        return f"{self.chair.name}, then {self.bay.name}" if self.bay else self.chair.name


class VisitHistory(OfClinic, Model):
    """One committed change of a visit: who, when, why, and where it stood after it."""

    __tablename__ = "visit_history"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    by_name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(500), default="")
    reason_code: Mapped[str] = mapped_column(String(20), default="")
    chair_id: Mapped[int] = mapped_column(ForeignKey("chairs.id"))
    bay_id: Mapped[int | None] = mapped_column(ForeignKey("chairs.id"))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    leaves_at: Mapped[datetime] = mapped_column(UTCDateTime)
    local_starts: Mapped[str] = mapped_column(String(16))
    visit: Mapped[Visit] = relationship(back_populates="history")
