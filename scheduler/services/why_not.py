"""Where a visit could go on a day, and every rule that stands against the other places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from scheduler.models import Site, Visit
from scheduler.planning.day_facts import ChairFacts
from scheduler.planning.daybook import Day
from scheduler.planning.explain import list_words, span_words
from scheduler.planning.interval import MINUTE, merge
from scheduler.planning.patient import date_refusals, time_refusals
from scheduler.planning.refusal import Refusal
from scheduler.planning.request import PatientLimits
from scheduler.planning.visit import VisitShape
from scheduler.services import daybooks, series_rules
from scheduler.services.actor import Actor
from scheduler.services.scope import find
from scheduler.services.series_request import firm_limits


@dataclass(frozen=True, kw_only=True)
class Run:
    """Starts of one chair, first to last, that the same rules refuse; no sentences: they book."""

    chair_id: int
    chair_name: str
    first: datetime
    last: datetime
    sentences: tuple[str, ...]

    @property
    def is_free(self) -> bool:
        return not self.sentences


@dataclass(frozen=True, kw_only=True)
class Places:
    """Every start of a day for one visit, a run after the other, in the order of chairs.

    `whole_day` stands against the date itself, wherever on it; `needs_provider`: of that, only
    rules of the series that a provider may pass.
    """

    on: date
    zone: ZoneInfo
    step: timedelta
    runs: tuple[Run, ...]
    whole_day: tuple[str, ...]
    needs_provider: bool

    @property
    def by_chair(self) -> list[tuple[str, list[Run]]]:
        """Names of chairs in their order, with their runs."""
        chairs = groupby(self.runs, key=lambda run: (run.chair_id, run.chair_name))
        return [(name, list(members)) for (_, name), members in chairs]


def places(visit_id: int, on: date, actor: Actor, *, now: datetime) -> Places:
    """Reads only; the visit itself counts as gone. Raises NotFound, NotAllowed."""
    actor.require("move")
    visit = find(Visit, visit_id, actor)
    site = find(Site, visit.site_id, actor)
    limits = firm_limits(visit.patient, now, without=(visit.id,))
    day = daybooks.load(site, [on], without=(visit.id,))[on]
    shape = VisitShape.from_plain(visit.shape)
    against = tuple(one.sentence for one in date_refusals(on, limits, shape))
    faults = series_rules.broken(visit.series, {visit.id: on}) if visit.series else ()
    spacing = tuple(fault.sentence for fault in faults if fault.hard)
    return Places(
        on=on,
        zone=site.zone,
        step=timedelta(minutes=day.facts.start_step_minutes),
        runs=tuple(runs(day, shape, limits)),
        whole_day=against + spacing,
        needs_provider=bool(spacing) and not against,
    )


def against(
    day: Day, shape: VisitShape, limits: PatientLimits, chair_id: int, starts_at: datetime
) -> tuple[Refusal, ...]:
    """Every rule of the day and of the patient's hours that this place breaks."""
    return (
        *time_refusals(day, limits, shape, starts_at),
        *day.refusals(shape, chair_id, starts_at),
    )


def sentences(
    day: Day, shape: VisitShape, limits: PatientLimits, chair_id: int, starts_at: datetime
) -> str:
    """Every rule that one place breaks, each once; empty where it books."""
    refusals = (
        *date_refusals(day.on, limits, shape),
        *against(day, shape, limits, chair_id, starts_at),
    )
    return " ".join(dict.fromkeys(refusal.sentence for refusal in refusals))


def runs(day: Day, shape: VisitShape, limits: PatientLimits) -> Iterator[Run]:
    """Starts that the same rules refuse for the same reason belong together."""
    starts = _starts(day)
    for chair in day.facts.chairs:
        if chair.kind == "bay":
            continue  # nobody starts there
        told = [(at, against(day, shape, limits, chair.chair_id, at)) for at in starts]
        for _, group in groupby(told, key=lambda pair: tuple(map(_reason, pair[1]))):
            members = list(group)
            yield _run(day, shape, chair, members)


def _run(
    day: Day,
    shape: VisitShape,
    chair: ChairFacts,
    members: Sequence[tuple[datetime, tuple[Refusal, ...]]],
) -> Run:
    sentences = [_said(day, shape, one) for one in members[0][1]]
    return Run(
        chair_id=chair.chair_id,
        chair_name=chair.name,
        first=members[0][0],
        last=members[-1][0],
        sentences=tuple(dict.fromkeys(sentences)),
    )


def _starts(day: Day) -> list[datetime]:
    """Every start that a desk could choose, while any chair is open."""
    step, grid = day.facts.start_step_minutes, day.grid
    slots = (slot for slot in range(grid.slots) if grid.minute(slot) % step == 0)
    return [grid.at(slot) for slot in slots]


def _reason(refusal: Refusal) -> tuple[object, ...]:
    """What makes two starts alike; the claim of a visit that is not open differs with each."""
    return (refusal.rule, None if refusal.rule == "H3" else refusal.span)


def _said(day: Day, shape: VisitShape, refusal: Refusal) -> str:
    if refusal.rule != "H3":
        return refusal.sentence
    hours = merge(day.facts.hours)
    if not hours:
        return "The site is closed."
    opens = list_words(span_words(day.zone, span) for span in hours)
    length = shape.chair_minutes * MINUTE
    return f"The site is open {opens}, and this visit holds its chair for {_length(length)}."


def _length(length: timedelta) -> str:
    hours, minutes = divmod(length // MINUTE, 60)
    return f"{hours} h {minutes:02}" if hours else f"{minutes} minutes"
