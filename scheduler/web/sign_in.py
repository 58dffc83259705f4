"""Signing in and changing the password: what is asked, how often, and what the audit keeps."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, g, request, session
from flask_limiter.util import get_remote_address
from flask_security import LoginForm, PasswordUtil, password_changed, user_authenticated
from flask_security.utils import validate_redirect_url

from scheduler.clock import utcnow
from scheduler.extensions import limiter
from scheduler.services import passwords, people
from scheduler.web.notes import note

OF_AN_ADDRESS = "20 per minute; 200 per hour"
AT_AN_ACCOUNT = "10 per 15 minutes"


class SignInForm(LoginForm):
    """A refused try leaves a line in the audit, whoever it was about."""

    def validate_next(self, field: Any) -> None:
        """A way back to another site is forgotten; the library would refuse to sign in."""
        if field.data and not validate_redirect_url(field.data):
            field.data = ""

    def validate(self, **kwargs: Any) -> bool:
        if super().validate(**kwargs):
            return True
        if self.email.data and self.password.data:
            people.note_sign_in_refused(self.user, now=utcnow())
        return False


class StaffPasswords(PasswordUtil):
    """Our own rules instead of the library's; the command line asks here too."""

    def validate(
        self, password: str, is_register: bool, **kwargs: Any
    ) -> tuple[list[str] | None, str]:
        normal = self.normalize(password)
        user = kwargs.get("user")
        personal = (user.name, user.email) if user is not None else ()
        wrong = passwords.refusal(normal, personal)
        return ([wrong] if wrong else None), normal


def init(app: Flask) -> None:
    """Called once Flask-Security has made its views."""
    _limit_tries(app)
    app.extensions["security"].login_context_processor(_demo_accounts)
    user_authenticated.connect(_signed_in, app)
    password_changed.connect(_password_changed, app)


def _demo_accounts() -> dict[str, Any]:
    """Shown on the sign-in page of the demo, which alone has any."""
    return {"demo_accounts": current_app.config.get("DEMO_ACCOUNTS", ())}


def _limit_tries(app: Flask) -> None:
    """Only refused tries count, by address and by account; in time, both are forgiven."""
    view: Any = app.view_functions["security.login"]
    for tries, key in ((OF_AN_ADDRESS, get_remote_address), (AT_AN_ACCOUNT, _account)):
        limited = limiter.limit(tries, key_func=key, methods=["POST"], deduct_when=_was_refused)
        view = limited(view)
    app.view_functions["security.login"] = view


def _was_refused(response: Response) -> bool:
    return response.status_code != 302


def _account() -> str:
    return request.form.get("email", "").strip().casefold()[:254]


def _signed_in(_app: Flask, user: Any, authn_via: list[str] | None = None, **_more: Any) -> None:
    """A new session begins: its form token and its clock are new, the audit gets a line."""
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    session.permanent = True
    session["started_at"] = session["seen_at"] = utcnow().timestamp()
    if authn_via != ["change"]:  # a changed password begins a new session too
        people.note_about(user, "signed_in", now=utcnow())


def _password_changed(_app: Flask, user: Any, **_more: Any) -> None:
    people.note_about(user, "password_changed", now=utcnow())
    note("ok", "Your password is changed.", "Everywhere else you are signed out.")
