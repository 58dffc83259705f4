"""Cover against need by date: a week at a glance, one day of it along its hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utcnow
from scheduler.models import Site
from scheduler.planning.need import NeedStep, Shortage, highest, shortages
from scheduler.planning.opening import local
from scheduler.services import duty, sites
from scheduler.services.duty import Duty, DutyDay
from scheduler.web.auth import current_actor, permits
from scheduler.web.cover_chart import CoverChart, amount, cover_chart
from scheduler.web.filters import clock, plural, span

bp = Blueprint("duty", __name__, url_prefix="/setup/sites")

NOUNS = {
    "H8": ("Nurses", "nurse", "nurse"),
    "H8-sedating": ("Nurses for sedation", "nurse", "nurse"),
    "H9": ("Providers", "provider", "provider"),
    "H10-pump": ("Pumps", "pump", None),
    "H10-monitor": ("Monitors", "monitor", None),
}
"""By rule of domain D: the heading, the word for one of them, the role that a shift can add."""
YEARS = (2000, 2150)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One resource on one day."""

    words: str
    is_short: bool


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A stretch in which too few are there; `url` adds a shift for just that."""

    words: str
    url: str | None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One resource along the hours of the chosen day."""

    title: str
    noun: str
    chart: CoverChart
    words: str
    missing: tuple[Missing, ...]


@dataclass(frozen=True, kw_only=True)
class DutyPage:
    week: Duty
    day: DutyDay
    now: datetime

    @property
    def site(self) -> Site:
        return self.week.site

    @property
    def titles(self) -> list[str]:
        return [NOUNS[rule][0] for rule in self.day.needs]

    def url(self, days: int = 0, on: date | None = None) -> str:
        shown = (on or self.day.on) + timedelta(days=days)
        return url_for("duty.index", site_id=self.site.id, on=shown.isoformat())

    def cells(self, day: DutyDay) -> list[Cell]:
        return [_cell(steps, NOUNS[rule][1], self.site) for rule, steps in day.needs.items()]

    def lines(self) -> list[Line]:
        return [self._line(rule, steps) for rule, steps in self.day.needs.items()]

    def _line(self, rule: str, steps: tuple[NeedStep, ...]) -> Line:
        title, noun, role = NOUNS[rule]
        return Line(
            title=title,
            noun=noun,
            chart=cover_chart(steps, self.site.zone, self.now, noun=noun),
            words=_cell(steps, noun, self.site).words,
            missing=tuple(self._missing(one, role) for one in shortages(steps)),
        )

    def _missing(self, short: Shortage, role: str | None) -> Missing:
        zone, worst = self.site.zone, short.worst
        when = span(short.span.starts_at, short.span.ends_at, zone)
        words = f"Short {when}: {amount(worst.need)} needed, {worst.on_duty} there."
        if role is None:
            return Missing(words=words, url=None)
        begins, ends = (local(zone, at) for at in (short.span.starts_at, short.span.ends_at))
        shift = {"on": f"{begins:%Y-%m-%d}", "from": f"{begins:%H:%M}", "until": f"{ends:%H:%M}"}
        new = url_for("staffing.new", site_id=self.site.id, kind="extra", role=role)
        return Missing(words=words, url=f"{new}&{urlencode(shift)}")


@bp.get("/<int:site_id>/duty")
@permits("see_board")
def index(site_id: int) -> ResponseReturnValue:
    actor, now = current_actor(), utcnow()
    site = sites.find(site_id, actor)
    on = asked_day(request.args.get("on", ""), local(site.zone, now).date())
    week = duty.week(site_id, on, actor, now=now)
    page = DutyPage(week=week, day=week.days[on.weekday()], now=now)
    return render_template("duty/index.html", page=page)


def asked_day(typed: str, today: date) -> date:
    """The day in the address; today for whatever is no day, or none that anybody plans for."""
    try:
        on = date.fromisoformat(typed)
    except ValueError:
        return today
    return on if YEARS[0] <= on.year < YEARS[1] else today


def _cell(steps: tuple[NeedStep, ...], noun: str, site: Site) -> Cell:
    """ "Most 2.7 of 3 at 10:15 am"; the first shortage, if there is one."""
    short = shortages(steps)
    if short:
        first = short[0].span
        more = f", and {plural(len(short) - 1, 'more time')}" if len(short) > 1 else ""
        when = span(first.starts_at, first.ends_at, site.zone)
        return Cell(words=f"Short {when}{more}", is_short=True)
    peak = highest(steps)
    if peak is None:
        most = max(step.on_duty for step in steps)
        there = f"{plural(most, noun)} there" if most else f"no {noun} there"
        return Cell(words=f"None needed, {there}", is_short=False)
    at = clock(peak.span.starts_at, site.zone)
    return Cell(words=f"Most {amount(peak.need)} of {peak.on_duty} at {at}", is_short=False)
