"""Messages that came in, each with its verdict; the mailbox they were read from (calendar 7)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model
from scheduler.models.base import UTCDateTime

VERDICTS = ("applied", "ignored", "person")


class Inbound(Model):
    """`digest` is the SHA-256 of the bytes: the same message twice has one effect (calendar I1).

    `organisation_id` is None where it could not be told whose message it is; then no clinic sees
    more than that something came. `reason` is for the desk, `comment` what the sender wrote.
    """

    __tablename__ = "inbound"
    __table_args__ = (
        Index("uq_inbound_digest", "digest", unique=True),
        Index("ix_inbound_clinic", "organisation_id", "id"),
        Index("ix_inbound_message_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    digest: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str] = mapped_column(String(300), default="")
    source: Mapped[str] = mapped_column(String(10))  # mail sms
    kind: Mapped[str] = mapped_column(String(20))  # reply counter bounce auto letter text status
    verdict: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(200), default="")
    comment: Mapped[str] = mapped_column(String(1000), default="", server_default=text("''"))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"), index=True)
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Mailbox(Model):
    """How far a mailbox was read: IMAP's UIDVALIDITY and the last UID (RFC 9051 2.3.1.1)."""

    __tablename__ = "mailboxes"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    uid_validity: Mapped[int] = mapped_column(default=0)
    last_uid: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime] = mapped_column(UTCDateTime)
    trouble: Mapped[str] = mapped_column(String(300), default="")
