"""What the utilisation pages show: figures in words, each with the address of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from flask import url_for

from scheduler.models import Chair, Site
from scheduler.planning.utilisation import PRIME_HOURS, Slice, Tally
from scheduler.services.reports import Period, Report, VisitRow
from scheduler.web.filters import clock, day, days_span, plural, short_clock, weekday
from scheduler.web.forms.report import PRESETS, ReportForm

FEW_DAYS = 5
FEW = 5
LONG_DAYS = 31


@dataclass(frozen=True, kw_only=True)
class Figure:
    title: str
    n: str
    unit: str
    definition: str
    trend: str
    href: str


@dataclass(frozen=True, kw_only=True)
class HeatCell:
    percent: float
    href: str
    title: str


@dataclass(frozen=True, kw_only=True)
class ReportAsked:
    """The address. `preset` is None for days of one's own."""

    site: Site
    sites: Sequence[Site]
    period: Period
    preset: str | None
    only: Slice
    form: ReportForm

    def url(self, endpoint: str = "utilisation.index", **changes: Any) -> str:
        """This period and chair, with something changed; None leaves a part out."""
        period: dict[str, Any] = {"period": self.preset}
        if self.preset is None:
            first, last = self.period.first_on, self.period.last_on
            period = {"first_on": first.isoformat(), "last_on": last.isoformat()}
        parts = {
            **period,
            "chair": self.only.chair_id,
            "site": self.site.id if len(self.sites) > 1 else None,
        }
        return url_for(endpoint, **{**parts, **changes})

    def rows(self, **changes: Any) -> str:
        return self.url("utilisation.rows", **changes)


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
        chairs = plural(len(self.chairs), "chair")
        return f"{when}. {chairs}, {total.open:,} open chair minutes{closed}."

    @property
    def chairs(self) -> list[Chair]:
        """Those that the filter lets through, in the order of the board."""
        wanted = self.asked.only.chair_id
        return [one for one in self.report.chairs if wanted in (None, one.id)]

    @property
    def caution(self) -> str:
        """ "3 days only; rates swing."."""
        by_day = self._grouped(lambda cell: cell.on)
        days = sum(tally.open > 0 for tally in by_day.values())
        return f"{plural(days, 'day')} only; rates swing." if 0 < days < FEW_DAYS else ""

    @property
    def figures(self) -> tuple[Figure, ...]:
        return (self._scheduled(), self._prime(), *self._counts())

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
        by_chair = self._grouped(lambda cell: cell.chair_id)
        for chair in self.chairs:
            yield chair, by_chair.get(chair.id, Tally()), self.asked.rows(chair=chair.id)

    @property
    def is_long(self) -> bool:
        return self.report.period.days > LONG_DAYS

    @property
    def days(self) -> Iterable[tuple[date, Tally, list[tuple[Chair, Tally, str]]]]:
        """Each date with anything to tell: all chairs together, then one by one."""
        cells = self._grouped(lambda cell: (cell.on, cell.chair_id))
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

    def _scheduled(self) -> Figure:
        total, before = self.report.total, self.report.before
        return Figure(
            title="Scheduled",
            n=percent_text(total),
            unit="%",
            definition="Booked of open chair minutes; no-shows count, cancellations do not",
            trend=trend(total, before, self.report.period.days),
            href=self.asked.rows(),
        )

    def _prime(self) -> Figure:
        chair = self.asked.only.chair_id
        others = frozenset(range(24)) - PRIME_HOURS
        prime = self.report.sheet.total(Slice(chair_id=chair, hours=PRIME_HOURS))
        rest = self.report.sheet.total(Slice(chair_id=chair, hours=others))
        return Figure(
            title="Prime time",
            n=percent_text(prime),
            unit="%",
            definition="The same, 10:00 am to 2:00 pm only",
            trend=f"Other hours {percent_text(rest)} %",
            href=self.asked.rows(prime=1),
        )

    def _counts(self) -> Iterable[Figure]:
        report, total = self.report, self.report.total
        visits = len(report.sheet.visits(self.asked.only))
        rate = f"{100 * report.missed / report.due:.0f} %" if report.missed >= FEW else ""
        yield Figure(
            title="Booked",
            n=f"{total.booked:,}",
            unit="min",
            definition="From the start of a visit until its chair is clean, while open",
            trend=f"{total.open - total.booked:,} min open and free",
            href=self.asked.rows(),
        )
        yield Figure(
            title="Visits",
            n=f"{visits:,}",
            unit="",
            definition="With chair time in this period",
            trend="",
            href=self.asked.rows(),
        )
        yield Figure(
            title="No-shows",
            n=f"{report.missed:,}",
            unit=f"of {report.due:,}",
            definition="Nobody came, of visits whose time has come. Under 5: no rate",
            trend=rate,
            href=self.asked.rows(missed=1),
        )
        yield Figure(
            title="Outside opening",
            n=f"{total.outside:,}",
            unit="min",
            definition="Booked before opening, after closing or in a closure; in no rate",
            trend="",
            href=self.asked.rows(outside=1),
        )

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


