"""Offers plans: asks the planner, and dresses what it says for the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.planning.daybook import Day
from scheduler.planning.opening import local
from scheduler.planning.plan import Plan, Proposal, Stopped, WayOut
from scheduler.planning.reseat_plan import RESEAT
from scheduler.planning.series import propose
from scheduler.planning.sooner import why_not_sooner
from scheduler.services import course_rules, daybooks, plan_key, plan_reasons, plan_words
from scheduler.services.actor import Actor
from scheduler.services.bookable_claims import bookable_claims
from scheduler.services.day_versions import DayVersions
from scheduler.services.plan_words import OfferedVisit
from scheduler.services.reseated_offer import with_reseating
from scheduler.services.series_query import SeriesQuery
from scheduler.services.series_request import Prepared, prepare
from scheduler.services.way_out import changes

PLANS = 3
LESS_WELL = "Plans that start sooner keep the wishes less well, so they cost more."
CHAIRS_CHANGE = "Other visits change chairs, their times unchanged"
WEEK = timedelta(days=7)
MOST_WEEKS = 6
"""A calendar of more weeks shows those with a visit alone."""


@dataclass(frozen=True, kw_only=True)
class OfferedPlan:
    """What the macro `plan_card` shows; `key` is the hidden value that books it."""

    key: str
    title: str
    times: str
    times_note: str | None
    where: str
    say: str
    pros: list[str]
    cons: list[str]
    weeks: list[list[date]]
    visits: dict[date, str]
    odd: frozenset[date]
    shut: frozenset[date]
    today: date
    listing: tuple[OfferedVisit, ...]


@dataclass(frozen=True, kw_only=True)
class OfferedWayOut:
    """A relaxation that was tried and works. `changes` are the query's fields that it changes."""

    sentence: str
    needs_provider: bool
    plan: OfferedPlan
    changes: dict[str, object]


