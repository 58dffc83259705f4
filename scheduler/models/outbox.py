"""Messages that are owed: a row commits with its cause, and the worker delivers it later (house
decision 5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime
from scheduler.models.patient import Patient
from scheduler.models.sealed import Sealed
from scheduler.models.visit import Visit

OUTBOX_STATES = ("waiting", "sent", "failed", "superseded", "skipped")


class Outbox(OfClinic, Model):
    """Facts, not bytes (calendar U6); `body` is rendered once, under the lease, and resent as it
    is.

    `version` is the visit's, or for a digest the series's, that the message speaks of (trust I9,
    I10).
    `useless_at`: after it the message would help nobody and is skipped (trust I16).
    `may_have_left`:
    an attempt began whose end is not known, so a later row may not take this one for unsent.
    `why`: what superseded or skipped it, in words for the desk. `channel` is email, sms or voice
    and `recipient` an address of that kind. `rule_id` is the rung of the ladder it stands for.
    `about` names what a message without a visit or series is about, such as "recall:12".
    `wording` says which texts it was written with. `server_said` is the last answer of the server
    or provider, `provider_ref` the provider's own number for it, `delivery` what the provider told
    later ("", "delivered", "undelivered").
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "visit_id", "version", "recipient", "kind", "resend_no",
            name="uq_outbox_visit",
        ),
        UniqueConstraint(
            "organisation_id", "uid", "recipient", "method", "sequence", "resend_no",
            name="uq_outbox_itip",
        ),
        Index(
            "uq_outbox_digest",
            "organisation_id", "series_id", "version", "recipient", "kind", "resend_no",
            unique=True,
            sqlite_where=text("visit_id IS NULL"),
            postgresql_where=text("visit_id IS NULL"),
        ),
        Index(
            "uq_outbox_about",
            "organisation_id", "about", "version", "recipient", "kind", "resend_no",
            unique=True,
            sqlite_where=text("about <> ''"),
            postgresql_where=text("about <> ''"),
        ),
        Index("ix_outbox_due", "state", "due_at", "id"),
        Index("ix_outbox_order", "uid", "recipient", "id"),
        Index("ix_outbox_message_id", "message_id"),
        Index("ix_outbox_provider_ref", "provider_ref"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"), index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))  # digest invite update cancel r1 .. r13 ...
    channel: Mapped[str] = mapped_column(
        String(10), default="email", server_default=text("'email'")
    )
    rule_id: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    about: Mapped[str] = mapped_column(String(60), default="", server_default=text("''"))
    method: Mapped[str | None] = mapped_column(String(10))  # REQUEST, CANCEL
    uid: Mapped[str | None] = mapped_column(String(120))
    recipient: Mapped[str] = mapped_column(String(254))
    sequence: Mapped[int] = mapped_column(default=0)
    resend_no: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    useless_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    stamped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # DTSTAMP and Date
    message_id: Mapped[str | None] = mapped_column(String(200))
    body: Mapped[bytes | None] = mapped_column(Sealed)
    body_sha256: Mapped[str | None] = mapped_column(String(64))
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    may_have_left: Mapped[bool] = mapped_column(default=False)
    why: Mapped[str] = mapped_column(String(200), default="")
    last_error: Mapped[str | None] = mapped_column(Text)
    wording: Mapped[str] = mapped_column(String(60), default="", server_default=text("''"))
    server_said: Mapped[str] = mapped_column(String(300), default="", server_default=text("''"))
    provider_ref: Mapped[str | None] = mapped_column(String(120))
    delivery: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    patient: Mapped[Patient] = relationship()
    visit: Mapped[Visit | None] = relationship()
