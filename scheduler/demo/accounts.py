"""Who signs in to the demo: one invented person per role, one password for all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.services import people
from scheduler.services.actor import Actor
from scheduler.services.rights import rights_of

PASSWORD = "six chairs by the window"  # noqa: S105  printed on the demo's sign-in page


@dataclass(frozen=True)
class Account:
    role: str
    name: str
    email: str
    password: str = PASSWORD


ACCOUNTS = (
    Account("desk", "Dana Ruiz", "desk@demo.example"),
    Account("nurse", "Malik Odhiambo", "nurse@demo.example"),
    Account("provider", "Dr Noor Achter", "provider@demo.example"),
    Account("manager", "Ines Halloran", "manager@demo.example"),
    Account("admin", "Theo Lindqvist", "admin@demo.example"),
)


def add_all(organisation_id: int, password_hash: str, *, now: datetime) -> dict[str, Actor]:
    """Make the accounts; role -> the person as an actor."""
    found = {}
    for account in ACCOUNTS:
        new = people.NewUser(
            organisation_id=organisation_id,
            email=account.email,
            name=account.name,
            roles=(account.role,),
            password_hash=password_hash,
        )
        found[account.role] = Actor(
            organisation_id=organisation_id,
            user_id=people.add_user(new, now=now),
            name=account.name,
            rights=rights_of([account.role]),
        )
    return found
