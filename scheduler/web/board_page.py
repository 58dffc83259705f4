"""What the Today page says around the board: its head, days to go to, and which view it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from scheduler.models import Site
from scheduler.services.board import Board, BoardDay
from scheduler.services.board_visits import GONE, BoardVisit
from scheduler.services.chair_free import RailDay
from scheduler.web.board_blocks import board_data
from scheduler.web.cover_chart import CoverChart, cover_chart
from scheduler.web.filters import clock, day, day_long, plural, short_clock, span

VIEWS = ("day", "week", "table", "week-table")
LEFT = ("discharged", "stopped_early")
HERE = ("arrived", "roomed", "infusing", "recovering")
AHEAD = ("booked", "confirmed")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address asks for. `view` is None where the width of the screen decides."""

    site: Site
    sites: Sequence[Site]
    on: date
    view: str | None = None
    visit_id: int | None = None
    wrong: str = ""

    @property
    def is_week(self) -> bool:
        return self.view in ("week", "week-table")

    def url(self, endpoint: str = "today.index", **changes: Any) -> str:
        """The address of this page with something changed; None leaves a part out."""
        several = len(self.sites) > 1
        parts: dict[str, Any] = {
            "on": self.on.isoformat(),
            "view": self.view,
            "visit": self.visit_id,
            "site": self.site.id if several else None,
        }
        return url_for(endpoint, **{**parts, **changes})


@dataclass(frozen=True, kw_only=True)
class BoardPage:
    asked: Asked
    board: Board
    now: datetime
    etag: str

    @property
    def zone(self) -> ZoneInfo:
        return self.board.site.zone

    @property
    def title(self) -> str:
        if not self.asked.is_week:
            return day_long(self.asked.on)
        first, last = self.board.days[0].on, self.board.days[-1].on
        return f"{day(first)} to {day(last)} {last.year}"

    @cached_property
    def counts(self) -> str:
        """ "15 visits: 2 discharged, 5 here, 7 to come, 1 no-show."."""
        return head_sentence([v for one in self.board.days for v in one.visits], self.now)

    @property
    def next_free(self) -> str:
        """ "Next free: 12:15 pm, Chair 5"; empty where nothing can be free any more."""
        free = self.board.next_free
        if self.asked.is_week or free is None:
            return ""
        first = "Next free" if self.board.on == self.board.today else "First free"
        return f"{first}: {clock(free.starts_at, self.zone)}, {free.chair_name}"

    @property
    def rail(self) -> Iterable[tuple[RailDay, str, bool]]:
        """Each day with its words, and whether it is closed."""
        for one, why in self.board.rail:
            yield one, self._rail_words(one, why), one.opens is None

    def _rail_words(self, one: RailDay, why: str | None) -> str:
        if why is not None or one.opens is None or one.closes is None:
            return why or "closed"
        if one.on == self.board.today:
            return "today"
        if one.free is None:
            return span(one.opens, one.closes, self.zone)
        return f"{plural(one.free, 'chair')} free {short_clock(one.usual)}"

    @property
    def step(self) -> timedelta:
        return timedelta(days=7 if self.asked.is_week else 1)

    def chart(self, one: BoardDay) -> CoverChart:
        return cover_chart(one.steps, self.zone, self.now)

    @property
    def short_days(self) -> list[tuple[BoardDay, CoverChart]]:
        """Days of the week on which nurses are short."""
        charts = [(one, self.chart(one)) for one in self.board.days]
        return [(one, chart) for one, chart in charts if chart.short]

    @property
    def data(self) -> dict[str, Any]:
        return board_data(self.board, week=self.asked.is_week, now=self.now)


def head_sentence(visits: Sequence[BoardVisit], now: datetime) -> str:
    """How many, and where they are. A visit whose time has come counts as not recorded until it
    is."""
    due = [visit for visit in visits if visit.state not in GONE]
    ahead = [visit for visit in due if visit.state in AHEAD]
    groups = (
        (sum(visit.state in LEFT for visit in due), "discharged"),
        (sum(visit.state in HERE for visit in due), "here"),
        (sum(visit.starts_at > now for visit in ahead), "to come"),
        (sum(visit.starts_at <= now for visit in ahead), "not recorded yet"),
        (sum(visit.state == "held" for visit in due), "held"),
        (sum(visit.state == "not_treated" for visit in due), "not treated"),
        (sum(visit.state == "no_show" for visit in due), "no-show"),
    )
    told = ", ".join(f"{number} {words}" for number, words in groups if number)
    said = f"{plural(len(due), 'visit')}: {told}." if due else "No visits."
    cancelled = sum(visit.state == "cancelled" for visit in visits)
    return f"{said} {cancelled} cancelled." if cancelled else said
