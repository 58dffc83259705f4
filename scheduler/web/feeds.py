"""The address that calendar programs ask: no sign-in, no cookie, nothing but the file (calendar
F5)."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import NotFound
from scheduler.services.own import feed_content

bp = Blueprint("feeds", __name__)


@bp.get("/cal/<token>.ics")
def show(token: str) -> ResponseReturnValue:
    """The same 404 for an address that never was and one that was ended."""
    try:
        feed = feed_content.read(token, now=utcnow())
    except NotFound:
        return Response("There is no calendar here.\n", status=404, mimetype="text/plain")
    answer = Response(feed.data, content_type="text/calendar; charset=utf-8")
    answer.set_etag(hashlib.sha256(feed.data).hexdigest()[:32])
    answer.last_modified = feed.changed_at
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer.make_conditional(request)
