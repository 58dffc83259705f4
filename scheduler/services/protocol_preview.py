"""The live preview of a template: a month of real opening hours, and what the template means
there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from scheduler.models import Site
from scheduler.planning.cadence import full_starts, month_starts, preview
from scheduler.planning.feasibility import infeasible_phases
from scheduler.planning.laying import PhaseDates, day_words
from scheduler.planning.opening import local
from scheduler.planning.phase import Phase
from scheduler.planning.protocol import Protocol
from scheduler.planning.reading.plain import Problem
from scheduler.planning.visit_profile import VisitFacts
from scheduler.services import open_days

DAY = timedelta(days=1)
LOOK_AHEAD = 60  # days in which a first day with a full plan is looked for
REACH = timedelta(days=1_200)  # closures are read this far; later days follow the weekly hours
MOST_MONTHS = 3
NINE = time(9)


@dataclass(frozen=True)
class Mark:
    """What stands in a day: "3", or "T1" of a later phase (`later`)."""

    text: str
    later: bool = False


@dataclass(frozen=True)
class Month:
    """One month of the calendar. `shut` are days that closures take out, or that are never open."""

    first: date
    last: date
    marks: dict[date, Mark]
    shut: dict[date, str]


@dataclass(frozen=True)
class Line:
    """One sentence under the calendar; `level` is ok, warn or bad."""

    level: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """`refused` says why there is no plan; then `problems` names the fields and no dates are
    shown."""

    site: Site
    first_on: date
    months: tuple[Month, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    lines: tuple[Line, ...] = ()
    refused: str | None = None
    problems: tuple[Problem, ...] = ()


def previewed(
    protocol: Protocol,
    site: Site,
    first_on: date | None,
    *,
    now: datetime,
    in_use: tuple[int, Protocol] | None = None,
) -> Preview:
    """`first_on` None: the next day from tomorrow that gives a full plan.

    `in_use` is the version that new series use, with its number, to say what would change.
    """
    today = local(site.zone, now).date()
    is_open = _open(protocol, site, first_on or today)
    first = first_on or _good_start(protocol, is_open, today + DAY)
    problems = infeasible_phases(protocol, open_days.weekly(site))
    if problems:
        words = " ".join(problem.message for problem in problems)
        return Preview(site=site, first_on=first, refused=words, problems=problems)
    laid = preview(protocol, first, is_open)
    return Preview(
        site=site,
        first_on=first,
        months=tuple(_months(protocol, site, laid, first)),
        legend=tuple(_legend(protocol, laid)),
        lines=tuple(_lines(protocol, laid, first, is_open, in_use)),
        refused=laid[0].refused,
    )


def _open(protocol: Protocol, site: Site, around: date) -> Callable[[date], bool]:
    """A day counts as open if the shortest visit of the template fits into it."""
    shortest = min(profile.chair_minutes for profile in protocol.profiles)
    return open_days.open_for(site, around - 31 * DAY, around + REACH, shortest)


def _good_start(protocol: Protocol, is_open: Callable[[date], bool], earliest: date) -> date:
    days = _days(earliest, earliest + LOOK_AHEAD * DAY)
    full = full_starts(protocol.first_phase, days, is_open)
    return next(full, next((day for day in days if is_open(day)), earliest))


def _days(first: date, last: date) -> list[date]:
    return [first + place * DAY for place in range((last - first).days + 1)]


def _month_of(on: date) -> tuple[date, date]:
    first = on.replace(day=1)
    return first, (first + 31 * DAY).replace(day=1) - DAY


def _months(
    protocol: Protocol, site: Site, laid: tuple[PhaseDates, ...], first: date
) -> Iterator[Month]:
    """The months that the first phase touches, at most three."""
    marks = _marks(protocol, laid)
    until = max((laid[0].dates or (first,))[-1], first)
    begins, ends = _month_of(first)
    for _ in range(MOST_MONTHS):
        inside = {on: mark for on, mark in marks.items() if begins <= on <= ends}
        yield Month(begins, ends, inside, open_days.closed_days(site, _days(begins, ends)))
        if until <= ends:
            return
        begins, ends = _month_of(ends + DAY)


def _marks(protocol: Protocol, laid: tuple[PhaseDates, ...]) -> dict[date, Mark]:
    found: dict[date, Mark] = {}
    for place, (prefix, dates) in enumerate(zip(_prefixes(protocol, laid), laid, strict=True)):
        every = sorted((*dates.dates, *dates.optional_dates))
        later = place > 0
        for number, on in enumerate(every, 1):
            found[on] = Mark(f"{prefix}{number}", later or on in dates.optional_dates)
    return found


def _prefixes(protocol: Protocol, laid: tuple[PhaseDates, ...]) -> list[str]:
    """ "" for the first phase, then a letter each: T for Taper, a second T becomes Ta."""
    found: list[str] = []
    for place, dates in enumerate(laid):
        label = protocol.phase(dates.phase_id).label
        sizes = range(1, len(label) + 1)
        own = next((label[:n].title() for n in sizes if label[:n].title() not in found), label)
        found.append(own if place else "")
    return found


def _legend(protocol: Protocol, laid: tuple[PhaseDates, ...]) -> Iterator[tuple[str, str]]:
    """("1 to 6", "induction, 12 days"), ("T1", "taper, if ordered: from Mon 25 Jan")"""
    for prefix, dates in zip(_prefixes(protocol, laid), laid, strict=True):
        phase = protocol.phase(dates.phase_id)
        count = len(dates.dates) + len(dates.optional_dates)
        mark = f"{prefix}1" if count < 2 else f"{prefix}1 to {prefix}{count}"
        if dates.refused:
            yield prefix or "1", f"{phase.label}: {dates.refused}"
        else:
            yield mark, _phase_words(phase, dates, first=not prefix)


def _phase_words(phase: Phase, dates: PhaseDates, *, first: bool) -> str:
    words = phase.label.lower()
    words += ", if ordered" if phase.optional else ""
    if first:
        span = dates.span_days
        words += f", {span} day{'' if span == 1 else 's'}" if span else ""
    else:
        words += f", from {day_words(dates.dates[0])}" if dates.dates else ""
    words += ", and so on" if dates.goes_on and len(dates.dates) > 1 else ""
    return words + (f", recall after {day_words(dates.recall_on)}" if dates.recall_on else "")


def _lines(
    protocol: Protocol,
    laid: tuple[PhaseDates, ...],
    first: date,
    is_open: Callable[[date], bool],
    in_use: tuple[int, Protocol] | None,
) -> Iterator[Line]:
    yield _starts_line(protocol, first, is_open)
    if laid[0].dates:
        yield _load_line(protocol, laid[0])
    for dates in laid:
        yield from _late_lines(protocol.phase(dates.phase_id), dates)
    if in_use is not None:
        yield from _food_line(protocol, *in_use)


def _starts_line(protocol: Protocol, first: date, is_open: Callable[[date], bool]) -> Line:
    begins, ends = _month_of(first)
    starts = month_starts(protocol.first_phase, _days(begins, ends), is_open)
    good, all_days = len(starts.full), len(starts.open_days)
    level = "ok" if good == all_days else "warn" if good else "bad"
    return Line(level, f"{good} of {all_days} start days in {begins:%B} give a full plan")


def _load_line(protocol: Protocol, dates: PhaseDates) -> Line:
    chair = nurse = 0
    for number, on in enumerate(dates.dates, 1):
        since = (on - dates.dates[number - 2]).days if number > 1 else None
        facts = VisitFacts(
            number=number, number_in_phase=number, phase_id=dates.phase_id, days_since_last=since
        )
        shape = protocol.shape_for(facts)
        chair += shape.chair_minutes
        nurse += sum(minutes * share for _, minutes, share in shape.nurse_load())
    hours = f"{chair / 60:.1f} chair-hours and {nurse / 6000:.1f} nurse-hours"
    return Line("ok", f"Needs {hours} for {_visits(len(dates.dates))}")


def _late_lines(phase: Phase, dates: PhaseDates) -> Iterator[Line]:
    if dates.late:
        numbers = ", ".join(str(number) for number in dates.late)
        yield Line(
            "warn", f"{phase.label}: visit {numbers} comes later than 'good up to' and is flagged"
        )


def _food_line(protocol: Protocol, number: int, old: Protocol) -> Iterator[Line]:
    """What a change of the fast means for a visit at nine."""
    new_stop, old_stop = (one.prep.fasting_solids_minutes for one in (protocol, old))
    if new_stop != old_stop:
        now, then = _stop_words(new_stop), _stop_words(old_stop)
        yield Line(
            "warn", f"9:00 visits now {now}; v{number} said {then.removeprefix('stop food at ')}"
        )


def _stop_words(minutes: int) -> str:
    if not minutes:
        return "have no food stop"
    at = datetime.combine(date(2000, 1, 3), NINE) - timedelta(minutes=minutes)
    clock = f"{at.hour % 12 or 12}:{at.minute:02} {'am' if at.hour < 12 else 'pm'}"
    days = (date(2000, 1, 3) - at.date()).days
    return f"stop food at {clock}" + (" the day before" if days == 1 else "")


def _visits(count: int) -> str:
    return "1 visit" if count == 1 else f"{count} visits"
