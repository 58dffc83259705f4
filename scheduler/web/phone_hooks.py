"""Where the provider of text messages reports and hands over what people wrote: signed, or nothing.

{"type": "status", "id", "status", "at"} tells what became of a message of ours;
{"type": "message", "id", "from", "text"} is a message from a phone.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from config import Settings
from scheduler.clock import utcnow
from scheduler.extensions import csrf
from scheduler.phone import signing
from scheduler.services.incoming import phone_inbound, phone_replies
from scheduler.services.incoming.phone_inbound import Report
from scheduler.services.incoming.phone_replies import TextIn
from scheduler.services.outgoing import reach

bp = Blueprint("phone_hooks", __name__, url_prefix="/hooks")
csrf.exempt(bp)  # no session: the signature says who calls

LONGEST_BODY = 16 * 1024
LONGEST_ID, LONGEST_TEXT = 120, 4000
Answer = tuple[dict[str, str], int]


@bp.post("/phone")
def phone() -> Answer:
    """401 without a right signature, 413 for too much, 422 for what cannot be read, 404 for a
    message not known."""
    request.max_content_length = LONGEST_BODY
    stamp = request.headers.get(signing.STAMP, "")
    signature = request.headers.get(signing.SIGNATURE, "")
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        return {"error": "This is too long."}, 413
    return receive(body, stamp, signature, now=utcnow())


def receive(body: bytes, stamp: str, signature: str, *, now: datetime) -> Answer:
    """As the view; the demo's phone page hands its messages in here."""
    settings: Settings = current_app.config["CHAIRTIME"]
    if not signing.is_right(settings.phone_secret, body, stamp, signature, now=now):
        return {"error": "The signature is not right."}, 401
    try:
        plain = json.loads(body)
        take = {"status": _status, "message": _message}[plain["type"]]
        return take(plain, now)
    except (ValueError, LookupError, TypeError, AttributeError):
        return {"error": "This cannot be read."}, 422


def _status(plain: dict[str, Any], now: datetime) -> Answer:
    news = Report(
        id=_text(plain["id"], LONGEST_ID),
        status=_text(plain["status"], 40).casefold(),
        at=_instant(plain.get("at"), now),
    )
    known = phone_inbound.report(news, _digest("status", news.id, news.status), now=now)
    return ({"result": "ok"}, 200) if known else ({"error": "No message has this id."}, 404)


def _message(plain: dict[str, Any], now: datetime) -> Answer:
    message = TextIn(
        id=_text(plain["id"], LONGEST_ID),
        number=reach.number(_text(plain["from"], 40)),
        text=_text(plain["text"], LONGEST_TEXT),
    )
    verdict = phone_replies.take(message, _digest("message", message.id), now=now)
    return {"result": verdict or "known"}, 200


def _text(value: Any, most: int) -> str:
    """Raises ValueError."""
    if not isinstance(value, str) or not value or len(value) > most:
        raise ValueError("no text of a fitting length")
    return value


def _instant(value: Any, now: datetime) -> datetime:
    """When it happened, aware UTC; never later than now."""
    if not isinstance(value, str):
        return now
    at = datetime.fromisoformat(value)
    return min(at if at.tzinfo else at.replace(tzinfo=UTC), now).astimezone(UTC)


def _digest(*parts: str) -> str:
    """The same message or report, however its JSON is written (calendar I1)."""
    return hashlib.sha256("\0".join(("phone", *parts)).encode(errors="replace")).hexdigest()
