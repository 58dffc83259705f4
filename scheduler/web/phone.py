"""The demo's phones: every text message and call as it arrived, and a box to write back."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from config import Settings
from scheduler.clock import utcnow
from scheduler.errors import NotFound
from scheduler.phone import folder as phones
from scheduler.phone import signing
from scheduler.phone.folder import Kept
from scheduler.phone.provider import phone_folder
from scheduler.services.incoming import phone_threads
from scheduler.services.incoming.phone_threads import Known
from scheduler.web import phone_hooks
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.text import clean_line
from scheduler.web.notes import note

bp = Blueprint("phone", __name__, url_prefix="/phone")

MOST_PHONES, MOST_MESSAGES, LONGEST = 12, 12, 400
VERDICTS = {
    "applied": "It was understood and applied.",
    "person": "A task was made of it.",
    "ignored": "It changed nothing.",
}


@dataclass(frozen=True)
class Phone:
    """One number and its newest messages, oldest first; `reference` names it in a form."""

    number: str
    messages: list[Kept]
    reference: str


@bp.get("")
@permits("see_messages")
def index() -> ResponseReturnValue:
    kept = phones.kept(_folder())
    ours = _known(kept)
    found = sorted((_dated(one, ours) for one in kept), key=lambda one: one.at)
    return render_template("phone/index.html", phones=_by_number(found, ours), known=ours)


@bp.post("/<reference>/reply")
@permits("work_task")
def reply(reference: str) -> ResponseReturnValue:
    """What is written on a phone goes to the hook, signed like the provider's."""
    number, text = _one(reference).number, clean_line(request.form.get("text", ""))[:LONGEST]
    if text:
        message_id = phones.typed(_folder(), number, text)
        said = _hook({"type": "message", "id": message_id, "from": number, "text": text})
        note("ok", VERDICTS.get(said, "Sent."))
    return redirect(url_for("phone.index"))


@bp.post("/<reference>/report")
@permits("work_task")
def report(reference: str) -> ResponseReturnValue:
    """What the network would report about one message."""
    _one(reference)
    status = "delivered" if request.form.get("status") == "delivered" else "undelivered"
    _hook({"type": "status", "id": reference, "status": status})
    note("ok", "Reported as delivered." if status == "delivered" else "Reported as not delivered.")
    return redirect(url_for("phone.index"))


def _hook(plain: dict[str, str]) -> str:
    settings: Settings = current_app.config["CHAIRTIME"]
    now, body = utcnow(), json.dumps(plain).encode()
    signed = signing.headers(settings.phone_secret, body, now=now)
    answer, _ = phone_hooks.receive(body, signed[signing.STAMP], signed[signing.SIGNATURE], now=now)
    return answer.get("result", "")


def _dated(one: Kept, ours: dict[str, Known]) -> Kept:
    """The demo's past was written in one go: what left shows when it left."""
    about = ours.get(one.id)
    return one if about is None or about.sent_at is None else replace(one, at=about.sent_at)


def _by_number(found: list[Kept], ours: dict[str, Known]) -> list[Phone]:
    """The phone that got something last comes first; what was typed stands where we sent to."""
    numbers = {one.to: one.id for one in found if one.id in ours}
    last = sorted(numbers, key=lambda number: -max(_times(found, number)))
    return [
        Phone(number, [one for one in found if one.to == number][-MOST_MESSAGES:], numbers[number])
        for number in last[:MOST_PHONES]
    ]


def _times(found: list[Kept], number: str) -> list[float]:
    return [one.at.timestamp() for one in found if one.to == number]


def _known(found: list[Kept]) -> dict[str, Known]:
    return phone_threads.known([one.id for one in found], current_actor())


def _one(reference: str) -> Known:
    """Another organisation's message answers like a missing one (trust I21)."""
    _folder()
    known = phone_threads.known([reference[:64]], current_actor()).get(reference)
    if known is None:
        raise NotFound
    return known


def _folder() -> Path:
    """Raises NotFound where messages leave by a provider: then there are no phones here."""
    settings: Settings = current_app.config["CHAIRTIME"]
    if settings.mode == "production" or settings.phone_url:
        raise NotFound
    return phone_folder(settings.data_dir)
