"""Sign-in: Flask-Security's settings, the session's limits, and the headers of every answer."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask import Flask, Response, flash, g, redirect, request, session, url_for
from flask_security import current_user, logout_user, uia_email_mapper, user_authenticated
from werkzeug.wrappers import Response as BaseResponse

from scheduler.clock import utcnow
from scheduler.security_datastore import init_security
from scheduler.services import people

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)

SETTINGS: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_LENGTH_MIN": 12,
    "SECURITY_PASSWORD_CHECK_BREACHED": None,
    "SECURITY_REGISTERABLE": False,
    "SECURITY_RECOVERABLE": False,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_TRACKABLE": False,
    "SECURITY_TWO_FACTOR": False,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_CSRF_PROTECT_MECHANISMS": ["session", "basic"],
    "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/login",
    "SECURITY_POST_CHANGE_VIEW": "/",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_FLASH_MESSAGES": True,
    "SECURITY_FRESHNESS": timedelta(minutes=15),
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [
        {"email": {"mapper": uia_email_mapper, "case_insensitive": True}}
    ],
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "REMEMBER_COOKIE_DURATION": timedelta(0),
    "PERMANENT_SESSION_LIFETIME": ABSOLUTE,
    "SESSION_REFRESH_EACH_REQUEST": True,
}

CSP = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-src 'self'; frame-ancestors {ancestors}"
)


def init(app: Flask) -> None:
    """Bind sign-in, session limits and headers to the app."""
    app.config.update(SETTINGS)
    init_security(app)
    app.before_request(_end_old_sessions)
    app.after_request(_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    user_authenticated.connect(_signed_in, app)


def csp_nonce() -> str:
    """One number per answer; scripts and styles without it do not run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _signed_in(_app: Flask, user: Any, **_more: Any) -> None:
    """A new session begins: its clock starts, and the audit gets a line in the same commit."""
    session.permanent = True
    session["started_at"] = session["seen_at"] = utcnow().timestamp()
    people.note_sign_in(user, now=utcnow())


def _end_old_sessions() -> BaseResponse | None:
    """Idle log-off and an absolute end (trust I29)."""
    if request.endpoint == "static" or not current_user.is_authenticated:
        return None
    now = utcnow().timestamp()
    started, seen = session.get("started_at", 0), session.get("seen_at", 0)
    if now - started > ABSOLUTE.total_seconds() or now - seen > IDLE.total_seconds():
        logout_user()
        flash("You were signed out after a while without a click. Nothing was lost but the page.")
        return redirect(url_for("security.login", next=_way_back()))
    if not request.headers.get("X-Poll"):  # the board asks by itself; that is nobody's click
        session["seen_at"] = now
    return None


def _way_back() -> str:
    return request.full_path if request.method == "GET" else "/"


def _headers(response: Response) -> Response:
    headers = response.headers
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = CSP.format(nonce=csp_nonce(), ancestors="'none'")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Robots-Tag", "noindex")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response
