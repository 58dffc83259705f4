"""Turns the desk's question into the planner's, with everything that the tables know about the
patient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from scheduler.errors import Invalid
from scheduler.extensions import db
from scheduler.models import Chair, Patient, PatientClaim, ProtocolVersion, Site, Visit
from scheduler.planning.interval import Interval
from scheduler.planning.opening import local
from scheduler.planning.phase import Phase
from scheduler.planning.phase_rules import PhaseChoice
from scheduler.planning.phase_spacing import (
    Start,
    followed,
    prices_for,
    spacing_of,
    target_gaps,
    visits_of,
)
from scheduler.planning.protocol import Protocol
from scheduler.planning.request import PatientLimits, SeriesRequest, Weights, Wishes
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.spacing import Spacing
from scheduler.planning.visit import VisitShape
from scheduler.planning.visit_profile import VisitFacts
from scheduler.services import clearances, course_rules, plan_prices, preparation
from scheduler.services.actor import Actor
from scheduler.services.booked_course import GIVEN_UP as GIVEN_UP
from scheduler.services.booked_course import course, dates_of, visits_of_template
from scheduler.services.daybooks import dates
from scheduler.services.protocol_files import parsed
from scheduler.services.scope import find
from scheduler.services.series_query import SeriesQuery

HORIZON = timedelta(days=400)
"""No site plans further ahead than this; longer absences need not be spelled out day by day."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """One question, ready for the planner. `last_on` is where the site's horizon or the wish
    ends."""

    query: SeriesQuery
    site: Site
    patient: Patient
    version: ProtocolVersion
    protocol: Protocol
    phase: Phase
    request: SeriesRequest
    last_on: date

    @property
    def count(self) -> int:
        return len(self.request.shapes)


def prepare(
    query: SeriesQuery, actor: Actor, *, now: datetime, without: tuple[int, ...] = ()
) -> Prepared:
    """Raises Invalid at the field that cannot be used, NotFound, NotAllowed.

    `without`: visits of this patient that are about to move and count as gone.
    """
    site, patient = find(Site, query.site_id, actor), find(Patient, query.patient_id, actor)
    version = find(ProtocolVersion, query.protocol_version_id, actor)
    protocol = preparation.as_prepared(parsed(version.document), site, patient)
    phase = _phase(protocol, query, version)
    last_on = _last_day(query, site, now)
    if query.wished_chair_id is not None:
        find(Chair, query.wished_chair_id, actor)
    visits = visits_of_template(query, version, actor, without)
    asked = _asked(protocol, phase, query, visits, last_on)
    limits = firm_limits(patient, now, without=without)
    request = SeriesRequest(
        shapes=shapes_for(protocol, phase, query, asked),
        earliest_on=asked.earliest_on,
        latest_on=query.latest_on,
        spacing=_spacing(phase, query, actor, asked),
        weekday_sets=course_rules.weekday_sets(phase, query),
        after=asked.after,
        first_number=1,
        patient=replace(
            limits,
            weekdays=query.weekdays or ANY_DAY,
            window=query.window,
            blackouts=limits.blackouts | query.away,
        ),
        wishes=Wishes(
            start=query.wished_start,
            chair_id=query.wished_chair_id,
            same_time=query.same_time,
            same_chair=query.same_chair,
        ),
        chair_kind=query.chair_kind,
        weights=_weights(phase, query, site),
    )
    return Prepared(
        query=query,
        site=site,
        patient=patient,
        version=version,
        protocol=protocol,
        phase=phase,
        request=request,
        last_on=last_on,
    )


def _phase(protocol: Protocol, query: SeriesQuery, version: ProtocolVersion) -> Phase:
    if version.status != "approved":
        raise Invalid("This template is not approved, so it cannot be booked.", field="template")
    phase = next((one for one in protocol.phases if one.id == query.phase), None)
    if phase is None:
        raise Invalid("Choose a phase of this template.", field="phase")
    return phase


def _last_day(query: SeriesQuery, site: Site, now: datetime) -> date:
    today = local(site.zone, now).date()
    horizon = today + timedelta(days=site.horizon_days)
    if query.earliest_on < today:
        raise Invalid("That day has passed. Choose today or later.", field="earliest_on")
    if query.earliest_on > horizon:
        raise Invalid(f"Plans reach {site.horizon_days} days ahead.", field="earliest_on")
    if query.latest_on is not None and query.latest_on < query.earliest_on:
        raise Invalid("This day comes before the first one.", field="latest_on")
    return horizon


def _follows_on(phase: Phase, query: SeriesQuery) -> bool:
    """A single visit keeps its distance from the visits of the same template; a new course starts
    fresh."""
    return query.single or course_rules.is_single_only(phase)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is planned, after which visits of the course. `after` are those that a single visit
    keeps its distance from."""

    choice: PhaseChoice
    start: Start
    after: tuple[date, ...]
    earliest_on: date

    @property
    def earlier(self) -> tuple[date, ...]:
        """Dates of the course so far."""
        return self.after or tuple(on for _, on in self.start.booked.visits)


