"""Lets go of what a request has read or changed, for the web, which never touches the session."""

from __future__ import annotations

from scheduler.extensions import db


def forget() -> None:
    """An error page begins with nothing in hand: no pending change, no broken transaction."""
    db.session.rollback()
