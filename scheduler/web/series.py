"""A series: planned with the patient, booked at once, shown, cancelled."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Protocol, TypeVar

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import IllegalChange, Invalid, NotAllowed, NotFound, PlaceTaken, Stale
from scheduler.services import booking, cancelling, courses, patients, preparation_pages
from scheduler.services.actor import Actor
from scheduler.services.booking import Booked, BookingRequest
from scheduler.services.courses import SeriesPage
from scheduler.services.outgoing import messages
from scheduler.services.policy import Policy
from scheduler.web import new_series
from scheduler.web.auth import current_actor, permits
from scheduler.web.filters import clock, in_words, listed, weekday
from scheduler.web.forms.series import as_id
from scheduler.web.forms.series_changes import as_query
from scheduler.web.forms.text import clean_line
from scheduler.web.forms.visits import CancelForm
from scheduler.web.leaving import leaving_words, undo_request
from scheduler.web.new_series import NewSeries
from scheduler.web.notes import Way, note
from scheduler.web.policy import current_policy

T = TypeVar("T", covariant=True)


class Placing(Protocol[T]):
    """A service that books or holds a plan."""

    def __call__(
        self, request: BookingRequest, actor: Actor, /, *, now: datetime, policy: Policy
    ) -> T: ...


bp = Blueprint("series", __name__)
bp.add_app_template_filter(as_query)


@bp.get("/series/new")
@permits("book")
def new() -> ResponseReturnValue:
    """`patient_id` in the address chooses the patient: an id, never a name (trust I17)."""
    page = new_series.blank(current_actor(), utcnow(), as_id(request.args.get("patient_id")))
    page.form.single.data = request.args.get("single") == "1"
    page.propose()
    return _new_page(page)


@bp.post("/series/new")
@permits("book")
def plan() -> ResponseReturnValue:
    """Plans for what was typed: the whole page, or for htmx its right side."""
    page = new_series.typed(current_actor(), utcnow(), request.form)
    if page.ready():
        page.propose(explains_wait="sooner" in request.form)
    if request.headers.get("HX-Request"):
        return render_template("series/_replan.html", page=page, form=page.form)
    return _new_page(page, 422 if page.waits == "fields" else 200)


@bp.post("/series/patients")
@permits("book")
def find_patient() -> ResponseReturnValue:
    """Find as you type: buttons that put the patient into the form."""
    typed = clean_line(request.form.get("who", ""))[:200]
    found = patients.search(typed, current_actor(), limit=new_series.MOST_FOUND) if typed else None
    return render_template("series/_found.html", found=found, typed=typed)


@bp.post("/series/book")
@permits("book")
def create() -> ResponseReturnValue:
    """All visits or none. A lost race brings the page back with fresh plans (screens section 5)."""
    page, booked, again = placed(booking.book)
    if booked is None:
        return again
    _say_booked(page, booked)
    if booked.series_id is None:
        return redirect(url_for("visits.show", visit_id=booked.visit_ids[0]))
    return redirect(url_for("series.show", series_id=booked.series_id))


def placed(place: Placing[T]) -> tuple[NewSeries, T | None, ResponseReturnValue]:
    """What came of the chosen plan, booked or held; without it, the page to show again."""
    page = new_series.typed(current_actor(), utcnow(), request.form)
    if not page.ready():
        return page, None, _new_page(page, 422)
    wanted = BookingRequest(
        query=page.form.to_query(),
        plan_key=new_series.plan_key(request.form),
        token=page.form.token.data or "",
    )
    try:
        return page, place(wanted, page.actor, now=page.now, policy=current_policy()), ""
    except PlaceTaken as taken:
        page.lost = taken
        page.propose()
        return page, None, _new_page(page, 409)
    except (Invalid, NotAllowed, NotFound) as refused:
        page.propose()
        page.refuse(refused)
        return page, None, _new_page(page, 403 if isinstance(refused, NotAllowed) else 422)


def _new_page(page: NewSeries, status: int = 200) -> ResponseReturnValue:
    return render_template("series/new.html", page=page, form=page.form), status


def _say_booked(page: NewSeries, booked: Booked) -> None:
    patient, site = page.patient, page.site
    if patient is None or site is None:
        return
    count = len(booked.visit_ids)
    visits = f"{in_words(count).capitalize()} {'visit' if count == 1 else 'visits'}"
    lead = f"{visits} booked for {patient.name}."
    if booked.repeated:
        note("ok", lead, "The form came twice; it was booked once.")
        return
    leaving = leaving_words(booked.leaves_at, page.now, site.zone, "confirmation")
    if booked.leaves_at is None or booked.leaves_at <= page.now:
        note("ok", lead, leaving)
        return
    if booked.series_id is None:
        undo_url = url_for("visits.undo", visit_id=booked.visit_ids[0], version=1)
    else:
        undo_url = url_for("series.undo", series_id=booked.series_id, version=1)
    way = Way(text="Undo", url=undo_url, post=True)
    note("ok", lead, leaving, way=way)


@bp.get("/series/<int:series_id>")
@permits("find_patient")
def show(series_id: int) -> ResponseReturnValue:
    page = courses.series_page(series_id, current_actor(), now=utcnow())
    may_see = current_actor().may("see_messages")
    sent = messages.of_series(current_actor(), series_id) if may_see else []
    return render_template(
        "series/show.html",
        page=page,
        sent=sent,
        form=_cancel_form(page),
        prep_rows=preparation_pages.order_rows(page.series, current_actor()),
        wishes=_wishes(page.series.wishes),
    )


@bp.get("/series/<int:series_id>/cancel")
@permits("cancel")
def ask_cancel(series_id: int) -> ResponseReturnValue:
    page = courses.series_page(series_id, current_actor(), now=utcnow())
    return render_template("series/cancel.html", page=page, form=_cancel_form(page))


@bp.post("/series/<int:series_id>/cancel")
@permits("cancel")
def cancel(series_id: int) -> ResponseReturnValue:
    """Every visit that still lies ahead, in one act."""
    form, actor, now = CancelForm(), current_actor(), utcnow()
    page = courses.series_page(series_id, actor, now=now)
    if not form.validate():
        return render_template("series/cancel.html", page=page, form=form), 422
    try:
        done = cancelling.cancel_series(
            series_id, form.to_request(), actor, now=now, policy=current_policy()
        )
    except Stale:
        form.note = "Somebody changed this series while you looked at it; nothing was cancelled."
        page = courses.series_page(series_id, actor, now=now)
        form.version.data = str(page.series.version)
        return render_template("series/cancel.html", page=page, form=form), 409
    except Invalid as refused:
        form.refuse(refused)
        return render_template("series/cancel.html", page=page, form=form), 422
    count = in_words(len(done.visit_ids)).capitalize()
    lead = "The series is cancelled." if done.repeated else f"{count} visits are cancelled."
    note("ok", lead, leaving_words(done.leaves_at, now, page.site.zone))
    return redirect(url_for("series.show", series_id=series_id))


@bp.post("/series/<int:series_id>/undo")
@permits("cancel")
def undo(series_id: int) -> ResponseReturnValue:
    """While no mail has left, a booking can be taken back without a word to anybody."""
    page = courses.series_page(series_id, current_actor(), now=utcnow())
    wanted = undo_request(f"series-{series_id}", request.args)
    try:
        cancelling.cancel_series(
            series_id, wanted, current_actor(), now=utcnow(), policy=current_policy()
        )
    except (IllegalChange, Stale) as refused:
        note("warn", "This was not undone.", refused.message)
        return redirect(url_for("series.show", series_id=series_id))
    note("ok", "Undone. Nothing is booked, and no message leaves.")
    return redirect(url_for("series.new", patient_id=page.patient.id))


def _wishes(asked: Mapping[str, Any]) -> str:
    """What was wished when it was booked: "Monday and Friday, from 8:00 am, about 9:00 am"."""
    words = [listed(weekday(number) for number in asked.get("weekdays", ()))]
    ends = {"starts_from": "from", "starts_until": "before", "leaves_by": "home by"}
    window = asked.get("window", {})
    words += [f"{said} {_wall(window[end])}" for end, said in ends.items() if end in window]
    if asked.get("start"):
        words.append(f"about {_wall(asked['start'])}")
    same = {"same_time": "the same time", "same_chair": "the same chair"}
    words += [f"{said} at every visit" for wish, said in same.items() if asked.get(wish)]
    return ", ".join(word for word in words if word)


def _wall(iso: str) -> str:
    return clock(time.fromisoformat(iso))


def _cancel_form(page: SeriesPage) -> CancelForm:
    form = CancelForm(formdata=None)
    form.token.data, form.version.data = secrets.token_hex(16), str(page.series.version)
    return form
