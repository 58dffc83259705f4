"""The dates that a template means on a site's real days: example plans and good start days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from scheduler.planning.laying import IsOpen, PhaseDates, Walk, can_lay, lay
from scheduler.planning.phase import Phase
from scheduler.planning.phase_rules import PhaseChoice
from scheduler.planning.protocol import Protocol


@dataclass(frozen=True, kw_only=True)
class MonthStarts:
    """The open days, and those of them that begin a full plan."""

    open_days: tuple[date, ...]
    full: tuple[date, ...]


def preview(
    protocol: Protocol,
    first_on: date,
    is_open: IsOpen,
    choices: Mapping[str, PhaseChoice] | None = None,
    *,
    start: str | None = None,
) -> tuple[PhaseDates, ...]:
    """Example dates of each phase from `start` (default: the first) on, as if every chair were
    free.

    The first visit is on `first_on` itself. A phase that has no full plan says why in `refused` and
    ends the list.
    """
    walk = Walk(first_on=first_on, is_open=remembered(is_open), choices=choices or {})
    found: list[PhaseDates] = []
    for phase in protocol.phases_from(start or protocol.first_phase.id):
        laid = lay(phase, walk)
        found.append(laid)
        if laid.refused:
            break
        extra = laid.optional_dates if walk.choice(phase).with_optional_days else ()
        walk.visits[phase.id] = tuple(sorted((*laid.dates, *extra)))
    return tuple(found)


def month_starts(
    phase: Phase, days: Iterable[date], is_open: IsOpen, choice: PhaseChoice | None = None
) -> MonthStarts:
    """Which of the open days among `days` begin a full plan of this phase."""
    known = remembered(is_open)
    open_days = tuple(day for day in days if known(day))
    return MonthStarts(
        open_days=open_days, full=tuple(full_starts(phase, open_days, known, choice))
    )


def full_starts(
    phase: Phase, days: Iterable[date], is_open: IsOpen, choice: PhaseChoice | None = None
) -> Iterator[date]:
    """The days that begin a full plan, one after the other: stop asking when you have enough."""
    choices = {phase.id: choice or PhaseChoice()}
    for day in days:
        if can_lay(phase, Walk(first_on=day, is_open=is_open, choices=choices)):
            yield day


def remembered(is_open: IsOpen) -> IsOpen:
    """Asks about each day once: a site's answer may read closures."""
    answers: dict[date, bool] = {}

    def ask(on: date) -> bool:
        if on not in answers:
            answers[on] = is_open(on)
        return answers[on]

    return ask
