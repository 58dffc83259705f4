"""One version of a series template: to read, to approve, to export, to take out of use."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, Invalid, NotAllowed
from scheduler.services import protocol_pages, protocols
from scheduler.services.protocol_files import parsed
from scheduler.services.protocol_pages import Versions
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.text import clean_line
from scheduler.web.notes import note
from scheduler.web.template_page import VersionPage

bp = Blueprint(
    "protocol_versions", __name__, url_prefix="/protocols/<int:protocol_id>/versions/<int:number>"
)


@bp.get("")
@permits("see_protocols")
def show(protocol_id: int, number: int) -> ResponseReturnValue:
    return read_page(protocol_pages.one_template(protocol_id, current_actor()), number)


def read_page(versions: Versions, number: int, reason: str = "") -> str:
    """Everything that it says, and what differs from the version in use. Raises NotFound."""
    page = VersionPage.of(versions, number, request.args, current_actor(), now=utcnow())
    return render_template("protocols/show.html", page=page, reason=reason)


@bp.get("/export")
@permits("see_protocols")
def export(protocol_id: int, number: int) -> ResponseReturnValue:
    """The stored document, byte for byte."""
    versions = protocol_pages.one_template(protocol_id, current_actor())
    version = versions.numbered(number)
    name = (
        f"template-{versions.row.id}-v{number}.yaml"  # says nothing about a treatment (trust I17)
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(version.document.encode(), mimetype="application/yaml", headers=headers)


@bp.post("/copy")
@permits("edit_protocol")
def copy(protocol_id: int, number: int) -> ResponseReturnValue:
    """A new template that starts as this version."""
    versions = protocol_pages.one_template(protocol_id, current_actor())
    template = parsed(versions.numbered(number).document)
    token = request.form.get("token", "")
    made = protocols.create(template, current_actor(), now=utcnow(), token=token)
    note("ok", "A copy is made.", "It is a draft of its own.")
    return redirect(url_for("protocols.show", protocol_id=made.protocol_id))


@bp.post("/approve")
@permits("approve_protocol")
def approve(protocol_id: int, number: int) -> ResponseReturnValue:
    try:
        protocols.approve(protocol_id, number, current_actor(), now=utcnow())
    except (IllegalChange, NotAllowed, Invalid) as error:
        note("bad", error.message)
    else:
        note("ok", f"Version {number} is in use for new series.", "Running series keep theirs.")
    return _back(protocol_id, number)


@bp.post("/send-back")
@permits("approve_protocol")
def send_back(protocol_id: int, number: int) -> ResponseReturnValue:
    reason = clean_line(request.form.get("reason", ""))
    versions = protocol_pages.one_template(protocol_id, current_actor())
    if not reason or len(reason) > 400:
        wrong = "Say what should change, in at most 400 characters."
        note("bad", wrong)
        return read_page(versions, number, reason), 422
    try:
        protocols.send_back(protocol_id, number, reason, current_actor(), now=utcnow())
    except IllegalChange as error:
        note("bad", error.message)
    else:
        note("ok", "Sent back.", "The draft stays, with your words beside it.")
    return _back(protocol_id, number)


@bp.post("/retire")
@permits("approve_protocol")
def retire(protocol_id: int, number: int) -> ResponseReturnValue:
    try:
        protocols.retire(protocol_id, number, current_actor(), now=utcnow())
    except IllegalChange as error:
        note("bad", error.message)
    else:
        note("ok", f"Version {number} is out of use.", "Running series keep it.")
    return _back(protocol_id, number)


def _back(protocol_id: int, number: int) -> ResponseReturnValue:
    return redirect(url_for("protocol_versions.show", protocol_id=protocol_id, number=number))
