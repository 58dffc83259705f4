"""The patient's page, "I need to change something": another time, or not coming at all."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, PlaceTaken, Stale
from scheduler.services.own import answers, own_page, self_service
from scheduler.services.own.link_gate import Opened
from scheduler.web.forms.text import clean_line
from scheduler.web.own_link import back, fresh_token, number_of
from scheduler.web.own_notes import Note
from scheduler.web.own_words import words_for
from scheduler.web.patient_page import answer, asked, bp, chosen, proven
from scheduler.web.policy import current_policy


@bp.get("/<token>/change")
def change(token: str) -> ResponseReturnValue:
    """Another time where the site lets patients, and always: call us, or I cannot come."""
    link = proven(token)
    visit_id = chosen()
    return back(token) if visit_id is None else _page(token, link, visit_id)


@bp.post("/<token>/move")
def move(token: str) -> ResponseReturnValue:
    """Take one of the offered times; it is decided again at this moment."""
    link, starts = proven(token), request.form.get("starts", "")
    if not starts:
        return _page(token, link, number_of("visit_id"), pick=True), 422
    try:
        done = self_service.move(link, asked(), starts, now=utcnow(), policy=current_policy())
    except (Stale, IllegalChange):
        return back(token, "changed_meanwhile")
    except PlaceTaken:
        return _page(token, link, number_of("visit_id"), taken=True), 409
    return back(token, "twice" if done.repeated else "moved", visit=number_of("visit_id"))


@bp.post("/<token>/ask")
def ask(token: str) -> ResponseReturnValue:
    """A wish in the patient's own words, for a person to call about."""
    link, wish = proven(token), clean_line(request.form.get("wish", ""))
    if not wish:
        return _page(token, link, number_of("visit_id"), pick=True), 422
    person = answers.by_link(link)
    return answer(token, lambda: answers.other_time(asked(), wish, person, now=utcnow()), "asked")


@bp.post("/<token>/cannot-come")
def cannot_come(token: str) -> ResponseReturnValue:
    """Said now, called about later: the time stays the patient's until then (domain F)."""
    person = answers.by_link(proven(token))
    return answer(token, lambda: answers.not_coming(asked(), person, now=utcnow()), "no")


def _page(token: str, link: Opened, visit_id: int, *, taken: bool = False, **shown: Any) -> str:
    now = utcnow()
    page = own_page.read(link, now=now, visit_id=visit_id)
    t = words_for(page.site, page.patient.language)
    visit = own_page.visit_of(link, visit_id, now=now)
    return render_template(
        "p/change.html",
        t=t,
        token=token,
        visit=visit,
        ways=self_service.ways_of(visit, now=now),
        form_token=fresh_token(),
        note=Note("warn", t("page.change.other_taken")) if taken else None,
        **shown,
    )
