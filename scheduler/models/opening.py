"""When a site works: weekly hours, closures, and who is on duty week by week and by date."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime

ROLES = ("nurse", "provider")
_ROLE = "role IN ('nurse', 'provider')"


class OpeningHours(OfClinic, Model):
    """Open [opens, closes) on a weekday, Monday 0; closes 00:00 means the end of that day."""

    __tablename__ = "opening_hours"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]


class Closure(OfClinic, Model):
    """The site, or one chair, is out of use for [starts_at, ends_at); `reason` is shown to
    staff."""

    __tablename__ = "closures"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="positive"),
        Index("ix_closures_span", "organisation_id", "site_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    chair_id: Mapped[int | None] = mapped_column(ForeignKey("chairs.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(200), default="")


class Cover(OfClinic, Model):
    """So many of a role are on duty on a weekday within [starts, ends), wall time of the site; rows
    that overlap add up. `nurses` is the number, of providers too."""

    __tablename__ = "cover"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("nurses >= 0", name="nurses"),
        CheckConstraint(_ROLE, name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]
    nurses: Mapped[int]
    role: Mapped[str] = mapped_column(String(10), default="nurse", server_default=text("'nurse'"))


class CoverChange(OfClinic, Model):
    """On these dates the weekly cover is not what it is: `number` more of a role are on duty for
    [starts_at, ends_at), or, if it is negative, that many are away. `who` is shown to staff."""

    __tablename__ = "cover_changes"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="positive"),
        CheckConstraint("number <> 0", name="number"),
        CheckConstraint(_ROLE, name="role"),
        Index("ix_cover_changes_span", "organisation_id", "site_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    number: Mapped[int]
    who: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
