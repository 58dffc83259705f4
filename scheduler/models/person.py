"""Somebody who signs in, with roles; the tables are Flask-Security's, plus the clinic and a
name."""

from __future__ import annotations

from flask_security.models import fsqla_v3 as fsqla
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.extensions import Model, db

fsqla.FsModels.set_db_info(db)  # type: ignore[attr-defined, no-untyped-call]


class Role(Model, fsqla.FsRoleMixin):
    """A set of rights; services/rights.py says which."""


class User(Model, fsqla.FsUserMixin):
    """A member of staff. The second factor's columns come with the mixin."""

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    totp_last_counter: Mapped[int | None]  # a code works once (RFC 6238 5.2)


class WebAuthn(Model, fsqla.FsWebAuthnMixin):
    """A security key of a user; Flask-Security's mapper needs the class even where keys are off."""
