"""Staff: adding and changing somebody, and the audit's lines about signing in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from scheduler.errors import Invalid, NotFound
from scheduler.extensions import db
from scheduler.models import Organisation, Role, User
from scheduler.services import audit
from scheduler.services.actor import Actor, command_line
from scheduler.services.rights import ROLES
from scheduler.transaction import transaction


@dataclass(frozen=True, kw_only=True)
class NewUser:
    """Somebody to add. `password_hash` is made before the transaction: hashing takes its time."""

    organisation_id: int
    email: str
    name: str
    roles: tuple[str, ...]
    password_hash: str


@dataclass(frozen=True, kw_only=True)
class UserChange:
    """What to change; None leaves it as it is."""

    roles: tuple[str, ...] | None = None
    password_hash: str | None = None
    active: bool | None = None


def note_about(user: Any, action: str, *, now: datetime) -> None:
    """Left in the session; the commit of the sign-in or the change writes it (trust fact 1)."""
    actor = Actor(
        organisation_id=user.organisation_id,
        user_id=user.id,
        name=user.name,
        rights=frozenset(),
    )
    audit.note(actor, action, f"user:{user.id}", now=now)


def note_sign_in_refused(user: Any | None, *, now: datetime) -> None:
    """Left in the session. An address that nobody has is noted where there is one organisation."""
    if user is not None:
        note_about(user, "sign_in_refused", now=now)
        return
    found = organisations()
    if len(found) == 1:
        nobody = Actor(
            organisation_id=found[0].id, user_id=None, name="somebody", rights=frozenset()
        )
        audit.note(nobody, "sign_in_refused", "user:unknown", now=now)


def organisations() -> list[Organisation]:
    """In the order in which they were made."""
    return list(db.session.scalars(select(Organisation).order_by(Organisation.id)))


def add_organisation(name: str, *, now: datetime) -> int:
    """Returns its id."""
    with transaction():
        row = Organisation(name=name, created_at=now)
        db.session.add(row)
        db.session.flush()
        return row.id


def refuse_unknown_roles(roles: Iterable[str]) -> None:
    """Raises Invalid."""
    if unknown := [role for role in roles if role not in ROLES]:
        raise Invalid(
            f"There is no role {unknown[0]}. Roles are {', '.join(ROLES)}.", field="roles"
        )


def add_user(new: NewUser, *, now: datetime) -> int:
    """Somebody who can sign in at once. Raises Invalid for an unknown role or a used address."""
    refuse_unknown_roles(new.roles)
    if not new.roles:
        raise Invalid("Give at least one role.", field="roles")
    with transaction():
        if _by_email(new.email) is not None:
            raise Invalid("Somebody with this e-mail address is there already.", field="email")
        user: Any = User(
            organisation_id=new.organisation_id,
            email=new.email,
            name=new.name,
            password=new.password_hash,
            active=True,
            fs_uniquifier=uuid4().hex,
        )
        user.roles = _role_rows(new.roles)
        db.session.add(user)
        db.session.flush()
        actor = command_line(new.organisation_id)
        what = f"roles {', '.join(new.roles)}"
        audit.note(actor, "user_added", f"user:{user.id}", now=now, reason=what)
        return int(user.id)


def change_user(email: str, change: UserChange, *, now: datetime) -> int:
    """Change roles, password or access, and end that person's sessions (trust I29).

    Raises NotFound and Invalid.
    """
    refuse_unknown_roles(change.roles or ())
    if change.roles == ():
        raise Invalid("Give at least one role.", field="roles")
    with transaction():
        user = _by_email(email)
        if user is None:
            raise NotFound("There is nobody with this e-mail address.")
        done = _apply(user, change)
        user.fs_uniquifier = uuid4().hex  # every session carries the old one
        actor = command_line(user.organisation_id)
        audit.note(actor, "user_changed", f"user:{user.id}", now=now, reason="; ".join(done))
        return int(user.id)


def _apply(user: Any, change: UserChange) -> list[str]:
    """What was changed, in words without secrets."""
    done = []
    if change.roles is not None:
        user.roles = _role_rows(change.roles)
        done.append(f"roles {', '.join(change.roles)}")
    if change.password_hash is not None:
        user.password = change.password_hash
        done.append("password")
    if change.active is not None:
        user.active = change.active
        done.append("active" if change.active else "not active")
    return done


def everybody() -> list[User]:
    """All members of staff, with their roles, by organisation and name."""
    with_roles = select(User).options(selectinload(User.roles))
    return list(db.session.scalars(with_roles.order_by(User.organisation_id, User.name)))


def _by_email(email: str) -> Any:
    """The user or None. Any: Flask-Security's columns are typed as columns, not as their values."""
    return db.session.scalar(select(User).where(func.lower(User.email) == email.lower()))


def _role_rows(names: Iterable[str]) -> list[Role]:
    """The rows of these roles; the rights table decides which exist, so missing rows are made."""
    wanted = list(dict.fromkeys(names))
    known: Any = Role.name
    rows = db.session.scalars(select(Role).where(known.in_(wanted)))
    there: dict[Any, Role] = {row.name: row for row in rows}
    for name in wanted:
        if name not in there:
            there[name] = Role(name=name)
            db.session.add(there[name])
    return [there[name] for name in wanted]
