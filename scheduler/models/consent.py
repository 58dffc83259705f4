"""Consents: which ways of reaching a patient were allowed or closed, when, and by whose word."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime


class Consent(OfClinic, Model):
    """Rows are added and never changed; the patient's `email_ok`, `sms_ok`, `voice_ok` and
    `driver_ok` are how things stand. `how`: desk, page, sms, mail."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_patient", "organisation_id", "patient_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    channel: Mapped[str] = mapped_column(String(10))  # email sms voice driver
    given: Mapped[bool]
    how: Mapped[str] = mapped_column(String(10))
    by_name: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)
