"""One visit: what it holds, its history, moving it and cancelling it."""

from __future__ import annotations

import secrets
from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, Invalid, PlaceTaken, SchedulerError, Stale
from scheduler.services import cancelling, chairs, courses, least_moves, moving, preparation_pages
from scheduler.services import move_preview as previews
from scheduler.services.courses import VisitPage
from scheduler.services.move_preview import MovePreview
from scheduler.services.moving import Moved
from scheduler.services.outgoing import messages
from scheduler.services.own import answers
from scheduler.services.own.suspension import QUESTIONS
from scheduler.web import answer_words, drag
from scheduler.web.auth import current_actor, permits
from scheduler.web.errors import status_of
from scheduler.web.filters import clock, day
from scheduler.web.forms.driver import DriverForm
from scheduler.web.forms.visits import WHY_MOVED, CancelForm, MoveForm
from scheduler.web.leaving import leaving_words, moved_back, undo_request
from scheduler.web.notes import Way, note
from scheduler.web.policy import current_policy

bp = Blueprint("visits", __name__)


@bp.get("/visits/<int:visit_id>")
@permits("see_board")
def show(visit_id: int) -> ResponseReturnValue:
    return page_of(visit_id)


def page_of(visit_id: int, driver: DriverForm | None = None) -> str:
    """`driver`: what was typed, where it is refused."""
    page, actor = _page(visit_id), current_actor()
    if driver is None:
        driver = DriverForm(formdata=None)
        driver.start_with(page.visit, page.patient)
    return render_template(
        "visits/show.html",
        page=page,
        sent=messages.of_visit(actor, visit_id) if actor.may("see_messages") else [],
        form=_cancel_form(page),
        chair_names={one.id: one.name for one in chairs.of_site(page.site.id, actor)},
        prep_rows=preparation_pages.visit_rows(page.visit),
        answers=answers.of_visit(visit_id, actor),
        driver_form=driver,
        answer_said=answer_words.said,
        answer_way=answer_words.way,
        changed_words=QUESTIONS,
    )


@bp.get("/visits/<int:visit_id>/move")
@permits("move")
def ask_move(visit_id: int) -> ResponseReturnValue:
    """The form, filled with where the visit is now."""
    page = _page(visit_id)
    if not page.may_change:
        return _over(visit_id)
    form = MoveForm(formdata=None)
    form.token.data, form.version.data = secrets.token_hex(16), str(page.visit.version)
    local = page.visit.starts_at.astimezone(page.site.zone)
    form.starts_on.data, form.starts.data = local.date(), local.time()
    form.chair_id.data, form.why.data = str(page.visit.chair_id), WHY_MOVED[0]
    form.start_with(request.args)
    return _move_page(page, form)


@bp.post("/visits/<int:visit_id>/move")
@permits("move")
def move(visit_id: int) -> ResponseReturnValue:
    """Moves it, or with the button `look` only says what that would do."""
    if drag.wants_json():
        return drag.drop(_page(visit_id))
    page, form, preview = _tried(visit_id)
    if preview is None:
        return _move_page(page, form, status=422)
    if "look" in request.form:
        return _move_page(page, form, preview)
    try:
        asked = replace(form.to_request(visit_id), reseat="reseat" in request.form)
        moved = moving.move(
            [asked, *least_moves.read(request.form.get("also", ""), asked)],
            form.token.data or "",
            current_actor(),
            now=utcnow(),
            policy=current_policy(),
        )
    except Invalid as refused:
        form.refuse(refused)
        return _move_page(_page(visit_id), form, status=422)
    except (Stale, IllegalChange, PlaceTaken) as refused:
        return _refused_move(visit_id, form, refused)
    _say_moved(_page(visit_id), moved)
    return redirect(url_for("visits.show", visit_id=visit_id))


@bp.post("/visits/<int:visit_id>/move/undo")
@permits("move")
def undo_move(visit_id: int) -> ResponseReturnValue:
    """Back to where it was before; what waits to leave is replaced by nothing (calendar U2)."""
    page = _page(visit_id)
    try:
        moving.move(
            [moved_back(page.visit, page.history, page.site.zone, request.args)],
            f"undo-of-move-{visit_id}-{page.visit.version}",
            current_actor(),
            now=utcnow(),
            policy=current_policy(),
        )
    except (Invalid, Stale, IllegalChange, PlaceTaken) as refused:
        note("warn", "This was not undone.", refused.message)
    else:
        note("ok", "Undone. The visit is where it was before.")
    return redirect(url_for("visits.show", visit_id=visit_id))


@bp.get("/visits/<int:visit_id>/move/preview")
@permits("move")
def move_preview(visit_id: int) -> ResponseReturnValue:
    """For the board while a block is over a place: `chair_id`, `starts_local`, `version`."""
    return drag.hover(_page(visit_id))


@bp.post("/visits/<int:visit_id>/move/preview")
@permits("move")
def look(visit_id: int) -> ResponseReturnValue:
    """For the form, after each change."""
    page, form, preview = _tried(visit_id)
    return render_template("visits/_effect.html", page=page, form=form, preview=preview)


@bp.get("/visits/<int:visit_id>/cancel")
@permits("cancel")
def ask_cancel(visit_id: int) -> ResponseReturnValue:
    page = _page(visit_id)
    if not page.may_change:
        return _over(visit_id)
    return render_template("visits/cancel.html", page=page, form=_cancel_form(page))


