"""Flask-Security's settings, the limits of a session, and the headers of every answer."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    request,
    session,
    url_for,
)
from flask_security import current_user, logout_user, uia_email_mapper
from werkzeug.wrappers import Response as BaseResponse

from scheduler.clock import utcnow
from scheduler.security_datastore import init_security
from scheduler.web import sign_in
from scheduler.web.notes import note

ABSOLUTE = timedelta(hours=12)
NO_CLICKS = ("static", "bootstrap.static", "feeds.show")
"""Asked by programs: no session is looked at, and none is kept alive."""

SETTINGS: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_REGISTERABLE": False,
    "SECURITY_RECOVERABLE": False,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_TRACKABLE": False,
    "SECURITY_TWO_FACTOR": False,
    "SECURITY_FRESHNESS": timedelta(minutes=-1),  # nothing asks for it before the second factor
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_MSG_GENERIC_AUTHN_FAILED": ("E-mail or password is not right.", "error"),
    "SECURITY_MSG_INVALID_PASSWORD": ("This is not your password.", "error"),
    "SECURITY_MSG_PASSWORD_IS_THE_SAME": ("That is the password you have now.", "error"),
    "SECURITY_MSG_PASSWORD_NOT_PROVIDED": ("Type a password.", "error"),
    "SECURITY_MSG_RETYPE_PASSWORD_MISMATCH": ("The two new passwords differ.", "error"),
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/login",
    "SECURITY_POST_CHANGE_VIEW": "/",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_FLASH_MESSAGES": False,
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
    init_security(app, login_form=sign_in.SignInForm, password_util_cls=sign_in.StaffPasswords)
    sign_in.init(app)
    app.before_request(_end_old_sessions)
    app.after_request(_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.jinja_env.globals["idle_minutes"] = app.config["CHAIRTIME"].idle_minutes


def csp_nonce() -> str:
    """One number per answer; scripts and styles without it do not run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _end_old_sessions() -> BaseResponse | None:
    """Idle log-off and an absolute end (trust I29)."""
    if request.endpoint in NO_CLICKS or not current_user.is_authenticated:
        return None
    now = utcnow().timestamp()
    if _is_over(now):
        logout_user()
        note("info", "You were signed out.", "Nobody had clicked here for a while.")
        return to_sign_in()
    if not request.headers.get("X-Poll"):  # the board asks by itself; that is nobody's click
        session["seen_at"] = now
    return None


def _is_over(now: float) -> bool:
    """True for a session without the times that sign-in writes, too."""
    idle = timedelta(minutes=current_app.config["CHAIRTIME"].idle_minutes)
    started, seen = float(session.get("started_at", 0)), float(session.get("seen_at", 0))
    return now - started > ABSOLUTE.total_seconds() or now - seen > idle.total_seconds()


def to_sign_in() -> BaseResponse:
    """The sign-in page, with the way back to the page one was on; never to a form that was sent."""
    if request.accept_mimetypes.best == "application/json":
        return make_response({"message": "You are signed out. Sign in again."}, 401)
    if request.headers.get("HX-Request"):  # the whole page goes there, not the part that asked
        page = urlsplit(request.headers.get("HX-Current-URL", "/"))
        way_back = page.path + (f"?{page.query}" if page.query else "")
        return Response(headers={"HX-Redirect": url_for("security.login", next=way_back)})
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("security.login", next=back))


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
    if request.endpoint not in ("static", "bootstrap.static"):
        headers.setdefault("Cache-Control", "no-store")
    return response
