"""Messages: what waits, left, failed or came in; each opens to exactly what was sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, Invalid, NotFound, Stale
from scheduler.invites import reading
from scheduler.invites.clean_text import lines
from scheduler.mail.messages import build
from scheduler.mail.opened import Opened, opened
from scheduler.phone import parcels
from scheduler.services import csv_text, health, patients
from scheduler.services.incoming import mailboxes
from scheduler.services.outgoing import message_actions, message_view, message_words, messages
from scheduler.services.outgoing.mail_facts import MessageFacts
from scheduler.services.outgoing.message_actions import Called
from scheduler.services.outgoing.message_rows import TABS, MessageFilter
from scheduler.services.outgoing.message_view import MessageView
from scheduler.services.own import answers
from scheduler.services.own.link_masks import masked
from scheduler.web.auth import current_actor, permits
from scheduler.web.filters import plural
from scheduler.web.notes import note

bp = Blueprint("messages", __name__, url_prefix="/messages")
MOST_FOUND = 20
"""Patients that a search by words narrows the list to."""
TAB_WORDS = {
    "waiting": "Due",
    "sent": "Sent",
    "failed": "Failed",
    "ended": "Not sent",
    "received": "Received",
}


@bp.get("")
@permits("see_messages")
def index() -> ResponseReturnValue:
    wanted, actor = _filter(), current_actor()
    page = messages.index(actor, wanted)
    whose = patients.find(wanted.patient_id, actor) if wanted.patient_id else None
    return render_template(
        "messages/index.html",
        page=page,
        whose=whose,
        wanted=wanted,
        narrowed=_narrowed(wanted),
        tabs=TAB_WORDS,
        groups=_groups(wanted.tab),
        channels=message_words.CHANNELS,
        health=health.check(),
        inboxes=mailboxes.in_trouble(),
    )


@bp.post("/find")
@permits("see_messages")
def find() -> ResponseReturnValue:
    """Whose messages: by name, phone or birth date, as everywhere."""
    wanted, words = _filter(), lines(request.form.get("words", ""), 60).strip()
    found = patients.search(words, current_actor(), limit=MOST_FOUND)
    narrowed = {name: value for name, value in _narrowed(wanted).items() if name != "among"}
    if found:
        narrowed["among"] = ",".join(str(one.id) for one in found)
    elif words:
        note(
            "warn",
            "Nobody is found by these words.",
            "Try the last name, the phone or the birth date.",
        )
    return redirect(url_for("messages.index", tab=wanted.tab, **narrowed))


@bp.get("/export.csv")
@permits("see_messages")
def export() -> ResponseReturnValue:
    """The filtered list, as a table that no spreadsheet runs."""
    wanted, actor = _filter(), current_actor()
    rows = list(messages.export(actor, wanted))
    table = csv_text.write(rows)
    messages.exported(actor, wanted, len(rows) - 1, now=utcnow())
    return download(table.encode(), "text/csv; charset=utf-8", f"messages-{wanted.tab}.csv")


@bp.get("/<int:message_id>")
@permits("see_messages")
def show(message_id: int) -> ResponseReturnValue:
    view = message_view.show(message_id, current_actor(), now=utcnow())
    mail = _mail(view)
    calendar = mail.calendar if mail else None
    return render_template(
        "messages/show.html",
        view=view,
        row=view.row,
        mail=mail,
        spoken=_spoken(view),
        token=token_urlsafe(24),
        entry=reading.entry(calendar) if calendar else None,
        lines=reading.lines(calendar) if calendar else [],
    )


@bp.get("/<int:message_id>/calendar")
@permits("see_messages")
def calendar(message_id: int) -> ResponseReturnValue:
    """The calendar file as it left, to save."""
    mail = _mail(message_view.show(message_id, current_actor(), now=utcnow()))
    if mail is None or mail.calendar is None:
        raise NotFound
    return download(mail.calendar, "text/calendar; charset=utf-8", mail.calendar_name)


@bp.post("/<int:message_id>/send-now")
@permits("send_now")
def send_now(message_id: int) -> ResponseReturnValue:
    try:
        message_actions.send_now(message_id, current_actor(), now=utcnow())
    except IllegalChange as refused:
        note("warn", refused.message)
    else:
        note("ok", "The message is leaving now.")
    return redirect(_back(message_id))


@bp.post("/of-patient/<int:patient_id>/send-now")
@permits("send_now")
def send_all_now(patient_id: int) -> ResponseReturnValue:
    count = message_actions.send_all_now(patient_id, current_actor(), now=utcnow())
    if count:
        note("ok", f"{plural(count, 'message')} leaving now.")
    else:
        note("info", "Nothing waits for this patient any more.")
    return redirect(url_for("messages.index", patient_id=patient_id))


@bp.post("/<int:message_id>/send-again")
@permits("send_now")
def send_again(message_id: int) -> ResponseReturnValue:
    try:
        new_id = message_actions.send_again(message_id, current_actor(), now=utcnow())
    except IllegalChange as refused:
        note("warn", refused.message)
        return redirect(url_for("messages.show", message_id=message_id))
    note("ok", "It is queued once more.")
    return redirect(url_for("messages.show", message_id=new_id))


@bp.post("/<int:message_id>/called")
@permits("work_task")
def called(message_id: int) -> ResponseReturnValue:
    """Somebody told the patient by phone; what they said about coming is an answer of its own."""
    actor, now = current_actor(), utcnow()
    outcome = lines(request.form.get("outcome", ""), message_actions.LONGEST_OUTCOME)
    try:
        message_actions.called_instead(
            Called(message_id=message_id, outcome=outcome), actor, now=now
        )
        note("ok", "The call is noted.", "Its task is done; nothing more is sent for this message.")
        _keep_coming(message_id)
    except (Invalid, IllegalChange, Stale) as refused:
        note("warn", refused.message)
    return redirect(url_for("messages.show", message_id=message_id))


def _keep_coming(message_id: int) -> None:
    """Raises IllegalChange, Stale."""
    says, actor, now = request.form.get("coming", ""), current_actor(), utcnow()
    view = message_view.show(message_id, actor, now=now)
    if says not in ("yes", "no") or view.row.visit_id is None:
        return
    asked = answers.Asked(
        visit_id=view.row.visit_id,
        version=view.visit_version,
        token=request.form.get("token", ""),
    )
    person = replace(answers.by_staff(actor), outbox_id=message_id)
    if says == "yes":
        answers.coming(asked, None, person, now=now)
    else:
        answers.not_coming(asked, person, now=now)


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
    channel, group = request.args.get("channel", ""), request.args.get("group", "")
    return MessageFilter(
        tab=tab if tab in (*TABS, "received") else "waiting",
        patient_id=_number(request.args.get("patient_id")),
        channel=channel if channel in message_words.CHANNELS else "",
        group=group if group in _groups(tab) else "",
        among=_numbers(request.args.get("among", "")),
        page=_number(request.args.get("page")) or 1,
    )


def _groups(tab: str) -> Mapping[str, str]:
    """The kinds that a tab can be narrowed to, in words."""
    return message_words.INBOUND if tab == "received" else message_words.GROUP_WORDS


def _narrowed(wanted: MessageFilter) -> dict[str, Any]:
    """The filter as an address says it, without tab and page."""
    return {
        name: value
        for name, value in (
            ("patient_id", wanted.patient_id),
            ("channel", wanted.channel),
            ("group", wanted.group),
            ("among", ",".join(map(str, wanted.among))),
        )
        if value
    }


def _numbers(text: str) -> tuple[int, ...]:
    """Of "3,8,12", at most as many as a search finds; a name never stands in an address (I17)."""
    found = (_number(one) for one in text.split(",")[:MOST_FOUND])
    return tuple(one for one in found if one is not None)


def _number(text: str | None) -> int | None:
    """A positive whole number of reasonable length, or None."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 9):
        return None
    return int(text) or None


def _mail(view: MessageView) -> Opened | None:
    """What left; for what did not, what it would say now; None where there are no such words."""
    if view.row.channel != "email":
        return None
    if view.body is not None:
        return opened(view.body).for_staff()
    data = _written(view.facts, build)
    return opened(data) if data is not None else None


def _spoken(view: MessageView) -> str:
    """The words of a text message or call, as they left or would leave now."""
    if view.row.channel == "email":
        return ""
    body = view.body or _written(view.facts, partial(parcels.build, callback=""))
    return masked(str(json.loads(body)["text"])) if body is not None else ""


def _written(facts: MessageFacts | None, write: Callable[[MessageFacts], bytes]) -> bytes | None:
    """Some messages failed because they cannot be written; their page opens all the same."""
    if facts is None:
        return None
    try:
        return write(_with_links(facts))
    except (LookupError, ValueError):
        return None


def _with_links(facts: MessageFacts) -> MessageFacts:
    """A link is minted when a message leaves; before that there is none to show."""
    base = current_app.config["CHAIRTIME"].public_url
    return replace(facts, link=f"{base}/p/...", off_link=f"{base}/u/...")
