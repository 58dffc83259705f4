"""What the utilisation pages show: figures in words, each with the address of its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from scheduler.models import Chair
from scheduler.planning.utilisation import Tally
from scheduler.services.reports import Report
from scheduler.web.filters import days_span, plural, weekday
from scheduler.web.forms.report import PRESETS
from scheduler.web.report_address import ReportAsked
from scheduler.web.report_figures import Figure, figures, hour_text

FEW_DAYS = 5
LONG_DAYS = 35
"""Beyond it the table of every day is drawn only for who asks; the export has it too."""


@dataclass(frozen=True, kw_only=True)
class HeatCell:
    percent: float
    href: str
    title: str


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    asked: ReportAsked
    report: Report

    @property
    def presets(self) -> Iterable[tuple[str, str, bool]]:
        """(address, text, is it this one)."""
        for name, text in PRESETS.items():
            url = self.asked.url(period=name, first_on=None, last_on=None)
            yield url, text, name == self.asked.preset

    @property
    def sub(self) -> str:
        """ "Mon 4 to Sun 10 Jan. 6 chairs, 17,400 open chair minutes; 240 closed left out."."""
        period, total = self.report.period, self.report.total
        when = days_span(period.first_on, period.last_on)
        if period.first_on.year == period.last_on.year:
            when += f" {period.last_on.year}"
        closed = f"; {total.closed:,} closed or out of service left out" if total.closed else ""
        chairs = plural(len(self.chairs) - len(self.bays_apart), "chair")
        return f"{when}. {chairs}, {total.open:,} open chair minutes{closed}."

    @property
    def chairs(self) -> list[Chair]:
        """Those that the filter lets through, in the order of the board."""
        wanted = self.asked.only.chair_id
        return [one for one in self.report.chairs if wanted in (None, one.id)]

    @property
    def bays_apart(self) -> list[Chair]:
        """Recovery bays beside the chairs: they have figures of their own and are in no other."""
        everywhere = self.asked.only.chair_id is None
        return [one for one in self.chairs if one.is_bay and everywhere]

    @property
    def caution(self) -> str:
        """ "3 days only; rates swing."."""
        by_day = self._grouped(lambda cell: cell.on)
        days = sum(tally.open > 0 for tally in by_day.values())
        return f"{plural(days, 'day')} only; rates swing." if 0 < days < FEW_DAYS else ""

    @property
    def figures(self) -> tuple[Figure, ...]:
        return figures(self.asked, self.report)

    @property
    def heat(self) -> tuple[list[str], list[tuple[str, list[HeatCell | None]]]]:
        """Columns of hours, and a row for each weekday that is ever open."""
        cells = self._grouped(lambda cell: (cell.on.weekday(), cell.hour))
        shown = {key: tally for key, tally in cells.items() if tally.open}
        hours = range(min(h for _, h in shown), max(h for _, h in shown) + 1)
        columns = [hour_text(hour, first=hour == hours[0]) for hour in hours]
        rows = [
            (weekday(number)[:3], [self._heat_cell(number, hour, shown) for hour in hours])
            for number in sorted({number for number, _ in shown})
        ]
        return columns, rows

    @property
    def least_booked(self) -> str:
        """ "Fri 4 pm (20 %), Thu 4 pm (28 %) and Mon 4 pm (31 %)"."""
        cells = self._grouped(lambda cell: (cell.on.weekday(), cell.hour))
        rated = [(tally.percent, key) for key, tally in cells.items() if tally.percent is not None]
        told = [f"{weekday(d)[:3]} {hour_text(h)} ({p:.0f} %)" for p, (d, h) in sorted(rated)[:3]]
        return ", ".join(told)

    @property
    def bars(self) -> Iterable[tuple[Chair, Tally, str]]:
        """Each chair with its minutes and the address of its visits."""
        by_chair = self._by_chair(lambda cell: cell.chair_id)
        for chair in self.chairs:
            yield chair, by_chair.get(chair.id, Tally()), self.asked.rows(chair=chair.id)

    @property
    def shows_days(self) -> bool:
        return self.asked.wants_days or self.report.period.days <= LONG_DAYS

    @property
    def days(self) -> Iterable[tuple[date, Tally, list[tuple[Chair, Tally, str]]]]:
        """Each date with anything to tell: all chairs together, then one by one."""
        cells = self._by_chair(lambda cell: (cell.on, cell.chair_id))
        totals = self._grouped(lambda cell: cell.on)
        for on in sorted(totals):
            iso = on.isoformat()
            chairs = [
                (one, cells.get((on, one.id), Tally()), self.asked.rows(day=iso, chair=one.id))
                for one in self.chairs
            ]
            yield on, totals[on], chairs

    def _grouped(self, key: Any) -> dict[Any, Tally]:
        return self.report.sheet.grouped(key, self.asked.only)

    def _by_chair(self, key: Any) -> dict[Any, Tally]:
        """`key` tells chairs apart; bays are there too."""
        found = self._grouped(key)
        for bay in self.bays_apart:
            found |= self.report.sheet.grouped(key, replace(self.asked.only, chair_id=bay.id))
        return found

    def _heat_cell(
        self, number: int, hour: int, shown: dict[tuple[int, int], Tally]
    ) -> HeatCell | None:
        tally = shown.get((number, hour))
        if tally is None or tally.percent is None:
            return None
        minutes = f"{tally.booked:,} of {tally.open:,} open minutes"
        return HeatCell(
            percent=tally.percent,
            href=self.asked.rows(weekday=number, hour=hour),
            title=f"{weekday(number)} {hour_text(hour)}: {tally.percent:.0f} percent, {minutes}",
        )
