"""The patient's page after a visit: how are you, a score, and may we plan the next one."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.services.after_visit import WELL
from scheduler.services.own import after_answers, answers, own_page
from scheduler.web.own_link import number_of
from scheduler.web.patient_page import answer, bp, own_view, proven


@bp.post("/<token>/well")
def well(token: str) -> ResponseReturnValue:
    """R8: well, or please call me."""
    link, say = proven(token), request.form.get("say", "")
    person, visit = answers.by_link(link), own_page.read(link, now=utcnow()).after
    code = "well" if say == WELL else "call_me"
    return answer(
        token, lambda: after_answers.well(visit, say, _token(), person, now=utcnow()), code
    )


@bp.post("/<token>/score")
def score(token: str) -> ResponseReturnValue:
    """R9, where the clinic asks for it."""
    link, number = proven(token), request.form.get("score", "")
    if not number:
        return own_view(token, link, pick=True), 422
    person = answers.by_link(link)
    return answer(
        token, lambda: after_answers.score(number, _token(), person, now=utcnow()), "score"
    )


@bp.post("/<token>/recall")
def recall(token: str) -> ResponseReturnValue:
    """R11: yes, not now, or no more."""
    link, say = proven(token), request.form.get("say", "")
    person, recall_id = answers.by_link(link), number_of("recall_id")
    return answer(
        token,
        lambda: after_answers.recall(recall_id, say, _token(), person, now=utcnow()),
        f"recall_{say}",
    )


def _token() -> str:
    return request.form.get("form_token", "")
