"""The demo's mailbox: every message as it was sent, with its calendar file."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from config import Settings
from scheduler.errors import NotFound
from scheduler.invites import reading
from scheduler.mail import mailbox
from scheduler.mail.opened import opened
from scheduler.mail.transport import mailbox_folder
from scheduler.services import messages
from scheduler.web.auth import current_actor, permits
from scheduler.web.messages import download

bp = Blueprint("mailbox", __name__, url_prefix="/mailbox")


@bp.get("")
@permits("see_messages")
def index() -> ResponseReturnValue:
    found = mailbox.envelopes(_folder())
    ours = messages.known_ids([one.message_id for one in found], current_actor())
    return render_template(
        "mailbox/index.html", envelopes=[one for one in found if one.message_id in ours]
    )


@bp.get("/<name>")
@permits("see_messages")
def show(name: str) -> ResponseReturnValue:
    mail = opened(_mine(name))
    return render_template(
        "mailbox/show.html",
        name=name,
        mail=mail,
        entry=reading.entry(mail.calendar) if mail.calendar else None,
        lines=reading.lines(mail.calendar) if mail.calendar else [],
    )


@bp.get("/<name>/calendar")
@permits("see_messages")
def calendar(name: str) -> ResponseReturnValue:
    mail = opened(_mine(name))
    if mail.calendar is None:
        raise NotFound
    return download(mail.calendar, "text/calendar; charset=utf-8", mail.calendar_name)


@bp.get("/<name>/source")
@permits("see_messages")
def source(name: str) -> ResponseReturnValue:
    """The .eml file, to open in a mail program."""
    return download(_mine(name), "message/rfc822", name)


def _folder() -> Path:
    """Raises NotFound where messages leave by a mail server: then there is no mailbox here."""
    settings: Settings = current_app.config["CHAIRTIME"]
    if settings.smtp_url:
        raise NotFound
    return mailbox_folder(settings.data_dir)


def _mine(name: str) -> bytes:
    """Another organisation's message answers like a missing one (trust I21)."""
    data = mailbox.raw(_folder(), name)
    message_id = opened(data).header("Message-ID")
    if message_id not in messages.known_ids([message_id], current_actor()):
        raise NotFound
    return data
