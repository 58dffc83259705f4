"""A patient: who, how to reach, and what they wish."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime
from scheduler.planning import find_text

CHANNELS = ("email", "sms", "voice", "letter", "phone")
"""How a patient wishes to be reached; the last two are a person's work."""
LANGUAGES = ("en", "es")
CALENDARS = ("invites", "feed")
"""calendar F6: invitations by mail, or a subscription; never both."""


class Patient(OfClinic, Model):
    """`find_text` is the folded name, phones and birth date that the search looks in.

    `reply_token` (128 bits, hex) is minted with the row and never changes (calendar A4).
    `email_ok`, `sms_ok`, `voice_ok` are the consents as they stand; `consents` keeps their history.
    `email_bad_at` and `phone_bad_at`: a server or a bounce said that nobody is there. `prep` holds
    what differs for this patient (domain E, PrepSet). `suspended_at`: an answer stops treatment
    until a provider has looked (domain F); `suspended_why` is for staff only.
    """

    __tablename__ = "patients"
    __table_args__ = (
        UniqueConstraint("organisation_id", "reply_token", name="uq_patients_reply_token"),
        Index("ix_patients_birth", "organisation_id", "birth_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    birth_on: Mapped[date]
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(500), default="")
    channel: Mapped[str] = mapped_column(String(20), default="email")
    weekdays: Mapped[list[int]] = mapped_column(JSON, default=list)  # Monday 0; empty: any
    band_from: Mapped[time | None]
    band_until: Mapped[time | None]
    driver_name: Mapped[str] = mapped_column(String(200), default="")
    driver_phone: Mapped[str] = mapped_column(String(40), default="")
    driver_ok: Mapped[bool] = mapped_column(default=False, server_default=false())
    neutral_alarms: Mapped[bool] = mapped_column(default=False)  # calendar R3
    language: Mapped[str] = mapped_column(String(8), default="en", server_default=text("'en'"))
    calendar: Mapped[str] = mapped_column(
        String(10), default="invites", server_default=text("'invites'")
    )
    email_ok: Mapped[bool] = mapped_column(default=True, server_default=true())
    sms_ok: Mapped[bool] = mapped_column(default=False, server_default=false())
    voice_ok: Mapped[bool] = mapped_column(default=False, server_default=false())
    no_voicemail: Mapped[bool] = mapped_column(default=False, server_default=false())
    email_bad_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    phone_bad_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    prep: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    suspended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    suspended_why: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    note: Mapped[str] = mapped_column(Text, default="")
    reply_token: Mapped[str] = mapped_column(String(32))
    find_text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    blackouts: Mapped[list[PatientBlackout]] = relationship(
        back_populates="patient", order_by="PatientBlackout.starts_on", cascade="all, delete-orphan"
    )
    clearances: Mapped[list[Clearance]] = relationship(
        back_populates="patient", order_by="Clearance.until", cascade="all, delete-orphan"
    )

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def _keep_find_text(_mapper: object, _connection: object, patient: Patient) -> None:
    """Whoever writes a patient, an import or the demo too: the search finds what is there."""
    names, phones = (patient.first_name, patient.last_name), (patient.phone or "",)
    patient.find_text = find_text.text_of(names, phones, patient.birth_on)


event.listen(Patient, "before_insert", _keep_find_text)
event.listen(Patient, "before_update", _keep_find_text)


class PatientBlackout(OfClinic, Model):
    """Dates on which the patient firmly cannot come, both ends included (domain H17)."""

    __tablename__ = "patient_blackouts"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200), default="")
    patient: Mapped[Patient] = relationship(back_populates="blackouts")


class Clearance(OfClinic, Model):
    """Something on file that lets the patient be treated on dates up to `until`, itself included
    (domain H11): a consent, a test, a plan's approval."""

    __tablename__ = "clearances"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    what: Mapped[str] = mapped_column(String(120))
    until: Mapped[date]
    by_name: Mapped[str] = mapped_column(String(200), default="")
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    patient: Mapped[Patient] = relationship(back_populates="clearances")
