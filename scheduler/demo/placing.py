"""Books the invented patients' courses week by week with the real planner, as a desk would have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from random import Random

from scheduler.demo.journeys import Step
from scheduler.planning.day_facts import BAY
from scheduler.planning.daybook import Day
from scheduler.planning.interval import Interval
from scheduler.planning.phase import Phase
from scheduler.planning.phase_spacing import Start
from scheduler.planning.plan import Plan, PlannedVisit
from scheduler.planning.protocol import Protocol
from scheduler.planning.request import PatientLimits, SeriesRequest, TimeWindow, Wishes
from scheduler.planning.schedules import ANY_DAY
from scheduler.planning.series import propose
from scheduler.services import course_rules, daybooks
from scheduler.services.actor import Actor
from scheduler.services.patients import PatientRequest
from scheduler.services.series_query import SeriesQuery
from scheduler.services.series_request import Asked, shapes_for

PROVIDER = "Dr Noor Achter"
DAY, WEEK = timedelta(days=1), timedelta(days=7)
PATIENCE = timedelta(days=60)
"""How long after the wished day a course may end; else the patient waits another week."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """One booking: a series, or a single visit where `step.single`."""

    person: Person
    step: Step
    query: SeriesQuery
    request: SeriesRequest
    visits: tuple[PlannedVisit, ...]

    @property
    def first_on(self) -> date:
        return self.visits[0].on


@dataclass(frozen=True, kw_only=True)
class Clinic:
    """What the desk knows: the template of each key with its version's id, and who books."""

    site_id: int
    protocols: Mapping[str, Protocol]
    versions: Mapping[str, int]
    desk: Actor


@dataclass(frozen=True, kw_only=True)
class Person:
    """A patient in the tables, with the start that suits best."""

    patient_id: int
    who: PatientRequest
    likes: time


@dataclass
class Waiting:
    """A patient between two courses; dates of visits are kept by template (domain H5)."""

    person: Person
    steps: Iterator[Step]
    step: Step
    due_on: date
    dates: dict[str, list[date]] = field(default_factory=dict)
    busy: list[Interval] = field(default_factory=list)
    sedated_on: set[date] = field(default_factory=set)

    def has_booked(self, course: Course, draw: Random) -> None:
        """Remember the visits; the next course is due some days after the last of them."""
        for visit in course.visits:
            self.dates.setdefault(self.step.template, []).append(visit.on)
            self.busy.append(Interval(visit.times.arrives_at, visit.times.leaves_at))
            if visit.shape.sedating:
                self.sedated_on.add(visit.on)
        self.step = next(self.steps)
        wait = draw.randint(self.step.least, self.step.most)
        self.due_on = course.visits[-1].on + wait * DAY


def ask(clinic: Clinic, waiting: Waiting, earliest_on: date) -> tuple[SeriesQuery, SeriesRequest]:
    """The desk's question for this patient's next course, and the planner's."""
    step, person = waiting.step, waiting.person
    protocol = clinic.protocols[step.template]
    phase = next(one for one in protocol.phases if one.id == step.phase)
    ordered = step.count is not None or bool(step.minutes)
    query = SeriesQuery(
        site_id=clinic.site_id,
        patient_id=person.patient_id,
        protocol_version_id=clinic.versions[step.template],
        phase=step.phase,
        earliest_on=earliest_on,
        weekdays=frozenset(person.who.weekdays),
        window=TimeWindow(starts_from=person.who.band_from, starts_until=person.who.band_until),
        wished_start=person.likes,
        single=step.single,
        count=step.count,
        minutes=dict(step.minutes),
        reason="As ordered." if ordered else "",
        ordered_by=PROVIDER if ordered else "",
    )
    return query, _request(clinic, waiting, protocol, phase, query)


def _request(
    clinic: Clinic, waiting: Waiting, protocol: Protocol, phase: Phase, query: SeriesQuery
) -> SeriesRequest:
    before = tuple(waiting.dates.get(waiting.step.template, ())) if query.single else ()
    choice = course_rules.choice_of(phase, query)
    asked = Asked(choice=choice, start=Start(), after=before, earliest_on=query.earliest_on)
    return SeriesRequest(
        shapes=shapes_for(protocol, phase, query, asked),
        earliest_on=query.earliest_on,
        latest_on=query.earliest_on + PATIENCE,
        spacing=course_rules.spacing(phase, query, clinic.desk),
        weekday_sets=course_rules.weekday_sets(phase, query),
        after=before,
        first_number=1,
        patient=PatientLimits(
            weekdays=query.weekdays or ANY_DAY,
            window=query.window,
            blackouts=frozenset(_away(waiting.person.who)),
            busy=tuple(waiting.busy),
            sedating_on=frozenset(waiting.sedated_on),
        ),
        wishes=Wishes(start=query.wished_start),
    )


def _away(who: PatientRequest) -> Iterator[date]:
    for away in who.away:
        yield from daybooks.dates(away.starts_on, away.ends_on)


class Calendar:
    """The days of the demo, filled as courses are booked."""

    def __init__(self, days: Mapping[date, Day]) -> None:
        self.days = days
        self.held: Counter[date] = Counter()  # chair minutes by the Monday of their week
        self.open: Counter[date] = Counter()
        for on, day in days.items():
            chairs = (chair for chair in day.facts.chairs if chair.kind != BAY)
            spans = [span for chair in chairs for span in chair.open]
            self.open[monday_of(on)] += sum(span.minutes for span in spans)

    def load(self, monday: date) -> float:
        """Booked of open chair minutes in the week; a week without open minutes is full."""
        return self.held[monday] / self.open[monday] if self.open[monday] else 1.0

    def book(self, clinic: Clinic, waiting: Waiting, earliest_on: date) -> Course | None:
        """The best plan, with the patient's wishes or else without them; None if there is none."""
        query, request = ask(clinic, waiting, earliest_on)
        plan = self._best(request)
        if plan is None:
            anyhow = replace(request.patient, weekdays=ANY_DAY, window=TimeWindow())
            query = replace(query, weekdays=frozenset(), window=TimeWindow())
            plan = self._best(replace(request, patient=anyhow))
        if plan is None:
            return None
        for visit in plan.visits:
            self.days[visit.on].book(visit.shape, visit.chair_id, visit.starts_at)
            self.held[monday_of(visit.on)] += visit.shape.chair_minutes
        return Course(
            person=waiting.person,
            step=waiting.step,
            query=query,
            request=request,
            visits=plan.visits,
        )

    def _best(self, request: SeriesRequest) -> Plan | None:
        plans = propose(self.days, request, k=1).plans
        return plans[0] if plans else None


def monday_of(on: date) -> date:
    return on - on.weekday() * DAY


def book_week(
    calendar: Calendar, clinic: Clinic, waiting: Sequence[Waiting], monday: date, until: float
) -> list[Course]:
    """Book whoever is due before the week's end, longest due first, up to the load."""
    found = []
    draw = Random(monday.toordinal())  # noqa: S311  a demo, not a secret
    for one in sorted(
        waiting, key=lambda each: (each.step.single, each.due_on, each.person.patient_id)
    ):
        if one.due_on >= monday + WEEK or calendar.load(monday) >= until:
            continue
        course = calendar.book(clinic, one, max(one.due_on, monday))
        if course is not None:
            one.has_booked(course, draw)
            found.append(course)
    return found
