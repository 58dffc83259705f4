"""Flask-Security behind the one door: its commit goes through transaction() (house decision 3).

It changes objects during its view and believes that it commits. argon2 has run by then, so the
write lock is held for the UPDATE alone. What its signals add to the session (audit rows) is written
by the same commit.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_security import Security, SQLAlchemyUserDatastore, Totp
from sqlalchemy import inspect

from scheduler.extensions import db
from scheduler.models import Role, User, WebAuthn
from scheduler.transaction import WriteOutsideTransaction, refuse_pending, transaction


class Datastore(SQLAlchemyUserDatastore):
    def commit(self) -> None:
        write_pending()


class OneTimeTotp(Totp):
    """A code works once (RFC 6238 5.2); the library takes it again for half a minute."""

    def get_last_counter(self, user: Any) -> int | None:
        return user.totp_last_counter  # type: ignore[no-any-return]

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        user.totp_last_counter = tmatch.counter


def write_pending() -> None:
    """Write what the library left in the session while it believed that it could commit.

    Copies the changed columns, lets go of the old reads, sets them again inside `transaction()`.
    """
    session = db.session()
    if session.info.get("writing"):
        return  # the end of the block commits
    changed = [(one, _changed_columns(one)) for one in session.dirty if session.is_modified(one)]
    added, deleted = list(session.new), list(session.deleted)
    session.rollback()
    if not (changed or added or deleted):
        return
    with transaction():
        for one, values in changed:
            for name, value in values.items():
                setattr(one, name, value)
        session.add_all(added)
        for one in deleted:
            session.delete(one)


def _changed_columns(one: object) -> dict[str, Any]:
    state = inspect(one, raiseerr=True)
    names = {attribute.key for attribute in state.attrs if attribute.history.has_changes()}
    if others := names - set(state.mapper.column_attrs.keys()):
        raise WriteOutsideTransaction(
            f"relationships {sorted(others)} change in transaction() only"
        )
    return {name: getattr(one, name) for name in names}


def init_security(app: Flask, **parts: Any) -> None:
    """Build it here, not with init_app(), which ignores `totp_cls` without a word (trust fact 9).

    `parts` are further arguments of Security: forms and classes of the web.
    """
    Security(app, Datastore(db, User, Role, WebAuthn), totp_cls=OneTimeTotp, **parts)

    @app.after_request
    def _end_of_writing(response: Response) -> Response:
        """Not every security view commits, yet each may have left a row."""
        if response.status_code >= 500:
            db.session.rollback()
        elif request.blueprint == "security":
            write_pending()
        else:
            refuse_pending()
        return response
