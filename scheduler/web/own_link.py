"""What every page behind a link of a message shares: the token, the proof, headers, limits.

These pages are open to everybody, so nothing here knows a signed-in person; the birth date given
is remembered in the signed session for this link alone, and not for long.
"""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import HTTPException
from wtforms import ValidationError

from scheduler.clock import utcnow
from scheduler.errors import NotFound, SchedulerError
from scheduler.extensions import csrf, limiter
from scheduler.services.forgetting import forget
from scheduler.services.own import link_gate, links
from scheduler.services.own.link_gate import Opened
from scheduler.web.errors import status_of
from scheduler.web.own_words import words_without_link

log = logging.getLogger(__name__)
PROOF, SAID = "own_proof", "own_said"
PROOF_LASTS = timedelta(minutes=30)
MOST_POSTS = "40 per minute; 300 per hour"
"""From one address: a family, a clinic's waiting room, a phone company's gateway."""
FRESH_TOKEN = 24


def open_to_all(bp: Blueprint, *, own_csrf: bool = True) -> Blueprint:
    """Headers, limits and error pages of a blueprint behind links.

    Our own check of the form's number replaces the library's, which wants a Referer on https: a
    page that sends none (no-referrer) would be refused for ever.
    """
    csrf.exempt(bp)
    limiter.limit(MOST_POSTS, methods=["POST"])(bp)
    if own_csrf:
        bp.before_request(_check_form)
    bp.after_request(_headers)
    bp.register_error_handler(SchedulerError, _refused)
    bp.register_error_handler(HTTPException, _http)
    bp.register_error_handler(Exception, _unknown)
    return bp


def opened(token: str, purpose: str = links.PAGE) -> Opened:
    """The link of this request, once. Raises NotFound."""
    if "own_link" not in g:
        g.own_link = link_gate.opened(token, purpose, now=utcnow())
    link: Opened = g.own_link
    return link


def prove(link: Opened) -> None:
    """The birth date was right: remember it for this link, in place of any other."""
    session[PROOF] = [link.link_id, int(utcnow().timestamp())]


def is_proven(link: Opened) -> bool:
    """Half an hour after the last page the birth date is asked for again."""
    kept = session.get(PROOF)
    if not isinstance(kept, list) or kept[:1] != [link.link_id]:
        return False
    if utcnow().timestamp() - kept[1] > PROOF_LASTS.total_seconds():
        session.pop(PROOF, None)
        return False
    prove(link)
    return True


def say(code: str) -> None:
    """What the next page says first; a key of the texts, never the words of a person."""
    session[SAID] = code


def said() -> str:
    code: str = session.pop(SAID, "")
    return code


def back(token: str, code: str = "", **query: Any) -> ResponseReturnValue:
    """To the page, after a form (GET changes nothing)."""
    if code:
        say(code)
    return redirect(url_for("patient_page.show", token=token, **query), 303)


def fresh_token() -> str:
    """The number of a form that may be sent once."""
    return secrets.token_urlsafe(FRESH_TOKEN)


def number_of(name: str) -> int:
    """A hidden number of the form. Raises NotFound for what no form of ours holds."""
    typed = request.form.get(name, "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise NotFound
    return int(typed)


def _check_form() -> ResponseReturnValue | None:
    if request.method != "POST":
        return None
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        say("expired_form")
        token = (request.view_args or {})["token"]
        return redirect(url_for(f"{request.blueprint}.show", token=token), 303)
    return None


def _headers(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _refused(error: SchedulerError) -> ResponseReturnValue:
    """Unknown, over and revoked are one page; it names a number where there is but one."""
    status = status_of(error)
    return _page("ended" if status == 404 else "fault", status)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    return _page("too_often" if error.code == 429 else "fault", error.code)


def _unknown(error: Exception) -> ResponseReturnValue:
    """As for staff: a number for the person, the traceback for the log, no address in either."""
    number = secrets.token_hex(4)
    log.error("error %s in %s", number, request.endpoint, exc_info=error)
    return _page("fault", 500, number)


def _page(what: str, status: int, number: str = "") -> ResponseReturnValue:
    shown = words_without_link(links.phone_for_all())
    forget()
    return render_template("p/stop.html", t=shown, what=what, number=number), status
