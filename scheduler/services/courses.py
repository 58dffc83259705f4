"""What the pages of one series and of one visit show. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from scheduler.extensions import db
from scheduler.models import Patient, ProtocolVersion, Series, Site, Visit, VisitHistory
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.interval import Interval
from scheduler.planning.opening import local
from scheduler.planning.preparation import PrepSet, PrepTimes, clock_times
from scheduler.planning.spacing import BrokenRule
from scheduler.planning.visit import VisitShape
from scheduler.planning.visit_profile import VisitProfile
from scheduler.planning.words.clock import clock, day
from scheduler.planning.words.preparation import sentences
from scheduler.services import clearances, series_rules, visit_length
from scheduler.services.actor import Actor
from scheduler.services.clearances import Uncovered
from scheduler.services.course_rules import rule_sentence
from scheduler.services.scope import find, scoped
from scheduler.services.series_request import GIVEN_UP
from scheduler.services.series_rules import RuleState


@dataclass(frozen=True, kw_only=True)
class Node:
    """A point of the macro `series_line`; `gap` in days since the one before."""

    label: str
    kind: str
    title: str
    text: str
    gap: int | None
    gap_rule: str | None
    pill: str | None = None
    later: bool = False


@dataclass(frozen=True, kw_only=True)
class SeriesPage:
    """`visits` are all of them in the order of time, cancelled ones too; `rules` says what is kept
    and what is not; `uncovered` are clearances that end before its planned visits."""

    series: Series
    patient: Patient
    site: Site
    version: ProtocolVersion
    visits: tuple[Visit, ...]
    nodes: tuple[Node, ...]
    rule_sentence: str
    rules: tuple[RuleState, ...]
    uncovered: Sequence[Uncovered]
    may_cancel: bool


@dataclass(frozen=True, kw_only=True)
class VisitPage:
    """One visit with its preparation by the clock, its history and its series's other visits."""

    visit: Visit
    patient: Patient
    site: Site
    version: ProtocolVersion
    shape: VisitShape
    profile: VisitProfile
    prep_times: PrepTimes
    history: tuple[VisitHistory, ...]
    siblings: tuple[Visit, ...]
    overrides: list[dict[str, Any]]
    may_change: bool

    @property
    def to_do(self) -> list[str]:
        """What the patient does, in sentences."""
        return sentences(self.prep_times)

    @property
    def bay_span(self) -> Interval | None:
        """When it holds its bay, turnaround included; None where it stays on its chair."""
        return self.shape.bay_span(self.visit.starts_at) if self.visit.bay_id else None

    @property
    def chair_span(self) -> Interval:
        return self.shape.chair_span(self.visit.starts_at, with_bay=self.visit.bay_id is not None)


def series_page(series_id: int, actor: Actor, *, now: datetime) -> SeriesPage:
    """Raises NotFound, NotAllowed."""
    actor.require("find_patient")
    series = find(Series, series_id, actor)
    site = find(Site, series.site_id, actor)
    visits = _visits_of(series, actor)
    faults = series_rules.broken(series)
    spacing = series_rules.spacing_of(series)
    ahead = [one for one in visits if one.state in PLANNED_STATES and one.leaves_at > now]
    return SeriesPage(
        series=series,
        patient=series.patient,
        site=site,
        version=series.protocol_version,
        visits=visits,
        nodes=_nodes(visits, site, faults, now),
        rule_sentence=rule_sentence(series.count, spacing),
        rules=series_rules.rule_states(series),
        uncovered=clearances.uncovered(clearances.of_patient(series.patient_id, actor), ahead),
        may_cancel=any(visit.state in PLANNED_STATES for visit in visits),
    )


def visit_page(visit_id: int, actor: Actor, *, now: datetime) -> VisitPage:
    """Raises NotFound, NotAllowed."""
    actor.require("see_board")
    visit = find(Visit, visit_id, actor)
    site = find(Site, visit.site_id, actor)
    shape = VisitShape.from_plain(visit.shape)
    return VisitPage(
        visit=visit,
        patient=visit.patient,
        site=site,
        version=find(ProtocolVersion, visit.protocol_version_id, actor),
        shape=shape,
        profile=visit_length.profile_of(visit),
        prep_times=clock_times(PrepSet.from_plain(visit.prep), shape, visit.starts_at, site.zone),
        history=tuple(visit.history),
        siblings=_visits_of(visit.series, actor) if visit.series else (visit,),
        overrides=visit.overrides,
        may_change=visit.state in PLANNED_STATES,
    )


def _visits_of(series: Series, actor: Actor) -> tuple[Visit, ...]:
    rows = scoped(Visit, actor).where(Visit.series_id == series.id)
    return tuple(db.session.scalars(rows.order_by(Visit.starts_at, Visit.id)))


def _nodes(
    visits: tuple[Visit, ...], site: Site, faults: tuple[BrokenRule, ...], now: datetime
) -> tuple[Node, ...]:
    live = [visit for visit in visits if visit.state not in GIVEN_UP]
    gaps = [None, *((b.starts_on - a.starts_on).days for a, b in pairwise(live))][: len(live)]
    rules = {fault.number: fault.sentence for fault in faults if fault.hard}
    today = local(site.zone, now).date()
    return tuple(
        Node(
            label=str(visit.number),
            kind=_kind(visit, today == visit.starts_on),
            title=f"Today, {day(visit.starts_on)}"
            if today == visit.starts_on
            else day(visit.starts_on),
            text=clock(visit.starts_at, site.zone),
            gap=gap,
            gap_rule=rules.get(visit.number),
        )
        for visit, gap in zip(live, gaps, strict=True)
    )


def _kind(visit: Visit, is_today: bool) -> str:
    if visit.state in (*PLANNED_STATES, "held"):
        return "here" if is_today else "planned"
    done = visit.state in ("discharged", "not_treated", "stopped_early")
    return "done" if done else "here"


def series_of_patient(patient_id: int, actor: Actor) -> list[Series]:
    """Newest first."""
    rows = scoped(Series, actor).where(Series.patient_id == patient_id)
    return list(db.session.scalars(rows.order_by(Series.created_at.desc(), Series.id.desc())))


def visits_of_patient(patient_id: int, actor: Actor) -> list[Visit]:
    """All of them, newest first."""
    rows = scoped(Visit, actor).where(Visit.patient_id == patient_id)
    return list(db.session.scalars(rows.order_by(Visit.starts_at.desc())))
