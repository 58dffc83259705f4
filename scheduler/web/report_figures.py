"""The headline figures of utilisation, each with its definition and the address of its visits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

from scheduler.planning.utilisation import PRIME_HOURS, Slice, Tally
from scheduler.services.reports import Report
from scheduler.web.filters import clock, plural, short_clock
from scheduler.web.report_address import ReportAsked

FEW = 5
"""Below it a count stays a count and gets no rate (domain J15)."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    title: str
    n: str
    unit: str
    definition: str
    trend: str
    href: str


def figures(asked: ReportAsked, report: Report) -> tuple[Figure, ...]:
    """In reading order."""
    return (_scheduled(asked, report), _prime(asked, report), *_counts(asked, report))


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


def _scheduled(asked: ReportAsked, report: Report) -> Figure:
    total, before = report.total, report.before
    return Figure(
        title="Scheduled",
        n=percent_text(total),
        unit="%",
        definition="Booked of open chair minutes; no-shows count, cancellations do not",
        trend=trend(total, before, report.period.days),
        href=asked.rows(),
    )


def _prime(asked: ReportAsked, report: Report) -> Figure:
    chair = asked.only.chair_id
    others = frozenset(range(24)) - PRIME_HOURS
    prime = report.sheet.total(Slice(chair_id=chair, hours=PRIME_HOURS))
    rest = report.sheet.total(Slice(chair_id=chair, hours=others))
    return Figure(
        title="Prime time",
        n=percent_text(prime),
        unit="%",
        definition="The same, 10:00 am to 2:00 pm only",
        trend=f"Other hours {percent_text(rest)} %",
        href=asked.rows(prime=1),
    )


def _counts(asked: ReportAsked, report: Report) -> Iterable[Figure]:
    total = report.total
    visits = len(report.sheet.visits(asked.only))
    rate = f"{100 * report.missed / report.due:.0f} %" if report.missed >= FEW else ""
    yield Figure(
        title="Booked",
        n=f"{total.booked:,}",
        unit="min",
        definition="From the start of a visit until its chair is clean, while open",
        trend=f"{total.open - total.booked:,} min open and free",
        href=asked.rows(),
    )
    yield Figure(
        title="Visits",
        n=f"{visits:,}",
        unit="",
        definition="With chair time in this period",
        trend="",
        href=asked.rows(),
    )
    yield Figure(
        title="No-shows",
        n=f"{report.missed:,}",
        unit=f"of {report.due:,}",
        definition="Nobody came, of visits whose time has come. Under 5: no rate",
        trend=rate,
        href=asked.rows(missed=1),
    )
    yield Figure(
        title="Outside opening",
        n=f"{total.outside:,}",
        unit="min",
        definition="Booked before opening, after closing or in a closure; in no rate",
        trend="",
        href=asked.rows(outside=1),
    )
