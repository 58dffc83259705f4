"""Staff: adding somebody, and the audit line of a sign-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from scheduler.errors import Invalid
from scheduler.extensions import db
from scheduler.models import AuditEntry, Organisation, Role, User
from scheduler.services.rights import ROLES
from scheduler.transaction import transaction


def note_sign_in(user: Any, *, now: datetime) -> None:
    """Left in the session; the commit of the sign-in writes it (trust fact 1)."""
    db.session.add(
        AuditEntry(
            organisation_id=user.organisation_id,
            at=now,
            user_id=user.id,
            by_name=user.name,
            action="sign_in",
            subject=f"user:{user.id}",
            reason="",
        )
    )


def organisations() -> list[Organisation]:
    return list(db.session.scalars(select(Organisation).order_by(Organisation.id)))


def add_organisation(name: str, *, now: datetime) -> int:
    """Returns its id."""
    with transaction():
        row = Organisation(name=name, created_at=now)
        db.session.add(row)
        db.session.flush()
        return row.id


def ensure_roles() -> None:
    """Every role of the rights table exists as a row."""
    with transaction():
        there = set(db.session.scalars(select(Role.name)))
        db.session.add_all(Role(name=name) for name in ROLES if name not in there)


def refuse_email_in_use(email: str) -> None:
    """Raises Invalid."""
    taken = db.session.scalar(select(User.id).where(func.lower(User.email) == email.lower()))
    if taken is not None:
        raise Invalid("Somebody with this e-mail address is there already.", field="email")


def add_user(
    *,
    organisation_id: int,
    email: str,
    name: str,
    roles: list[str],
    password_hash: str,
    unique: str,
) -> int:
    """A member of staff who can sign in at once. Raises Invalid for an unknown role or a used address.

    `password_hash` is made before, outside the transaction; `unique` is Flask-Security's session key.
    """
    if unknown := [role for role in roles if role not in ROLES]:
        raise Invalid(
            f"There is no role {unknown[0]}. Roles are {', '.join(ROLES)}.", field="roles"
        )
    with transaction():
        refuse_email_in_use(email)
        user = User(
            organisation_id=organisation_id,
            email=email,
            name=name,
            password=password_hash,
            active=True,
            fs_uniquifier=unique,
        )
        user.roles = list(db.session.scalars(select(Role).where(Role.name.in_(roles))))
        db.session.add(user)
        db.session.flush()
        return user.id
