"""What patients set for themselves on their page: language, ways, calendar."""

from __future__ import annotations

from datetime import datetime

from scheduler.errors import Invalid
from scheduler.models import Patient
from scheduler.models.patient import LANGUAGES
from scheduler.services import audit, scope
from scheduler.services.outgoing.reach import ELECTRONIC
from scheduler.services.own import answer_rows, consents
from scheduler.services.own.consents import Word
from scheduler.services.own.link_gate import Opened
from scheduler.services.patient_lock import lock_patient
from scheduler.transaction import retried, transaction


@retried
def language(link: Opened, wanted: str, *, now: datetime) -> None:
    """Messages from now on, and the page. Raises Invalid, NotFound."""
    if wanted not in LANGUAGES:
        raise Invalid("We have no texts in this language.", field="language")
    actor = answer_rows.patient_actor(link.organisation_id)
    with transaction():
        lock_patient(link.whose, actor)
        patient = scope.find(Patient, link.whose, actor)
        if patient.language != wanted:
            patient.language = wanted
            patient.version += 1
            audit.note(actor, "set_language", f"patient:{patient.id}", now=now)


def way(link: Opened, channel: str, given: bool, *, now: datetime) -> None:
    """Allow or end one way of reaching the patient. Raises Invalid, NotFound."""
    if channel not in ELECTRONIC:
        raise Invalid("There is no such way.", field=None)
    actor = answer_rows.patient_actor(link.organisation_id)
    word = Word(actor=actor, how="page", now=now)
    consents.set_one(link.whose, channel, given, word)