@bp.post("/visits/<int:visit_id>/cancel")
@permits("cancel")
def cancel(visit_id: int) -> ResponseReturnValue:
    form, actor, now = CancelForm(), current_actor(), utcnow()
    page = _page(visit_id)
    if not form.validate():
        return render_template("visits/cancel.html", page=page, form=form), 422
    try:
        done = cancelling.cancel(
            visit_id, form.to_request(), actor, now=now, policy=current_policy()
        )
    except Invalid as refused:
        form.refuse(refused)
        return render_template("visits/cancel.html", page=page, form=form), 422
    except (Stale, IllegalChange) as refused:
        page = _page(visit_id)
        form.note, form.version.data = refused.message, str(page.visit.version)
        return render_template("visits/cancel.html", page=page, form=form, stale=True), 409
    zone = page.site.zone
    lead = f"The visit on {day(page.visit.starts_at, zone)} is cancelled."
    note("ok", lead, leaving_words(done.leaves_at, now, zone))
    _say_broken(done.broken)
    return redirect(_way_back(page))


@bp.post("/visits/<int:visit_id>/undo")
@permits("cancel")
def undo(visit_id: int) -> ResponseReturnValue:
    """While no mail has left, a single booking can be taken back without a word to anybody."""
    page = _page(visit_id)
    wanted = undo_request(f"visit-{visit_id}", request.args)
    try:
        cancelling.cancel(visit_id, wanted, current_actor(), now=utcnow(), policy=current_policy())
    except (IllegalChange, Stale) as refused:
        note("warn", "This was not undone.", refused.message)
        return redirect(url_for("visits.show", visit_id=visit_id))
    note("ok", "Undone. Nothing is booked, and no message leaves.")
    return redirect(url_for("series.new", patient_id=page.patient.id, single=1))


def _page(visit_id: int) -> VisitPage:
    return courses.visit_page(visit_id, current_actor(), now=utcnow())


def _over(visit_id: int) -> ResponseReturnValue:
    """Back to the visit: a form that is bound to fail is not offered."""
    note("info", "This visit does not lie ahead.", "It can be neither moved nor cancelled.")
    return redirect(url_for("visits.show", visit_id=visit_id))


def _way_back(page: VisitPage) -> str:
    if page.visit.series_id is not None:
        return url_for("series.show", series_id=page.visit.series_id)
    return url_for("visits.show", visit_id=page.visit.id)


def _tried(visit_id: int) -> tuple[VisitPage, MoveForm, MovePreview | None]:
    """The form as it was sent, and what it would do; None where a field needs the person first."""
    page, form, now = _page(visit_id), MoveForm(), utcnow()
    _fill_lists(page, form)
    valid = form.validate()
    form.refuse_time(page.site.zone, now)
    if not valid or form.wrong():
        return page, form, None
    try:
        wanted = form.to_request(visit_id)
        return page, form, previews.preview(wanted, current_actor(), now=now)
    except Invalid as refused:
        form.refuse(refused)
    return page, form, None


def _fill_lists(page: VisitPage, form: MoveForm) -> None:
    free = chairs.of_site(page.site.id, current_actor(), in_service=True)
    starts = [one for one in free if not one.is_bay or one.id == page.visit.chair_id]
    named = [SelectChoice(str(one.id), one.name) for one in starts]
    form.chair_id.choices = [SelectChoice("", "Any"), *named]
    form.why.choices = [SelectChoice(one, one) for one in WHY_MOVED]


def _move_page(
    page: VisitPage, form: MoveForm, preview: MovePreview | None = None, status: int = 200
) -> ResponseReturnValue:
    _fill_lists(page, form)
    return render_template("visits/move.html", page=page, form=form, preview=preview), status


def _refused_move(visit_id: int, form: MoveForm, refused: SchedulerError) -> ResponseReturnValue:
    """The same form with what is true now; a second press is a decision made on that."""
    page = _page(visit_id)
    seen, form.version.data = form.version.data, str(page.visit.version)
    preview = previews.preview(form.to_request(visit_id), current_actor(), now=utcnow())
    _fill_lists(page, form)
    body = render_template(
        "visits/move.html", page=page, form=form, preview=preview, refused=refused, seen=seen
    )
    return body, status_of(refused)


def _say_moved(page: VisitPage, moved: Moved) -> None:
    visit, zone = page.visit, page.site.zone
    where = f"{day(visit.starts_at, zone)}, {clock(visit.starts_at, zone)}, {visit.place}"
    now = utcnow()
    way = None
    if moved.leaves_at is not None and moved.leaves_at > now:
        url = url_for("visits.undo_move", visit_id=visit.id, version=visit.version)
        way = Way(text="Undo", url=url, post=True)
    others = len(moved.visit_ids) - 1
    if others:
        way = None  # one of several cannot go back alone
        where += f", and {others} more of the series with it"
    note("ok", f"Moved to {where}.", leaving_words(moved.leaves_at, now, zone), way=way)
    _say_broken(moved.broken)


def _say_broken(sentences: tuple[str, ...]) -> None:
    if sentences:
        note("warn", "The series keeps not every rule now.", " ".join(sentences))


def _cancel_form(page: VisitPage) -> CancelForm:
    form = CancelForm(formdata=None)
    form.token.data, form.version.data = secrets.token_hex(16), str(page.visit.version)
    return form
