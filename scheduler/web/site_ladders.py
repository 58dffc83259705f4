"""Setup: the reminders of a site, in plain words, with a live example."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import Invalid, Stale
from scheduler.planning.opening import local
from scheduler.planning.words.reminder import CHANNELS, about, channel_words
from scheduler.services.outgoing import site_ladders
from scheduler.services.outgoing.site_ladders import Page
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms import rung_fields
from scheduler.web.forms.site_ladder import LadderForm
from scheduler.web.ladder_example import examples
from scheduler.web.notes import note
from scheduler.web.rung_words import label, opened, reminder_title
from scheduler.web.stale import Difference

bp = Blueprint("site_ladders", __name__, url_prefix="/setup/sites/<int:site_id>/reminders")
FOLLOWS = "New bookings follow at once, visits that are booked already within minutes."


@bp.get("")
@permits("edit_texts")
def edit(site_id: int) -> ResponseReturnValue:
    page = site_ladders.read(site_id, current_actor())
    return _page(page, LadderForm.of(page.ladder))


@bp.post("")
@permits("edit_texts")
def save(site_id: int) -> ResponseReturnValue:
    """Save, or a button that changes the fields and saves nothing."""
    actor, form = current_actor(), _sent()
    page = site_ladders.read(site_id, actor)
    command = request.form.get("do", "save")
    if command != "save":
        form.focus = _carry_out(form, command)
        return _page(page, form)
    if form.errors:
        return _page(page, form), 422
    typed = request.form.get("version", "")
    version = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0
    try:
        new = site_ladders.change(site_id, form.ladder, actor, version=version, now=utcnow())
    except Invalid as refused:
        form.refuse(refused)
        return _page(page, form), 422
    except Stale:
        page = site_ladders.read(site_id, actor)
        return _page(page, form, changed=_differences(page, form)), 409
    note("ok", "Saved." if new else "Nothing had changed.", FOLLOWS if new else "")
    return redirect(url_for("site_ladders.edit", site_id=site_id))


@bp.post("/example")
@permits("edit_texts")
def example(site_id: int) -> ResponseReturnValue:
    """For what is typed now; reads only."""
    page = site_ladders.read(site_id, current_actor())
    return render_template("reminders/_example.html", **_shown(page, _sent()))


def _sent() -> LadderForm:
    return LadderForm.sent((name, text) for name, texts in request.form.lists() for text in texts)


def _carry_out(form: LadderForm, command: str) -> str:
    verb, _, rule_id = command.partition(":")
    if verb == "add-own":
        return rung_fields.add_own(form.values, stem="site")
    return rung_fields.drop_own(form.values, rule_id) if verb == "drop-own" else ""


def _differences(page: Page, form: LadderForm) -> list[Difference]:
    """What somebody else saved meanwhile, beside what is typed here."""
    saved = LadderForm.of(page.ladder).values
    names = [*saved.data, *(name for name in form.values.data if name not in saved.data)]
    shown = (name for name in names if name.startswith(("reminders.", "window.", "most_")))
    return [
        Difference(label(name), _words(saved.many(name)), _words(form.values.many(name)))
        for name in shown
        if saved.many(name) != form.values.many(name)
    ]


def _words(texts: list[str]) -> str:
    return ", ".join(one for one in texts if one) or "nothing"


def _shown(page: Page, form: LadderForm) -> dict[str, object]:
    today = local(page.site.zone, utcnow()).date()
    found = () if form.errors else examples(form.resolved, page.site.zone, today)
    return {"page": page, "form": form, "examples": found}


def _page(page: Page, form: LadderForm, changed: list[Difference] | None = None) -> str:
    return render_template(
        "reminders/edit.html",
        **_shown(page, form),
        changed=changed,
        channels=CHANNELS,
        about=about,
        channel_words=channel_words,
        reminder_title=reminder_title,
        opened=opened,
        label=label,
    )
