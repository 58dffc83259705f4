"""Answers by the patient's page that are not about a coming visit (domain G, R8, R9, R11)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from scheduler.errors import Invalid, NotFound
from scheduler.models import Patient, Recall, Visit
from scheduler.services import after_visit, form_tokens, recalls
from scheduler.services.own import answer_rows
from scheduler.services.own.answer_rows import Said
from scheduler.services.own.answers import Person
from scheduler.services.patient_lock import lock_patient
from scheduler.services.scope import find
from scheduler.transaction import retried, transaction

SCORES = tuple(str(number) for number in range(11))


@retried
def well(visit: Visit | None, say: str, token: str, person: Person, *, now: datetime) -> bool:
    """ "1" well, "2" call me: then a nurse's task. False: this form came before. Raises Invalid,
    NotFound."""
    if visit is None or say not in (after_visit.WELL, after_visit.CALL_ME):
        raise Invalid("Choose one of the answers.", field="say")
    visit_id = visit.id
    with _of_patient(person, token, now) as said:
        if said is not None:
            after_visit.answered(_own(visit_id, person), say, said)
    return said is not None


@retried
def score(number: str, token: str, person: Person, *, now: datetime) -> bool:
    """0 to 10, for whoever sees the patient next. Raises Invalid."""
    if number not in SCORES:
        raise Invalid("Choose a number from 0 to 10.", field="score")
    with _of_patient(person, token, now) as said:
        if said is not None:
            patient = find(Patient, person.patient_id, person.actor)
            answer_rows.keep(patient, "score", {"score": int(number)}, said)
    return said is not None


@retried
def recall(recall_id: int, say: str, token: str, person: Person, *, now: datetime) -> bool:
    """ "book", "later" or "stop". Raises Invalid, IllegalChange where it is over, NotFound."""
    with _of_patient(person, token, now) as said:
        if said is not None:
            row = find(Recall, recall_id, person.actor)
            if row.patient_id != person.patient_id:
                raise NotFound
            recalls.answered(row, say, "", said)
    return said is not None


@contextmanager
def _of_patient(person: Person, token: str, now: datetime) -> Iterator[Said | None]:
    """One transaction with the patient locked; None: the form came before."""
    if person.patient_id is None:
        raise NotFound
    with transaction():
        lock_patient(person.patient_id, person.actor)
        if form_tokens.result_of(token, person.actor) is not None:
            yield None
            return
        yield person.said(now)
        form_tokens.use(token, f"patient:{person.patient_id}", person.actor, now=now)


def _own(visit_id: int, person: Person) -> Visit:
    visit = find(Visit, visit_id, person.actor)
    if visit.patient_id != person.patient_id:
        raise NotFound
    return visit
