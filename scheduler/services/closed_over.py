"""Coming visits that a change of capacity leaves without an open chair, staff or equipment.

Every service that changes what a site has does it through `change()`: nothing is moved silently.
Visits that the person accepts stay booked, and each gets a task "closed_over" that asks for a call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from scheduler.errors import NeedsConfirmation
from scheduler.extensions import db
from scheduler.models import ChairClaim, Site, Task, Visit
from scheduler.models.visit import PLANNED_STATES
from scheduler.planning.day_facts import DayFacts
from scheduler.planning.interval import Interval
from scheduler.planning.left_without import Booked, Lack, left_without, sentences
from scheduler.planning.opening import local
from scheduler.planning.visit import VisitShape
from scheduler.services import daybooks, scope, site_days, tasks
from scheduler.services.actor import Actor
from scheduler.services.capacity import read_capacity

DAY = timedelta(days=1)
_Lacks = dict[int, frozenset[Lack]]


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What the person was shown and accepted: ids of visits; `why` is said in their tasks."""

    accepted: frozenset[int]
    why: str
    now: datetime


def opening(now: datetime) -> Consent:
    """For changes that only give time back: there is nothing to accept."""
    return Consent(accepted=frozenset(), why="", now=now)


def days(site: Site, now: datetime, weekdays: Collection[int] | None = None) -> list[date]:
    """Every local date from today on that has visits or can get some."""
    today = local(site.zone, now).date()
    last_held = db.session.scalar(
        select(func.max(Visit.starts_on))
        .join(ChairClaim, ChairClaim.visit_id == Visit.id)
        .where(Visit.organisation_id == site.organisation_id, Visit.site_id == site.id)
    )
    last = max(today + DAY * site.horizon_days, last_held or today)
    every = daybooks.dates(today, last)
    return [on for on in every if weekdays is None or on.weekday() in weekdays]


def change(
    site: Site, affected: Iterable[date], apply: Callable[[], None], consent: Consent
) -> tuple[int, ...]:
    """Lock the days, apply the change, and see which visits it leaves without a place.

    Called inside `transaction()`; `apply` changes rows of this site. Returns the ids of visits that
    got a task. Raises NeedsConfirmation, which undoes the change, unless all were accepted.
    """
    days = sorted(set(affected))
    site_days.lock_days(site.organisation_id, [], [(site.id, on) for on in days])
    booked = _booked(site, days)
    before = _facts(site, booked)
    apply()
    site.capacity_version = Site.capacity_version + 1
    db.session.flush()
    after = _without(_facts(site, booked), booked, consent.now)
    new = _new(after, before, booked)
    hit = tuple(sorted(new))
    if not consent.accepted.issuperset(hit):
        count = "1 booked visit" if len(hit) == 1 else f"{len(hit)} booked visits"
        raise NeedsConfirmation(
            f"This would touch {count}. Nothing was changed.",
            visit_ids=hit,
            why=sentences([lack for lacks in new.values() for lack in lacks]),
        )
    _drop_tasks(site, _free_again(booked, after), consent.now)
    _add_tasks(site, hit, consent)
    return hit


def stranded(site: Site, now: datetime) -> _Lacks:
    """Planned visits ahead that lack an open chair, staff or equipment at some time of their
    stay."""
    booked = _booked(site, days(site, now))
    return _without(_facts(site, booked), booked, now)


@dataclass(frozen=True, kw_only=True)
class _Visit:
    """`is_ahead`: its time is a promise that can still be changed."""

    state: str
    until: datetime
    booked: Booked

    def is_ahead(self, now: datetime) -> bool:
        return self.state in (*PLANNED_STATES, "held") and self.until > now


_ByDay = dict[date, list[_Visit]]


