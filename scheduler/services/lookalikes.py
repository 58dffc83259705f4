"""Patients who may be the same person: pointed out before somebody is entered twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from sqlalchemy import func, or_

from scheduler.extensions import db
from scheduler.models import Patient
from scheduler.planning.find_text import digits, fold
from scheduler.services import scope
from scheduler.services.actor import Actor

SIMILAR = 0.7
SHORTEST_PHONE, COMPARED_DIGITS = 7, 10


@dataclass(frozen=True, kw_only=True)
class Who:
    """What two people are compared by."""

    names: tuple[str, str]
    birth_on: date
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Lookalike:
    """Somebody who is here already, and what is the same, in words for the desk."""

    patient: Patient
    same: tuple[str, ...]


def who(patient: Patient) -> Who:
    return Who(
        names=(patient.first_name, patient.last_name),
        birth_on=patient.birth_on,
        phone=patient.phone,
        email=patient.email,
    )


def of(new: Who, actor: Actor) -> list[Lookalike]:
    """Same birth date and a similar name, same phone, or same e-mail; at most ten."""
    same = [Patient.birth_on == new.birth_on]
    phone = digits(new.phone)[-COMPARED_DIGITS:]
    if len(phone) >= SHORTEST_PHONE:
        same.append(Patient.find_text.contains(phone, autoescape=True))
    if new.email:
        same.append(func.lower(Patient.email) == new.email.lower())
    rows = scope.scoped(Patient, actor).where(or_(*same)).order_by(Patient.id).limit(200)
    found = [
        Lookalike(patient=patient, same=reasons)
        for patient in db.session.scalars(rows)
        if (reasons := _reasons(new, who(patient)))
    ]
    return found[:10]


def by_ids(ids: tuple[int, ...], new: Who, actor: Actor) -> list[Lookalike]:
    """These patients, with what is the same; for the page that asks."""
    return [one for one in of(new, actor) if one.patient.id in ids]


def _reasons(new: Who, there: Who) -> tuple[str, ...]:
    found = []
    if new.birth_on == there.birth_on and similar(new.names, there.names):
        found.append("birth date and a similar name")
    phone, other = digits(new.phone), digits(there.phone)
    if len(phone) >= SHORTEST_PHONE and phone[-COMPARED_DIGITS:] == other[-COMPARED_DIGITS:]:
        found.append("phone")
    if new.email and new.email.lower() == there.email.lower():
        found.append("e-mail")
    return tuple(found)


def similar(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Spelt alike, names swapped, or the last name changed, as by marriage."""
    first, second = [fold(name) for name in one], [fold(name) for name in other]
    if first[0] == second[0]:
        return True
    whole = " ".join(first)
    return any(
        SequenceMatcher(None, whole, " ".join(names)).ratio() >= SIMILAR
        for names in (second, reversed(second))
    )
