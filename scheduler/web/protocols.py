"""Series templates: the list, new ones, and the editor with its live preview (screen 05)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.planning.words.cadence import short
from scheduler.services import protocol_library, protocol_pages, protocols
from scheduler.services.protocol_check import NoPlanPossible
from scheduler.services.protocols import Saved, SaveRequest, StaleVersion
from scheduler.services.strict_yaml import FileProblem, FileRefused
from scheduler.web import protocol_versions
from scheduler.web.auth import current_actor, may, permits
from scheduler.web.notes import note
from scheduler.web.template_page import EditorPage, library_page
from scheduler.web.template_words import context

bp = Blueprint("protocols", __name__, url_prefix="/protocols")
bps = (bp, protocol_versions.bp)

BLANK = "blank"


@bp.get("/")
@permits("see_protocols")
def index() -> ResponseReturnValue:
    actor = current_actor()
    return render_template(
        "protocols/index.html",
        templates=protocol_pages.all_templates(actor),
        library=protocol_library.templates(),
        short=short,
    )


@bp.get("/new")
@permits("edit_protocol")
def new() -> ResponseReturnValue:
    return _new_page()


@bp.post("/")
@permits("edit_protocol")
def create() -> ResponseReturnValue:
    """From the library, or a small one to build on."""
    chosen, token = request.form.get("template_id", BLANK), request.form.get("token", "")
    if chosen == BLANK:
        made = protocols.create(
            protocol_library.blank(), current_actor(), now=utcnow(), token=token
        )
    else:
        made = protocols.create_from_library(chosen, current_actor(), now=utcnow(), token=token)
    note("ok", "A draft is made.", "Nobody can book it before a prescriber has approved it.")
    return redirect(url_for("protocols.show", protocol_id=made.protocol_id))


@bp.post("/import")
@permits("edit_protocol")
def import_file() -> ResponseReturnValue:
    sent = request.files.get("file")
    data = sent.read() if sent and sent.filename else b""
    if not data:
        return _new_page([FileProblem(0, "", "Choose a file first.")]), 422
    try:
        saved = protocols.import_file(data, current_actor(), now=utcnow())
    except FileRefused as refused:
        return _new_page(refused.problems), 422
    _say_imported(saved)
    return redirect(url_for("protocols.show", protocol_id=saved.protocol_id))


@bp.get("/library/<int:place>")
@permits("see_protocols")
def library(place: int) -> ResponseReturnValue:
    """A built-in template by its place in the list: an address names no treatment (trust I17)."""
    return render_template("protocols/library.html", page=library_page(place), token=_token())


@bp.get("/<int:protocol_id>")
@permits("see_protocols")
def show(protocol_id: int) -> ResponseReturnValue:
    """The editor for those who may change it; for others the newest version to read."""
    actor = current_actor()
    versions = protocol_pages.one_template(protocol_id, actor)
    if not may("edit_protocol"):
        return protocol_versions.read_page(versions, versions.newest.number)
    page = EditorPage.opened(versions, request.args, actor, now=utcnow())
    return _editor(page, 200)


@bp.post("/<int:protocol_id>")
@permits("edit_protocol")
def save(protocol_id: int) -> ResponseReturnValue:
    """Save, save and ask for approval, or a button that changes the fields and saves nothing."""
    page = _sent(protocol_id)
    command = request.form.get("do", "save")
    if command not in ("save", "submit"):
        page.carry_out(command)
        return _editor(page, 200)
    page.tried = True
    if page.form.problems:
        return _editor(page, 422)
    try:
        saved = _saved(page)
        if command == "submit":
            protocols.submit(protocol_id, saved.number, current_actor(), now=utcnow())
    except StaleVersion as stale:
        page.overtaken(stale.newest)
        return _editor(page, 409)
    except NoPlanPossible as impossible:
        note("warn", "Saved, but nobody was asked for approval.", impossible.message)
        return redirect(url_for("protocols.show", protocol_id=protocol_id))
    _say_saved(page, saved, asked=command == "submit")
    return redirect(url_for("protocols.show", protocol_id=protocol_id, at=page.place))


@bp.post("/<int:protocol_id>/preview")
@permits("edit_protocol")
def preview(protocol_id: int) -> ResponseReturnValue:
    """The calendar for what is typed now; reads only."""
    page = _sent(protocol_id)
    page.carry_out(request.form.get("do", "show"))
    return render_template(
        "protocols/_preview.html",
        page=page,
        form=page.form,
        live=True,
        preview_url=url_for("protocols.preview", protocol_id=protocol_id),
    )


def _sent(protocol_id: int) -> EditorPage:
    actor = current_actor()
    versions = protocol_pages.one_template(protocol_id, actor)
    return EditorPage.sent(versions, request.form, actor, now=utcnow())


def _editor(page: EditorPage, status: int) -> ResponseReturnValue:
    html = render_template("protocols/edit.html", page=page, form=page.form, **context())
    return html, status


def _saved(page: EditorPage) -> Saved:
    asked = SaveRequest(template=page.form.template, base_number=page.base_number, note=page.note)
    return protocols.save(page.versions.row.id, asked, current_actor(), now=utcnow())


def _say_saved(page: EditorPage, saved: Saved, *, asked: bool) -> None:
    said = f"Version {saved.number} is a draft." if saved.is_new else "Nothing had changed."
    running = sum(page.versions.running.values())
    rest = "Running series keep the version that they were booked with." if running else ""
    if asked:
        said, rest = (
            f"Version {saved.number} waits for approval.",
            "A prescriber sees it in the list.",
        )
    note("ok", said, rest)


def _say_imported(saved: Saved) -> None:
    if not saved.is_new:
        note("ok", "The file says what the newest version says.", "Nothing was changed.")
    elif saved.number == 1:
        note("ok", "A new template was made from the file.", "It is a draft.")
    else:
        note("ok", f"The file became version {saved.number}.", "It is a draft.")


def _new_page(problems: Iterable[FileProblem] = ()) -> str:
    return render_template(
        "protocols/new.html",
        library=protocol_library.templates(),
        short=short,
        problems=tuple(problems),
        token=_token(),
    )


def _token() -> str:
    return secrets.token_hex(16)