def _asked(
    protocol: Protocol, phase: Phase, query: SeriesQuery, visits: list[Visit], last_on: date
) -> Asked:
    """Raises Invalid for an interval, a number of visits or of runs outside the template's
    limits."""
    choice = course_rules.choice_of(phase, query, (last_on - query.earliest_on).days)
    if _follows_on(phase, query):
        after = dates_of(visits)
        return Asked(choice=choice, start=Start(), after=after, earliest_on=query.earliest_on)
    is_first = phase.id == protocol.first_phase.id
    booked = course(visits, protocol.first_phase.id)
    booked = followed(phase, booked, query.earliest_on, is_first=is_first)
    after_last = (booked.last_on or date.min) + timedelta(days=1)
    return Asked(
        choice=choice,
        start=Start(booked=booked, is_first=is_first),
        after=(),
        earliest_on=max(query.earliest_on, after_last),
    )


def _weights(phase: Phase, query: SeriesQuery, site: Site) -> Weights:
    own = plan_prices.weights_of(site)
    return own if query.single else prices_for(phase, own)


def _spacing(phase: Phase, query: SeriesQuery, actor: Actor, asked: Asked) -> Spacing:
    spacing = course_rules.spacing(phase, query, actor, asked.choice, asked.start)
    course_rules.refuse_overdue(spacing, asked.earliest_on)
    return spacing


def shapes_for(
    protocol: Protocol, phase: Phase, query: SeriesQuery, asked: Asked
) -> tuple[VisitShape, ...]:
    """One shape per visit. Minutes that were asked for go to every visit whose profile allows them.

    Which profile a visit has is told on the target days of the plan. Raises Invalid if no visit
    allows the minutes (domain H14): a longer first visit may be fixed while the others have a
    range.
    """
    facts = list(_facts(phase, query, asked))
    shapes, refused = [], []
    for one in facts:
        try:
            shapes.append(protocol.shape_for(one, query.minutes))
        except Invalid as invalid:
            refused.append(invalid)
            shapes.append(protocol.shape_for(one))
    if len(refused) == len(facts):
        raise refused[0]
    return tuple(shapes)


def _facts(phase: Phase, query: SeriesQuery, asked: Asked) -> Iterator[VisitFacts]:
    earlier = asked.earlier
    gaps: list[int | None] = [None]
    if not query.single:
        spacing = spacing_of(phase, asked.choice, asked.start)
        gaps = target_gaps(spacing, visits_of(phase, asked.choice), asked.earliest_on)
    own = len(asked.start.booked.of_phase(phase.id))
    for place, gap in enumerate(gaps, 1):
        since = (asked.earliest_on - earlier[-1]).days if earlier else None
        yield VisitFacts(
            number=len(earlier) + place,
            number_in_phase=own + place,
            phase_id=phase.id,
            days_since_last=since if place == 1 else gap,
        )


def firm_limits(patient: Patient, now: datetime, *, without: tuple[int, ...] = ()) -> PatientLimits:
    """What the patient cannot do whatever the wishes are: blackouts, other visits, clearances,
    the past (H2, H11, H17)."""
    claims = db.session.scalars(
        select(PatientClaim).where(
            PatientClaim.organisation_id == patient.organisation_id,
            PatientClaim.patient_id == patient.id,
            PatientClaim.ends_at > now - timedelta(days=1),
            PatientClaim.visit_id.not_in(without),
        )
    ).all()
    first_on = now.date() - timedelta(days=1)
    away = {
        on
        for row in patient.blackouts
        for on in dates(max(row.starts_on, first_on), min(row.ends_on, first_on + HORIZON))
    }
    return PatientLimits(
        blackouts=frozenset(away),
        busy=tuple(Interval(claim.starts_at, claim.ends_at) for claim in claims),
        sedating_on=frozenset(claim.sedating_on for claim in claims if claim.sedating_on),
        not_before=now,
        clearances=clearances.limits_of(patient),
    )
