"""A block that is dragged over the board: what a place would mean, and the drop itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import (
    IllegalChange,
    Invalid,
    NotAllowed,
    OutsideRule,
    PlaceTaken,
    SchedulerError,
    Stale,
)
from scheduler.services import courses, moving
from scheduler.services import move_preview as previews
from scheduler.services.courses import VisitPage
from scheduler.services.move_preview import MovePreview
from scheduler.services.moving import MoveRequest
from scheduler.web.auth import current_actor
from scheduler.web.errors import status_of
from scheduler.web.filters import clock, day
from scheduler.web.forms.visits import dragged
from scheduler.web.leaving import leaving_words
from scheduler.web.policy import current_policy


def wants_json() -> bool:
    kinds = request.accept_mimetypes
    return kinds.best_match(["text/html", "application/json"]) == "application/json"


def hover(page: VisitPage) -> ResponseReturnValue:
    """What dropping it here would do. Changes nothing."""
    now = utcnow()
    try:
        wanted = dragged(page.visit.id, request.args, page.site.zone, now)
        preview = previews.preview(wanted, current_actor(), now=now)
    except Invalid as refused:
        return told(refused)
    if wants_json():
        return jsonify(_plain(preview, page, wanted))
    return render_template("visits/_effect.html", page=page, preview=preview, wanted=wanted)


def drop(page: VisitPage) -> ResponseReturnValue:
    """Moves the visit, or says in a sentence why not."""
    sent, now = _sent(), utcnow()
    try:
        moved = moving.move(
            [dragged(page.visit.id, sent, page.site.zone, now)],
            str(sent.get("token") or ""),
            current_actor(),
            now=now,
            policy=current_policy(),
        )
    except (PlaceTaken, Stale, IllegalChange, Invalid, NotAllowed) as refused:
        return told(refused)
    visit = courses.visit_page(page.visit.id, current_actor(), now=now).visit
    zone = page.site.zone
    where = f"{day(visit.starts_at, zone)}, {clock(visit.starts_at, zone)}, {visit.place}"
    said = f"Moved to {where}. {leaving_words(moved.leaves_at, now, zone)}"
    return jsonify(note=said, broken=list(moved.broken), version=visit.version)


def told(refused: SchedulerError) -> ResponseReturnValue:
    """A refusal: a sentence, and for a script the rule's id where there is one."""
    if not wants_json():
        return render_template("visits/_refusal.html", message=refused.message), status_of(refused)
    rule = refused.rule if isinstance(refused, OutsideRule) else None
    return jsonify(message=refused.message, rule=rule), status_of(refused)


def _sent() -> Mapping[str, Any]:
    if not request.is_json:
        return request.form
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _plain(preview: MovePreview, page: VisitPage, wanted: MoveRequest) -> dict[str, Any]:
    return {
        "allowed": preview.allowed,
        "message": preview.refusal or "",
        "broken": list(preview.broken),
        "needs_provider": preview.needs_provider,
        "chair_id": preview.chair_id,
        "chair": preview.chair_name,
        "stay": preview.stay,
        "food_stop": {"before": preview.food_stop_before, "after": preview.food_stop_after},
        "html": render_template("visits/_effect.html", page=page, preview=preview, wanted=wanted),
    }