@dataclass(frozen=True, kw_only=True)
class RowsPage:
    """The visits behind one figure."""

    asked: ReportAsked
    visits: Sequence[VisitRow]
    chairs: Sequence[Chair]
    missed: bool
    outside: bool

    @property
    def title(self) -> str:
        head = "No-shows" if self.missed else "Outside opening" if self.outside else "Booked"
        minutes = self.outside_minutes if self.outside else self.booked_minutes
        return f"{head}: {plural(len(self.visits), 'visit')}, {plural(minutes, 'minute')}"

    @property
    def booked_minutes(self) -> int:
        return sum(visit.minutes.booked for visit in self.visits)

    @property
    def outside_minutes(self) -> int:
        return sum(visit.minutes.outside for visit in self.visits)

    @property
    def sub(self) -> str:
        """The slice in words."""
        only, period = self.asked.only, self.asked.period
        parts = [days_span(period.first_on, period.last_on)]
        if only.on:
            parts = [day(only.on)]
        if only.weekday is not None:
            parts.append(f"{weekday(only.weekday)}s")
        if only.hours == PRIME_HOURS:
            parts.append("10 am to 2 pm")
        elif only.hours:
            (hour,) = only.hours
            parts.append(f"{hour_text(hour)} to {hour_text((hour + 1) % 24)}")
        parts += [chair.name for chair in self.chairs if chair.id == only.chair_id]
        return ", ".join(parts) + "."

    @property
    def slice_args(self) -> dict[str, Any]:
        """What the address says beside period and chair, so that the export gives the same rows."""
        only = self.asked.only
        prime = only.hours == PRIME_HOURS
        return {
            "day": only.on.isoformat() if only.on else None,
            "weekday": only.weekday,
            "prime": 1 if prime else None,
            "hour": min(only.hours) if only.hours and not prime else None,
            "missed": 1 if self.missed else None,
            "outside": 1 if self.outside else None,
        }


def hour_text(hour: int, *, first: bool = True) -> str:
    """ "8 am"; within a row of hours am or pm only where it begins and at noon."""
    at = time(hour)
    return (
        f"{short_clock(at)[:-3]} {clock(at)[-2:]}" if first or hour == 12 else short_clock(at)[:-3]
    )


def percent_text(tally: Tally) -> str:
    """ "81", or a dash in words where nothing was open."""
    return "none" if tally.percent is None else f"{tally.percent:.0f}"


def trend(now: Tally, before: Tally, days: int) -> str:
    """ "2 points up on the 7 days before", of the numbers as they are shown."""
    if now.percent is None or before.percent is None:
        return ""
    points = int(f"{now.percent:.0f}") - int(f"{before.percent:.0f}")
    if points == 0:
        return f"As in the {days} days before"
    return (
        f"{plural(abs(points), 'point')} {'up' if points > 0 else 'down'} on the {days} days before"
    )
