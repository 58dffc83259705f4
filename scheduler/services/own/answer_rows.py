"""What patients and drivers answered, written to the visit and kept; inside a transaction.

Every function here runs inside the caller's `transaction()` and opens none. The answers of a visit
stand in the visit; `answers` keeps each one that came, and by which way (domain F).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduler.errors import IllegalChange, Invalid
from scheduler.extensions import db
from scheduler.models import Answer, Patient, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.services.actor import Actor
from scheduler.services.audit import note
from scheduler.services.rights import OWN
from scheduler.services.visit_rows import Change, remember

COMING, NOT_COMING = "yes", "no"
NEEDS_ACTION = "NEEDS-ACTION"
LONGEST_NAME, LONGEST_PHONE = 200, 40
OVER = "This visit does not lie ahead any more. Nothing was changed."


@dataclass(frozen=True, kw_only=True)
class Said:
    """Whose word it is. `via`: page, sms, voice, mail, desk; `outbox_id`: the message answered."""

    actor: Actor
    via: str
    now: datetime
    outbox_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Driver:
    """Who takes the patient home; `may_text` is the patient's word that we may text them."""

    name: str
    phone: str = ""
    may_text: bool = False


def patient_actor(organisation_id: int) -> Actor:
    """The patient, with a link or a phone in hand."""
    return Actor(organisation_id=organisation_id, user_id=None, name="the patient", rights=OWN)


def driver_actor(organisation_id: int) -> Actor:
    """Who picks a patient up: may say so, nothing else."""
    rights = frozenset({"answer_own"})
    return Actor(organisation_id=organisation_id, user_id=None, name="the driver", rights=rights)


def needs_driver(visit: Visit) -> bool:
    return bool(visit.prep.get("driver") == "required")


def has_driver(visit: Visit) -> bool:
    """Named and reachable (domain H18)."""
    return bool(visit.driver_name and visit.driver_phone)


def waits_for_driver(visit: Visit) -> bool:
    return needs_driver(visit) and not has_driver(visit)


def driver_of(visit: Visit) -> Driver:
    """Who was named for this visit; where nobody was, who usually drives, as far as is known."""
    one = visit if visit.driver_name else visit.patient
    return Driver(name=one.driver_name, phone=one.driver_phone, may_text=one.driver_ok)


def coming(visit: Visit, says: str, said: Said) -> None:
    """ "yes" confirms the visit if nothing else is missing, "no" takes the confirmation back; the
    chair is never freed by an answer. Raises IllegalChange for a visit that is over."""
    _refuse_over(visit, said.now)
    visit.coming = says
    keep(visit.patient, "coming", {"say": says}, said, visit=visit)
    settle(visit, said)


def driver(visit: Visit, named: Driver, said: Said) -> None:
    """Who takes the patient home; another name or number asks the driver again. Raises Invalid,
    IllegalChange."""
    _refuse_over(visit, said.now)
    _refuse_driver(named)
    before = driver_of(visit)
    if (named.name, named.phone) != (before.name, before.phone):
        visit.driver_says = ""
    visit.driver_name, visit.driver_phone = named.name, named.phone
    visit.driver_ok = named.may_text and bool(named.phone)
    facts = {"name": named.name, "phone": named.phone, "may_text": visit.driver_ok}
    keep(visit.patient, "driver", facts, said, visit=visit)
    settle(visit, said)


def driver_says(visit: Visit, says: str, said: Said) -> None:
    """ "yes": I will be there; "no": I cannot. Raises IllegalChange for a visit that is over."""
    _refuse_over(visit, said.now)
    visit.driver_says = says
    keep(visit.patient, "driver_says", {"say": says}, said, visit=visit)


def settle(visit: Visit, said: Said) -> None:
    """Booked or confirmed, as the answers say: coming, and a driver where one is needed (domain F).

    A patient whose answer a person must look at first is not confirmed by anything.
    """
    ready = visit.coming == COMING and not waits_for_driver(visit)
    wanted = "confirmed" if ready and visit.patient.suspended_at is None else "booked"
    if visit.state == wanted or visit.state not in PLANNED_STATES:
        return
    before, visit.state = visit.state, wanted
    db.session.flush()
    remember(visit, Change(actor=said.actor, now=said.now, from_state=before, reason="Answered"))


def ask_again(visit: Visit) -> None:
    """After a move everything is asked again: coming, the driver, the calendar (domain F). The
    caller sets the state; what was answered before stays in `answers`."""
    visit.coming = ""
    visit.driver_name = visit.driver_phone = visit.driver_says = ""
    visit.driver_ok = False
    visit.partstat, visit.partstat_at = NEEDS_ACTION, None


def keep(
    patient: Patient, kind: str, facts: dict[str, Any], said: Said, *, visit: Visit | None = None
) -> Answer:
    """One line of what was answered. `kind` as in models/answer.py."""
    answer = Answer(
        organisation_id=patient.organisation_id,
        patient_id=patient.id,
        visit_id=visit.id if visit else None,
        outbox_id=said.outbox_id,
        kind=kind,
        facts=facts,
        via=said.via,
        by_name=said.actor.name,
        at=said.now,
    )
    db.session.add(answer)
    subject = f"visit:{visit.id}" if visit else f"patient:{patient.id}"
    note(said.actor, f"answer_{kind}", subject, now=said.now)
    return answer


def _refuse_over(visit: Visit, now: datetime) -> None:
    if visit.state not in PLANNED_STATES or visit.starts_at <= now:
        raise IllegalChange(OVER)


def _refuse_driver(named: Driver) -> None:
    if len(named.name) > LONGEST_NAME:
        raise Invalid("This name is too long.", field="driver_name")
    if len(named.phone) > LONGEST_PHONE:
        raise Invalid("This number is too long.", field="driver_phone")
    if named.phone and not named.name:
        raise Invalid("Say who it is, too.", field="driver_name")
