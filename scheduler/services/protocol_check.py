"""Can a template have a plan on the clinic's days (domain H16)? Asked before approval, and shown
while editing."""

from __future__ import annotations

from collections.abc import Iterable

from scheduler.errors import Invalid
from scheduler.planning.feasibility import infeasible_phases
from scheduler.planning.protocol import Protocol
from scheduler.planning.reading.plain import Problem
from scheduler.planning.schedules import ANY_DAY
from scheduler.services.open_days import SiteDays


class NoPlanPossible(Invalid):
    """No plan can exist for this template. It was not submitted."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.message for problem in self.problems))


def impossible(protocol: Protocol, sites: Iterable[SiteDays]) -> tuple[Problem, ...]:
    """Why no site can plan it; empty if at least one site can plan every phase.

    The problems are those of the site that opens on the most days.
    """
    days = sorted((site.weekdays for site in sites), key=len) or [ANY_DAY]
    found = [infeasible_phases(protocol, weekdays) for weekdays in days]
    return () if any(not problems for problems in found) else found[-1]


def refuse_impossible(protocol: Protocol, sites: Iterable[SiteDays]) -> None:
    """Raises NoPlanPossible."""
    if problems := impossible(protocol, sites):
        raise NoPlanPossible(problems)