def _booked(site: Site, days: Sequence[date]) -> _ByDay:
    """Every visit that holds a chair on these days: those in progress need their nurses too."""
    if not days:
        return {}
    rows = db.session.execute(
        select(Visit, ChairClaim)
        .join(ChairClaim, ChairClaim.visit_id == Visit.id)
        .where(
            Visit.organisation_id == site.organisation_id,
            Visit.site_id == site.id,
            Visit.starts_on.between(days[0], days[-1]),
        )
        .order_by(Visit.starts_at, Visit.id)
    )
    claims: dict[Visit, list[ChairClaim]] = {}
    for visit, claim in rows:
        claims.setdefault(visit, []).append(claim)
    found: _ByDay = {}
    for visit, held in claims.items():
        if visit.starts_on in set(days):
            found.setdefault(visit.starts_on, []).append(_visit(visit, held))
    return found


def _visit(visit: Visit, claims: Sequence[ChairClaim]) -> _Visit:
    return _Visit(
        state=visit.state,
        until=max(claim.ends_at for claim in claims),
        booked=Booked(
            visit_id=visit.id,
            starts_at=visit.starts_at,
            shape=VisitShape.from_plain(visit.shape),
            claims=tuple(
                (claim.chair_id, Interval(claim.starts_at, claim.ends_at)) for claim in claims
            ),
        ),
    )


def _facts(site: Site, booked: _ByDay) -> dict[date, DayFacts]:
    """What is there on the days that have visits; plain data that no later change touches."""
    if not booked:
        return {}
    capacity = read_capacity(site, min(booked), max(booked))
    return {on: daybooks.facts_of(capacity, on) for on in booked}


def _without(facts: dict[date, DayFacts], booked: _ByDay, now: datetime) -> _Lacks:
    found: _Lacks = {}
    for on, visits in booked.items():
        ahead = {one.booked.visit_id for one in visits if one.is_ahead(now)}
        lacks = left_without(facts[on], [one.booked for one in visits]) if ahead else {}
        found.update({visit_id: lacks[visit_id] for visit_id in ahead & lacks.keys()})
    return found


def _new(after: _Lacks, before: dict[date, DayFacts], booked: _ByDay) -> _Lacks:
    """What visits lack that they had before: only days on which somebody lacks something are judged
    a second time."""
    found: _Lacks = {}
    for on, visits in booked.items():
        hit = after.keys() & {one.booked.visit_id for one in visits}
        had = left_without(before[on], [one.booked for one in visits]) if hit else {}
        for visit_id in hit:
            known = {lack.rule for lack in had.get(visit_id, ())}
            new = frozenset(lack for lack in after[visit_id] if lack.rule not in known)
            if new:
                found[visit_id] = new
    return found


def _free_again(booked: _ByDay, after: Collection[int]) -> list[int]:
    every = (one.booked.visit_id for visits in booked.values() for one in visits)
    return [visit_id for visit_id in every if visit_id not in after]


def _open_tasks(site: Site, visit_ids: Collection[int]) -> list[Task]:
    return list(
        db.session.scalars(
            select(Task).where(
                Task.organisation_id == site.organisation_id,
                Task.kind == tasks.CLOSED_OVER,
                Task.state == "open",
                Task.visit_id.in_(visit_ids),
            )
        )
    )


def _drop_tasks(site: Site, visit_ids: Collection[int], now: datetime) -> None:
    """It is open again: nobody need call."""
    tasks.drop_by_id([one.id for one in _open_tasks(site, visit_ids)], now=now)


def _add_tasks(site: Site, visit_ids: Collection[int], consent: Consent) -> None:
    asked = {task.visit_id for task in _open_tasks(site, visit_ids)}
    for visit in db.session.scalars(select(Visit).where(Visit.id.in_(set(visit_ids) - asked))):
        new = tasks.NewTask(
            organisation_id=site.organisation_id,
            site_id=site.id,
            kind=tasks.CLOSED_OVER,
            due_at=consent.now,
            patient_id=visit.patient_id,
            visit_id=visit.id,
            what=f"{consent.why} Call, then move or cancel this visit.",
        )
        tasks.add(new, now=consent.now)


def visits(visit_ids: Collection[int], actor: Actor) -> list[Visit]:
    """With patient and chair, in order of time; for the page that asks."""
    rows = (
        scope.scoped(Visit, actor)
        .where(Visit.id.in_(visit_ids))
        .options(joinedload(Visit.patient), joinedload(Visit.chair))
        .order_by(Visit.starts_at, Visit.id)
    )
    return list(db.session.scalars(rows))
