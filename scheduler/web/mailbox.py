"""The demo's mailbox: every message as it was sent, and buttons that answer as a patient would."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from config import Settings
from scheduler.clock import utcnow
from scheduler.errors import Invalid, NotFound
from scheduler.invites import reading
from scheduler.invites.clean_text import lines as clean_lines
from scheduler.mail import demo_reply, mailbox
from scheduler.mail.demo_reply import Reply
from scheduler.mail.opened import Opened, opened
from scheduler.mail.transport import mailbox_folder
from scheduler.services.outgoing import messages
from scheduler.web.auth import current_actor, permits
from scheduler.web.menu import clock_zone
from scheduler.web.messages import download
from scheduler.web.notes import note

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


@bp.post("/<name>/reply")
@permits("see_messages")
def reply(name: str) -> ResponseReturnValue:
    """Puts an answer where the worker reads replies, as the patient's own mail server would."""
    mail, now = opened(_mine(name)), utcnow()
    try:
        data = _answer(mail, request.form.get("answer", ""), now)
    except Invalid as wrong:
        note("warn", wrong.message)
    else:
        settings: Settings = current_app.config["CHAIRTIME"]
        demo_reply.drop(data, settings.data_dir, now=now)
        note(
            "ok",
            "The answer is on its way.",
            "It is read in a few seconds: see Messages, Received.",
        )
    return redirect(url_for("mailbox.show", name=name))


def _answer(mail: Opened, answer: str, now: datetime) -> bytes:
    """Raises Invalid, with what to do."""
    text = clean_lines(request.form.get("text", ""), 1000).strip()
    if answer == "BOUNCE":
        return demo_reply.bounce(mail, now=now)
    if answer == "LETTER":
        if not text:
            raise Invalid("Write something first.", field="text")
        organizer = mail.header("From").rpartition("<")[2].rstrip(">")
        return demo_reply.letter(mail.header("To"), organizer, text, now=now)
    if mail.calendar is None:
        raise NotFound
    invitation = reading.entry(mail.calendar)
    if answer == "COUNTER":
        return demo_reply.answer(invitation, Reply(proposed_at=_proposed(), comment=text), now=now)
    if answer not in demo_reply.WORDS:
        raise NotFound
    return demo_reply.answer(invitation, Reply(partstat=answer, comment=text), now=now)


def _proposed() -> datetime:
    """The wall time of the site, as the browser's own field writes it."""
    try:
        wall = datetime.strptime(request.form.get("proposed", ""), "%Y-%m-%dT%H:%M")  # noqa: DTZ007
    except ValueError:
        raise Invalid("Choose a day and a time to propose.", field="proposed") from None
    return wall.replace(tzinfo=clock_zone() or UTC).astimezone(UTC)


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
