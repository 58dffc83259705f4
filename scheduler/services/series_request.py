"""Turns the desk's question into the planner's, with everything that the tables know about the
patient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from scheduler.errors import Invalid, NotBookableYet
from scheduler.extensions import db
from scheduler.models import Chair, Patient, PatientClaim, ProtocolVersion, Site, Visit
from scheduler.planning.interval import Interval
from scheduler.planning.opening import local
from scheduler.planning.phase import Phase, gap_of
from scheduler.planning.protocol import Protocol
from scheduler.planning.request import PatientLimits, SeriesRequest, Wishes
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.visit import VisitShape
from scheduler.planning.visit_profile import VisitFacts
from scheduler.services import clearances, course_rules, plan_prices
from scheduler.services.actor import Actor
from scheduler.services.daybooks import dates
from scheduler.services.protocol_files import parsed
from scheduler.services.scope import find, scoped
from scheduler.services.series_query import SeriesQuery

GIVEN_UP = ("cancelled", "no_show", "released", "displaced", "entered_in_error", "proposed")
"""States in which a visit counts for no gap: it did not and will not take place."""
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
    """Raises Invalid at the field that cannot be used, NotBookableYet, NotFound, NotAllowed.

    `without`: visits of this patient that are about to move and count as gone.
    """
    site, patient = find(Site, query.site_id, actor), find(Patient, query.patient_id, actor)
    version = find(ProtocolVersion, query.protocol_version_id, actor)
    protocol = parsed(version.document)
    phase = _phase(protocol, query, version)
    last_on = _last_day(query, site, now)
    if query.wished_chair_id is not None:
        find(Chair, query.wished_chair_id, actor)
    earlier = _earlier_dates(query, version, actor, without) if _follows_on(phase, query) else ()
    limits = firm_limits(patient, now, without=without)
    request = SeriesRequest(
        shapes=shapes_for(protocol, phase, query, earlier),
        earliest_on=query.earliest_on,
        latest_on=query.latest_on,
        spacing=course_rules.spacing(phase, query, actor),
        weekday_sets=course_rules.weekday_sets(phase, query),
        after=earlier,
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
        weights=plan_prices.weights_of(site),
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
    if not phase.bookable and not query.single:
        raise NotBookableYet
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


def _earlier_dates(
    query: SeriesQuery, version: ProtocolVersion, actor: Actor, without: tuple[int, ...]
) -> tuple[date, ...]:
    """Local dates of the patient's visits of the same template that took place or will, in
    order."""
    same = select(ProtocolVersion.id).where(ProtocolVersion.protocol_id == version.protocol_id)
    rows = scoped(Visit, actor).where(
        Visit.patient_id == query.patient_id,
        Visit.protocol_version_id.in_(same),
        Visit.state.not_in(GIVEN_UP),
        Visit.id.not_in(without),
    )
    return tuple(sorted({visit.starts_on for visit in db.session.scalars(rows)}))


def shapes_for(
    protocol: Protocol, phase: Phase, query: SeriesQuery, earlier: tuple[date, ...]
) -> tuple[VisitShape, ...]:
    """One shape per visit. Minutes that were asked for go to every visit whose profile allows them.

    Raises Invalid if no visit allows them (domain H14): a longer first visit may be fixed while the
    others have a range.
    """
    count = course_rules.visits_wanted(phase, query)
    since = (query.earliest_on - earlier[-1]).days if earlier else None
    numbers = [(place, len(earlier) + place) for place in range(1, count + 1)]
    facts = [
        VisitFacts(
            number=number,
            number_in_phase=place,
            phase_id=phase.id,
            days_since_last=since if place == 1 else gap_of(phase).target,
        )
        for place, number in numbers
    ]
    shapes, refused = [], []
    for one in facts:
        try:
            shapes.append(protocol.shape_for(one, query.minutes))
        except Invalid as invalid:
            refused.append(invalid)
            shapes.append(protocol.shape_for(one))
    if len(refused) == count:
        raise refused[0]
    return tuple(shapes)


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
