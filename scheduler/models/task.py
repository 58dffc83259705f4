"""What a person has to do because a message cannot."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.extensions import Model
from scheduler.models.base import OfClinic, UTCDateTime
from scheduler.models.patient import Patient
from scheduler.models.visit import Visit

TASK_STATES = ("planned", "open", "done", "dropped")
URGENT, TODAY, LATER = 1, 2, 3
"""`priority`, as the list sorts it."""


class Task(OfClinic, Model):
    """`planned`: it becomes open at `due_at` if what it waits for has not happened by then.
    `dropped`: what it was for no longer holds, as when the visit was cancelled.

    `facts` is plain data of its kind; `tries` counts calls without an answer.
    """

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_due", "organisation_id", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))  # letter call failed_message closed_over ...
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"), index=True)
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    what: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(20), default="open")
    outcome: Mapped[str] = mapped_column(String(500), default="")
    priority: Mapped[int] = mapped_column(default=TODAY, server_default=text("2"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    tries: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    done_by_name: Mapped[str | None] = mapped_column(String(200))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    patient: Mapped[Patient | None] = relationship()
    visit: Mapped[Visit | None] = relationship()
