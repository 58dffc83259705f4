"""What became of one message from outside."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.models import Patient, Task, Visit


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`kind` and `verdict` are as in `inbound`; `reason` is for the desk, `comment` the words."""

    kind: str
    verdict: str
    reason: str
    patient: Patient | None = None
    visit: Visit | None = None
    outbox_id: int | None = None
    task: Task | None = None
    comment: str = ""
