"""Tables and constraints; no workflow, no sending."""

from __future__ import annotations

from scheduler.models.answer import Answer
from scheduler.models.audit import AuditEntry
from scheduler.models.base import UTCDateTime
from scheduler.models.chair import Chair
from scheduler.models.claims import ChairClaim, PatientClaim
from scheduler.models.consent import Consent
from scheduler.models.equipment import Equipment, EquipmentOutage
from scheduler.models.form_token import FormToken
from scheduler.models.heartbeat import Heartbeat
from scheduler.models.inbound import Inbound, Mailbox
from scheduler.models.link import Link
from scheduler.models.message_text import MessageText
from scheduler.models.opening import Closure, Cover, CoverChange, OpeningHours
from scheduler.models.organisation import Organisation
from scheduler.models.outbox import Outbox
from scheduler.models.patient import Clearance, Patient, PatientBlackout
from scheduler.models.person import Role, User, WebAuthn
from scheduler.models.protocol import Protocol, ProtocolVersion
from scheduler.models.recall import Recall
from scheduler.models.series import Series
from scheduler.models.site import Site
from scheduler.models.site_day import SiteDay
from scheduler.models.task import Task
from scheduler.models.visit import Visit, VisitHistory

__all__ = [
    "Answer", "AuditEntry", "Chair", "ChairClaim", "Clearance", "Closure", "Consent", "Cover",
    "CoverChange", "Equipment", "EquipmentOutage", "FormToken", "Heartbeat", "Inbound", "Link",
    "Mailbox", "MessageText", "OpeningHours", "Organisation", "Outbox", "Patient",
    "PatientBlackout", "PatientClaim", "Protocol", "ProtocolVersion", "Recall", "Role", "Series",
    "Site", "SiteDay", "Task", "UTCDateTime", "User", "Visit", "VisitHistory", "WebAuthn",
]  # fmt: skip
