"""Messages: what waits and when it leaves, what left, what failed; each opens to what was sent."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, NotFound
from scheduler.invites import reading
from scheduler.mail.messages import build
from scheduler.mail.opened import Opened, opened
from scheduler.services import health, messages
from scheduler.services.messages import TABS, MessageFilter, MessageView
from scheduler.web.auth import current_actor, permits
from scheduler.web.filters import plural
from scheduler.web.notes import note

bp = Blueprint("messages", __name__, url_prefix="/messages")
TAB_WORDS = {"waiting": "Waiting", "sent": "Sent", "failed": "Failed", "ended": "Not sent"}


@bp.get("")
@permits("see_messages")
def index() -> ResponseReturnValue:
    wanted = _filter()
    page = messages.index(current_actor(), wanted)
    return render_template(
        "messages/index.html",
        page=page,
        wanted=wanted,
        tabs=TAB_WORDS,
        health=health.check(),
    )


@bp.get("/<int:message_id>")
@permits("see_messages")
def show(message_id: int) -> ResponseReturnValue:
    view = messages.show(message_id, current_actor(), now=utcnow())
    mail = _mail(view)
    calendar = mail.calendar if mail else None
    return render_template(
        "messages/show.html",
        view=view,
        row=view.row,
        mail=mail,
        entry=reading.entry(calendar) if calendar else None,
        lines=reading.lines(calendar) if calendar else [],
    )


@bp.get("/<int:message_id>/calendar")
@permits("see_messages")
def calendar(message_id: int) -> ResponseReturnValue:
    """The calendar file as it left, to save."""
    mail = _mail(messages.show(message_id, current_actor(), now=utcnow()))
    if mail is None or mail.calendar is None:
        raise NotFound
    return download(mail.calendar, "text/calendar; charset=utf-8", mail.calendar_name)


@bp.post("/<int:message_id>/send-now")
@permits("send_now")
def send_now(message_id: int) -> ResponseReturnValue:
    try:
        messages.send_now(message_id, current_actor(), now=utcnow())
    except IllegalChange as refused:
        note("warn", refused.message)
    else:
        note("ok", "The message is leaving now.")
    return redirect(_back(message_id))


@bp.post("/of-patient/<int:patient_id>/send-now")
@permits("send_now")
def send_all_now(patient_id: int) -> ResponseReturnValue:
    count = messages.send_all_now(patient_id, current_actor(), now=utcnow())
    if count:
        note("ok", f"{plural(count, 'message')} leaving now.")
    else:
        note("info", "Nothing waits for this patient any more.")
    return redirect(url_for("messages.index", patient_id=patient_id))


@bp.post("/<int:message_id>/send-again")
@permits("send_now")
def send_again(message_id: int) -> ResponseReturnValue:
    try:
        new_id = messages.send_again(message_id, current_actor(), now=utcnow())
    except IllegalChange as refused:
        note("warn", refused.message)
        return redirect(url_for("messages.show", message_id=message_id))
    note("ok", "It is queued once more.")
    return redirect(url_for("messages.show", message_id=new_id))


def download(data: bytes, kind: str, name: str) -> Response:
    """A file to save; nothing in it runs here."""
    response = Response(data, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _back(message_id: int) -> str:
    """To the page that the button stood on."""
    if request.form.get("from") == "message":
        return url_for("messages.show", message_id=message_id)
    return url_for("messages.index", patient_id=_number(request.form.get("patient_id")))


def _filter() -> MessageFilter:
    """What the address asks for; anything odd is the first page of what waits."""
    tab = request.args.get("tab", "waiting")
    return MessageFilter(
        tab=tab if tab in TABS else "waiting",
        patient_id=_number(request.args.get("patient_id")),
        page=_number(request.args.get("page")) or 1,
    )


def _number(text: str | None) -> int | None:
    """A positive whole number of reasonable length, or None."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 9):
        return None
    return int(text) or None


def _mail(view: MessageView) -> Opened | None:
    """What left; for what still waits, what would leave now; None where nothing did or will."""
    if view.body is not None:
        return opened(view.body)
    return opened(build(view.facts)) if view.facts is not None else None
