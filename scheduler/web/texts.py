"""Setup: every text that a patient reads, by message and language, with its versions."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from config import Settings
from scheduler.clock import utcnow
from scheduler.errors import Invalid, Stale
from scheduler.models import Site
from scheduler.services import sites
from scheduler.services.outgoing import text_preview, texts
from scheduler.services.outgoing.text_preview import Preview
from scheduler.services.outgoing.texts import TextPage, TextRequest
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.texts import TextForm, WordsForm, text_form
from scheduler.web.notes import note
from scheduler.web.stale import differences, version_of
from scheduler.web.text_names import LANGUAGES, TOPICS, part_name, table_name

bp = Blueprint("texts", __name__, url_prefix="/setup/sites/<int:site_id>/texts")


@bp.get("")
@permits("edit_texts")
def index(site_id: int) -> ResponseReturnValue:
    return _list(sites.find(site_id, current_actor()))


@bp.post("/words")
@permits("edit_texts")
def save_words(site_id: int) -> ResponseReturnValue:
    form, actor = WordsForm(), current_actor()
    site = sites.find(site_id, actor)
    if not form.validate():
        return _list(site, form), 422
    version = version_of(form)
    try:
        texts.save_words(site_id, form.to_words(), actor, version=version, now=utcnow())
    except Invalid as refused:
        form.refuse(refused)
        return _list(site, form), 422
    except Stale:
        changed = differences(form, WordsForm.of(site))
        form.version.data = site.messages_version
        return _list(site, form, changed), 409
    note("ok", "Saved.", "No message with one of these words leaves.")
    return redirect(url_for("texts.index", site_id=site_id))


@bp.get("/<language>/<table>")
@permits("edit_texts")
def edit(site_id: int, language: str, table: str) -> ResponseReturnValue:
    page = texts.show(site_id, language, table, current_actor())
    return _page(page, text_form(page, typed=False))


@bp.post("/<language>/<table>")
@permits("edit_texts")
def save(site_id: int, language: str, table: str) -> ResponseReturnValue:
    actor = current_actor()
    page = texts.show(site_id, language, table, actor)
    form = text_form(page, typed=True)
    asked = form.request(language, table)
    fine = form.validate()
    form.refuse_all(texts.refusals(site_id, asked, actor))
    if not fine or form.wrong():
        return _page(page, form), 422
    try:
        saved = texts.save(site_id, asked, actor, version=version_of(form), now=utcnow())
    except Stale:
        changed = differences(form, text_form(page, typed=False))
        form.version.data = page.version
        return _page(page, form, changed), 409
    _say_saved(saved)
    return redirect(url_for("texts.edit", site_id=site_id, language=language, table=table))


@bp.post("/<language>/<table>/preview")
@permits("edit_texts")
def preview(site_id: int, language: str, table: str) -> ResponseReturnValue:
    """How it reads now, as it is typed; saves nothing."""
    page = texts.show(site_id, language, table, current_actor())
    asked = text_form(page, typed=True).request(language, table)
    return render_template("texts/_preview.html", preview=_preview(page, asked), page=page)


@bp.post("/<language>/<table>/restore")
@permits("edit_texts")
def restore(site_id: int, language: str, table: str) -> ResponseReturnValue:
    """An older version, or the shipped text of one part, holds again."""
    actor = current_actor()
    back = redirect(url_for("texts.edit", site_id=site_id, language=language, table=table))
    page = texts.show(site_id, language, table, actor)
    try:
        if request.form.get("shipped") is not None:
            texts.save(
                site_id,
                TextRequest(language=language, table=table, texts={request.form["shipped"]: ""}),
                actor,
                version=page.version,
                now=utcnow(),
            )
        else:
            texts.restore(site_id, _number(request.form.get("row", "")), actor, now=utcnow())
    except Invalid as refused:
        note("bad", "Nothing was changed.", refused.message)
        return back
    note("ok", "Restored.", "The version before it is kept below.")
    return back


def _list(site: Site, form: WordsForm | None = None, changed: object = None) -> str:
    lines = texts.index(site.id, current_actor())
    by_topic = {
        name: [one for one in lines if one.topic == topic] for topic, name in TOPICS.items()
    }
    return render_template(
        "texts/index.html",
        site=site,
        topics={name: found for name, found in by_topic.items() if found},
        languages=LANGUAGES,
        table_name=table_name,
        form=form or WordsForm.of(site),
        changed=changed,
    )


def _page(page: TextPage, form: TextForm, changed: object = None) -> str:
    asked = form.request(page.language, page.table)
    return render_template(
        "texts/edit.html",
        page=page,
        form=form,
        changed=changed,
        preview=_preview(page, asked),
        known=text_preview.known(page.site, page.language, page.table, when=_when(page.site)),
        title=table_name(page.table),
        language=LANGUAGES[page.language],
        languages=LANGUAGES,
        part_name=part_name,
    )


def _preview(page: TextPage, asked: TextRequest) -> Preview:
    return text_preview.preview(page.site, asked, when=_when(page.site))


def _when(site: Site) -> text_preview.When:
    settings: Settings = current_app.config["CHAIRTIME"]
    today = utcnow().astimezone(site.zone).date()
    return text_preview.When(today, settings.public_url)


def _say_saved(keys: list[str]) -> None:
    if keys:
        names = ", ".join(part_name(key.rpartition(".")[2]).lower() for key in keys)
        note("ok", "Saved.", f"From the next message on: {names}.")
    else:
        note("ok", "Nothing was changed.")


def _number(text: str) -> int:
    """0, which no row has, for what is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