@dataclass(frozen=True, kw_only=True)
class OfferedSooner:
    """Why no plan starts sooner, and what would: plans that start before all that are offered."""

    sentence: str
    ways_out: tuple[OfferedWayOut, ...]


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Best plan first. Without plans, `stopped` says what stands in the way, `ways_out` cheapest
    first. `waits_days` is from the day asked for to the first visit of the soonest plan."""

    plans: tuple[OfferedPlan, ...]
    waits_days: int
    sooner: OfferedSooner | None
    stopped: Stopped | None
    ways_out: tuple[OfferedWayOut, ...]
    proven: bool
    rule_sentence: str
    checked_at: datetime
    zone: ZoneInfo


def offer(query: SeriesQuery, actor: Actor, *, now: datetime, explains_wait: bool = False) -> Offer:
    """Three plans that differ in a way a patient can hear, or why there is none. Reads only.

    With `explains_wait` also why none of them starts sooner.

    Raises Invalid, NotAllowed, NotFound.
    """
    actor.require("book")
    prepared = prepare(query, actor, now=now)
    course_rules.overrides(query, actor, now, is_open=course_rules.is_open_ended(prepared.phase))
    span = daybooks.dates(query.earliest_on, prepared.last_on)
    versions = DayVersions(prepared.site, span)
    days = daybooks.load(prepared.site, span, bookable=bookable_claims(actor))
    proposal = with_reseating(propose(days, prepared.request, k=PLANS), prepared, days, now=now)
    shown = _Shown(prepared, days, versions, local(prepared.site.zone, now).date())
    return Offer(
        plans=shown.plans(proposal.plans),
        waits_days=(_first_on(proposal) - query.earliest_on).days if proposal.plans else 0,
        sooner=_sooner(proposal, shown) if explains_wait and proposal.plans else None,
        stopped=proposal.stopped,
        ways_out=tuple(_way_out(way, shown) for way in proposal.ways_out),
        proven=proposal.proven,
        rule_sentence=course_rules.rule_sentence(prepared.count, prepared.request.spacing),
        checked_at=now,
        zone=prepared.site.zone,
    )


def _first_on(proposal: Proposal) -> date:
    return min(plan.first_on for plan in proposal.plans)


def _sooner(proposal: Proposal, shown: _Shown) -> OfferedSooner:
    found = why_not_sooner(shown.days, shown.prepared.request, _first_on(proposal))
    if found is None:
        return OfferedSooner(sentence=LESS_WELL, ways_out=())
    ways = tuple(_way_out(way, shown) for way in found.ways_out)
    return OfferedSooner(sentence=found.sentence, ways_out=ways)


def _way_out(way: WayOut, shown: _Shown) -> OfferedWayOut:
    return OfferedWayOut(
        sentence=way.sentence,
        needs_provider=way.needs_provider,
        plan=shown.plans((way.plan,))[0],
        changes=changes(shown.prepared.request, way),
    )


class _Shown:
    """Plans of one question, with the names and days that their words need."""

    def __init__(
        self, prepared: Prepared, days: dict[date, Day], versions: DayVersions, today: date
    ) -> None:
        self.prepared, self.days, self.today = prepared, days, today
        self.versions = versions
        self.zone = prepared.site.zone
        facts = next((day.facts for day in days.values()), None)
        chairs = facts.chairs if facts else ()
        self.chair_names = {chair.chair_id: chair.name for chair in chairs}

    def plans(self, plans: Sequence[Plan]) -> tuple[OfferedPlan, ...]:
        rivals = [self._visits(plan) for plan in plans]
        pairs = zip(plans, rivals, strict=True)
        return tuple(self._plan(plan, visits, rivals) for plan, visits in pairs)

    def _visits(self, plan: Plan) -> tuple[OfferedVisit, ...]:
        return tuple(
            OfferedVisit(
                number=visit.number,
                on=visit.on,
                arrives_at=visit.times.arrives_at,
                starts_at=visit.starts_at,
                leaves_at=visit.times.leaves_at,
                chair_id=visit.chair_id,
                chair_name=self.chair_names[visit.chair_id],
                bay_name=self.chair_names.get(visit.bay_id) if visit.bay_id else None,
            )
            for visit in plan.visits
        )

    def _plan(
        self,
        plan: Plan,
        visits: tuple[OfferedVisit, ...],
        rivals: Sequence[tuple[OfferedVisit, ...]],
    ) -> OfferedPlan:
        zone, wished = self.zone, self.prepared.query.wished_start
        usual = plan_words.usual_start(visits, zone)
        odd = {v.on for v in visits if plan_words.wall(v.starts_at, zone) != usual}
        weeks = weeks_shown([visit.on for visit in visits])
        return OfferedPlan(
            key=plan_key.write(
                (plan_key.Choice(v.chair_id, v.starts_at) for v in visits),
                self.versions.of([v.on for v in visits]),
            ),
            title=plan_words.title(visits, zone),
            times=plan_words.stay_words(plan_words.usual_stay(visits, zone), zone),
            times_note=plan_words.times_note(visits, zone),
            where=plan_words.where(visits),
            say=plan_words.say(visits, zone),
            pros=plan_reasons.pros(visits, rivals, wished, zone),
            cons=[
                *([CHAIRS_CHANGE] if plan.kind == RESEAT else []),
                *plan_reasons.cons(visits, rivals, plan.flags, zone),
            ],
            weeks=weeks,
            visits={v.on: plan_words.short_clock(v.starts_at, zone) for v in visits},
            odd=frozenset(odd),
            shut=frozenset(on for week in weeks for on in week if self._shut(on)),
            today=self.today,
            listing=visits,
        )

    def _shut(self, on: date) -> bool:
        """No chair may be held that day; days that were not looked at are not called shut."""
        day = self.days.get(on)
        return day is not None and not any(chair.open for chair in day.facts.chairs)


def weeks_shown(days: Sequence[date]) -> list[list[date]]:
    """Whole weeks, Monday to Sunday, from the first day to the last; of a long series only those
    that hold one of its days."""
    mondays = sorted({on - timedelta(days=on.weekday()) for on in days})
    count = (mondays[-1] - mondays[0]).days // 7 + 1
    if count <= MOST_WEEKS:
        mondays = [mondays[0] + WEEK * row for row in range(count)]
    return [[monday + timedelta(days=at) for at in range(7)] for monday in mondays]
