"""Utilisation: figures, heat map, bars, the visits behind each of them, and both as CSV."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.errors import Invalid, NotFound
from scheduler.models import Site
from scheduler.planning.opening import local
from scheduler.services import chairs, csv_text, reports, sites
from scheduler.services.reports import Period, Report
from scheduler.web.auth import current_actor, permits
from scheduler.web.forms.report import ReportForm, asked_period, asked_slice, preset_days
from scheduler.web.report_address import ReportAsked
from scheduler.web.report_page import ReportPage
from scheduler.web.report_rows import RowsPage
from scheduler.web.words import look

bp = Blueprint("utilisation", __name__, url_prefix="/reports/utilisation")


@bp.get("")
@permits("see_reports")
def index() -> ResponseReturnValue:
    asked = _asked()
    if asked is None:
        return render_template("utilisation/no_site.html")
    asked, report = _report(asked)
    status = 422 if asked.form.wrong() else 200
    page = ReportPage(asked=asked, report=report)
    return render_template("utilisation/index.html", page=page, form=asked.form), status


@bp.get("/visits")
@permits("see_reports")
def rows() -> ResponseReturnValue:
    return render_template("utilisation/rows.html", page=_rows())


@bp.get("/days.csv")
@permits("see_reports")
def days_csv() -> Response:
    """Every chair and day of the period with its minutes."""
    asked = _asked()
    if asked is None:
        raise NotFound
    asked, report = _report(asked)
    page = ReportPage(asked=asked, report=report)
    head = (
        "Date",
        "Chair",
        "Open minutes",
        "Booked minutes",
        "Percent",
        "Outside minutes",
        "Closed minutes",
    )
    body = [
        (on, chair.name, t.open, t.booked, _percent(t.percent), t.outside, t.closed)
        for on, _, of_chairs in page.days
        for chair, t, _ in of_chairs
    ]
    return _csv([head, *body], "chair-days", asked.period)


@bp.get("/visits.csv")
@permits("see_reports")
def rows_csv() -> Response:
    """The rows of the page before it."""
    page = _rows()
    zone = page.asked.site.zone
    head = ("Date", "Start", "Patient", "Chair", "State", "Booked minutes", "Outside minutes")
    body = [
        (
            local(zone, one.starts_at).date(),
            local(zone, one.starts_at).strftime("%H:%M"),
            one.patient_name,
            one.chair_name,
            look(one.state).word,
            one.minutes.booked,
            one.minutes.outside,
        )
        for one in page.visits
    ]
    return _csv([head, *body], "visits", page.asked.period)


def _asked() -> ReportAsked | None:
    """The address, read; None while there is no site. Raises NotFound for a site it lacks."""
    actor = current_actor()
    every = sites.all_sites(actor)
    if not every:
        return None
    site = _site(every, request.args.get("site", type=int))
    form = ReportForm(formdata=request.args)
    form.offer_chairs(chairs.of_site(site.id, actor))
    form.validate()
    period, preset = asked_period(form, site.id, local(site.zone, utcnow()).date())
    if not form.wrong():
        form.first_on.data, form.last_on.data = period.first_on, period.last_on
    return ReportAsked(
        site=site,
        sites=every,
        period=period,
        preset=preset,
        only=asked_slice(request.args),
        form=form,
        wants_days=request.args.get("days") == "1",
    )


def _site(every: list[Site], site_id: int | None) -> Site:
    if site_id is None:
        return min(every, key=lambda one: one.id)
    found = [one for one in every if one.id == site_id]
    if not found:
        raise NotFound
    return found[0]


def _report(asked: ReportAsked) -> tuple[ReportAsked, Report]:
    """The whole period of the chairs; where it is refused, last week beside the reason."""
    actor, now = current_actor(), utcnow()
    only = replace(asked.only, on=None, weekday=None, hours=None)
    asked = replace(asked, only=only)
    try:
        return asked, reports.utilisation(asked.period, only, actor, now=now)
    except Invalid as refused:
        asked.form.refuse(refused)
    first_on, last_on = preset_days("last-week", local(asked.site.zone, now).date())
    period = Period(site_id=asked.site.id, first_on=first_on, last_on=last_on)
    asked = replace(asked, period=period, preset="last-week")
    return asked, reports.utilisation(period, only, actor, now=now)


def _rows() -> RowsPage:
    asked = _asked()
    if asked is None:
        raise NotFound
    actor = current_actor()
    missed, outside = (request.args.get(name) == "1" for name in ("missed", "outside"))
    found = reports.visits_behind(asked.period, asked.only, actor, missed=missed)
    if outside:
        found = [one for one in found if one.minutes.outside]
    elif not missed:
        found = [one for one in found if one.minutes.booked]
    return RowsPage(
        asked=asked,
        visits=found,
        chairs=chairs.of_site(asked.site.id, actor),
        missed=missed,
        outside=outside,
    )


def _csv(table: list[tuple[object, ...]], name: str, period: Period) -> Response:
    """A file that opens as a table; nothing of a patient in its name."""
    answer = Response(csv_text.write(table), content_type="text/csv; charset=utf-8")
    file_name = f"{name}-{period.first_on}-to-{period.last_on}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return answer


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
