"""The patient's own page, by the link in a message: see, confirm, answer, set (screens 07)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, Invalid, NotFound, Stale
from scheduler.planning.wording import LANGUAGES
from scheduler.planning.words.checklist import checklist
from scheduler.services.own import answers, link_gate, own_page, own_settings, suspension
from scheduler.services.own.answer_rows import needs_driver
from scheduler.services.own.answers import Asked
from scheduler.services.own.link_gate import Opened, Tried
from scheduler.web import own_link, own_notes
from scheduler.web.forms import own_driver
from scheduler.web.forms.text import clean_line
from scheduler.web.own_link import back, fresh_token, is_proven, number_of, opened, said
from scheduler.web.own_words import words_for

bp = own_link.open_to_all(Blueprint("patient_page", __name__, url_prefix="/p"))


@bp.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """Before the birth date the visit's date and place, after it everything."""
    link = opened(token)
    if not is_proven(link):
        return _gate(token, link)
    return own_view(token, link)


@bp.get("/<token>/<path:_rest>")
def elsewhere(token: str, _rest: str) -> ResponseReturnValue:
    """A form's address, loaded again: the page itself."""
    return redirect(url_for("patient_page.show", token=token))


@bp.post("/<token>/open")
def open_it(token: str) -> ResponseReturnValue:
    """The second fact: the date of birth."""
    link = opened(token)
    born_on = _typed_date()
    if born_on is None:
        return _gate(token, link, error="not_a_date"), 422
    tried = link_gate.try_birth_date(link, born_on, now=utcnow())
    if not tried.right:
        return _gate(token, link, tried), 422
    own_link.prove(link)
    return back(token)


@bp.post("/<token>/coming")
def coming(token: str) -> ResponseReturnValue:
    """ "Save, I am coming": the visit is confirmed once a driver is named where one is needed."""
    link = proven(token)
    visit = own_page.visit_of(link, number_of("visit_id"), now=utcnow())
    form = own_driver.read(request.form, required=needs_driver(visit))
    if form.errors:
        return own_view(token, link, visit_id=visit.id, form=form), 422
    person = answers.by_link(link)
    return answer(
        token, lambda: answers.coming(asked(), form.driver, person, now=utcnow()), "thanks"
    )


@bp.post("/<token>/changed")
def changed(token: str) -> ResponseReturnValue:
    """R3's questions; "nothing has changed" is an answer too."""
    link = proven(token)
    yes = [one for one in suspension.QUESTIONS if one in request.form.getlist("changed")]
    if "none" in request.form:
        yes = []
    elif not yes:
        return own_view(token, link, visit_id=number_of("visit_id"), tick=True), 422
    code = "changed_some" if yes else "changed_none"
    person = answers.by_link(link)
    return answer(token, lambda: answers.changed(asked(), yes, person, now=utcnow()), code)


@bp.post("/<token>/language")
def language(token: str) -> ResponseReturnValue:
    own_settings.language(proven(token), request.form.get("language", ""), now=utcnow())
    return back(token, "language")


@bp.post("/<token>/way")
def way(token: str) -> ResponseReturnValue:
    """Stop or allow one way of reaching the patient."""
    given = "allow" in request.form
    channel = request.form.get("allow") or request.form.get("stop", "")
    own_settings.way(proven(token), channel, given, now=utcnow())
    return back(token, "channel_on" if given else "channel_off")


def own_view(token: str, link: Opened, **shown: Any) -> str:
    """The page after the birth date; `shown` carries what was typed and what is wrong with it."""
    now = utcnow()
    visit_id = shown.pop("visit_id", None) or chosen()
    page = own_page.read(link, now=now, visit_id=visit_id)
    t = words_for(page.site, page.patient.language)
    driver = page.visit.driver_name if page.visit else ""
    code = said()
    return render_template(
        "p/visit.html",
        t=t,
        token=token,
        page=page,
        link=link,
        now=now,
        steps=checklist(page.times, t.wording, driver) if page.times else (),
        form=shown.pop("form", None) or own_driver.filled(page.driver),
        note=own_notes.note(code, page, t),
        form_token=fresh_token(),
        questions=list(suspension.QUESTIONS),
        **shown,
    )


def _gate(token: str, link: Opened, tried: Tried | None = None, error: str = "") -> str:
    """The language of the address is for this look only: nothing is saved before the proof."""
    now, front = utcnow(), own_page.front(link, now=utcnow())
    wished = request.args.get("language", "")
    t = words_for(front.site, wished if wished in LANGUAGES else front.language)
    until = tried.locked_until if tried else link.locked_until if link.is_locked(now) else None
    typed = {name: clean_line(request.form.get(name, ""))[:10] for name in ("month", "day", "year")}
    return render_template(
        "p/gate.html",
        t=t,
        token=token,
        front=front,
        link=link,
        typed=typed,
        error=error,
        left=tried.left if tried else 0,
        locked_until=until,
        note=own_notes.plain(said(), t),
    )


def _typed_date() -> date | None:
    """Month, day and year; None for what is no date."""
    typed = [request.form.get(name, "").strip() for name in ("year", "month", "day")]
    if not all(one.isascii() and one.isdigit() and len(one) <= 4 for one in typed):
        return None
    try:
        return date(*map(int, typed))
    except ValueError:
        return None


def asked() -> Asked:
    """The visit and its version as the form showed them."""
    token = request.form.get("form_token", "")
    return Asked(visit_id=number_of("visit_id"), version=number_of("version"), token=token)


def chosen() -> int | None:
    """Another of the patient's visits, by the list at the foot."""
    typed = request.args.get("visit", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def answer(token: str, act: Callable[[], bool], code: str) -> ResponseReturnValue:
    """Do it, and say what happened on the page that follows."""
    try:
        fresh = act()
    except (Stale, IllegalChange):
        return back(token, "changed_meanwhile")
    except Invalid:
        return back(token, "not_saved")
    return back(token, code if fresh else "twice", visit=request.form.get("visit_id"))


def proven(token: str) -> Opened:
    """The link, with its birth date given. Raises NeedsProof."""
    link = opened(token)
    if not is_proven(link):
        raise NeedsProof
    return link


class NeedsProof(NotFound):
    """The birth date was given too long ago, or never: nothing was done."""


@bp.errorhandler(NeedsProof)
def _ask_again(_error: NeedsProof) -> ResponseReturnValue:
    return back((request.view_args or {})["token"], "expired_form")
